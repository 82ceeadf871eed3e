// A scenario as YAML. Written by hand: what is needed is small, and every text is double-quoted, so that no
// value is ever taken for something else.

#include "net/base/text.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

/// A YAML double-quoted scalar (YAML 1.2 section 5.7).
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            append(out, "\\x");
            append(out, Hex{byte, 2});
        } else {
            out += c;
        }
    }
    out += '"';
    return out;
}

/// Lines of a block mapping at one indentation.
class Block {
  public:
    Block(std::string& out, int depth) : out_(out), indent_(static_cast<std::size_t>(depth) * 2, ' ') {}

    /// The next key opens a list entry: "- key: value".
    void begin_item() { first_ = true; }
    void raw(std::string_view key, std::string_view value) {
        std::string margin = indent_;
        if (first_) margin.replace(margin.size() - 2, 2, "- ");
        first_ = false;
        append(out_, margin);
        append(out_, key);
        append(out_, value.empty() ? ":" : ": ");
        append(out_, value);
        append(out_, '\n');
    }
    void text(std::string_view key, std::string_view value) { raw(key, quoted(value)); }
    template <class Int>
    void number(std::string_view key, Int value) {
        raw(key, concat(value));
    }
    void boolean(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
    void duration(std::string_view key, Duration value) { raw(key, duration_yaml(value)); }
    void translated(std::string_view key, const Translated& texts) {
        if (texts.empty()) return;
        std::string map = "{";
        for (const auto& [language, value] : texts) {
            if (map.size() > 1) map += ", ";
            map += concat(quoted(language), ": ", quoted(value));
        }
        raw(key, map + "}");
    }

  private:
    std::string& out_;
    std::string indent_;
    bool first_ = false;
};

void emit_options(std::string& out, int depth, const SocketOptions& o) {
    if (o == SocketOptions{}) return;
    Block(out, depth).raw("options", "");
    Block b(out, depth + 1);
    if (o.receive_buffer) b.number("receive_buffer", *o.receive_buffer);
    if (o.send_buffer) b.number("send_buffer", *o.send_buffer);
    if (o.no_delay) b.boolean("no_delay", *o.no_delay);
    if (o.quick_ack) b.boolean("quick_ack", *o.quick_ack);
    if (o.cork) b.boolean("cork", *o.cork);
    if (o.keep_alive) b.boolean("keep_alive", *o.keep_alive);
    if (o.linger_s) b.duration("linger", Duration::seconds(*o.linger_s));
}

void emit_hosts(std::string& out, const std::vector<Host>& hosts) {
    if (hosts.empty()) return;
    Block(out, 0).raw("hosts", "");
    Block b(out, 2);
    for (const Host& host : hosts) {
        b.begin_item();
        b.text("name", host.name);
        if (host.address) b.text("address", *host.address);
    }
}

void emit_link(std::string& out, const Link& link) {
    if (link == Link{}) return;
    Block(out, 0).raw("link", "");
    Block b(out, 1);
    if (link.rate_bits_per_second) b.raw("rate", rate_yaml(*link.rate_bits_per_second));
    b.duration("delay", link.delay);
    b.duration("jitter", link.jitter);
    b.number("mtu", link.mtu);
    if (link.queue_packets) b.number("queue", *link.queue_packets);
    if (link.queue_bytes) b.number("queue_bytes", *link.queue_bytes);
    if (link.codel)
        b.raw("codel", concat("{target: ", duration_yaml(link.codel->target),
                              ", interval: ", duration_yaml(link.codel->interval),
                              ", ecn: ", link.codel->ecn ? "true" : "false", '}'));
    b.raw("loss", probability_yaml(link.loss));
    if (link.burst_loss)
        b.raw("burst_loss", concat("{enter: ", probability_yaml(link.burst_loss->enter),
                                   ", leave: ", probability_yaml(link.burst_loss->leave),
                                   ", loss: ", probability_yaml(link.burst_loss->loss), '}'));
    b.raw("duplication", probability_yaml(link.duplication));
    b.raw("reordering", probability_yaml(link.reordering));
    b.raw("corruption", probability_yaml(link.corruption));
}

void emit_server(std::string& out, const Server& server) {
    Block(out, 0).raw("server", "");
    Block b(out, 1);
    b.text("host", server.host);
    b.text("engine", server.engine);
    b.text("service", server.service);
    b.text("framing", server.framing);
    b.number("port", server.port);
    b.number("backlog", server.backlog);
    b.duration("busy", server.busy);
    b.duration("think", server.think);
    b.duration("close_delay", server.close_delay);
    b.number("read_size", server.read_size);
    emit_options(out, 1, server.options);
    if (server.connections.empty()) return;
    std::string list = "[";
    for (const PerConnection& connection : server.connections) {
        if (list.size() > 1) list += ", ";
        list += connection.framing ? concat("{framing: ", quoted(*connection.framing), '}') : "{}";
    }
    b.raw("connections", list + "]");
}

std::string step_text(const Step& step) {
    return std::visit(
        [](const auto& action) -> std::string {
            using Action = std::decay_t<decltype(action)>;
            if constexpr (std::is_same_v<Action, Connect>) {
                return action.timeout ? concat("connect: {timeout: ", duration_yaml(*action.timeout), '}')
                                      : "connect";
            } else if constexpr (std::is_same_v<Action, Send>) {
                return concat("send: {data: ", quoted(action.data), ", repeat: ", action.repeat, '}');
            } else if constexpr (std::is_same_v<Action, Recv>) {
                if (action.bytes) return concat("recv: {bytes: ", *action.bytes, '}');
                if (action.messages) return concat("recv: {messages: ", *action.messages, '}');
                return "recv: eof";
            } else if constexpr (std::is_same_v<Action, Wait>) {
                return concat("wait: ", duration_yaml(action.duration));
            } else if constexpr (std::is_same_v<Action, Shutdown>) {
                constexpr std::string_view kHow[] = {"read", "write", "both"};
                return concat("shutdown: ", kHow[static_cast<std::size_t>(action.how)]);
            } else if constexpr (std::is_same_v<Action, Close>) {
                return "close";
            } else {
                static_assert(std::is_same_v<Action, Mark>);
                return concat("mark: ", quoted(action.name));
            }
        },
        step.action);
}

void emit_clients(std::string& out, const std::vector<Client>& clients) {
    Block(out, 0).raw("clients", "");
    for (const Client& client : clients) {
        Block b(out, 2);
        b.begin_item();
        b.text("name", client.name);
        b.text("host", client.host);
        if (!client.after.empty()) b.text("after", client.after);
        b.text("framing", client.framing);
        emit_options(out, 2, client.options);
        b.raw("steps", client.steps.empty() ? "[]" : "");
        for (const Step& step : client.steps)
            append(out, concat("      - ", step_text(step), '\n'));
    }
}

void emit_rules(std::string& out, const std::vector<WireRule>& rules) {
    if (rules.empty()) return;
    constexpr std::string_view kActions[] = {"drop", "delay", "duplicate"};
    Block(out, 0).raw("rules", "");
    Block b(out, 2);
    for (const WireRule& rule : rules) {
        b.begin_item();
        b.raw("action", kActions[static_cast<std::size_t>(rule.action)]);
        if (!rule.from.empty()) b.text("from", rule.from);
        if (rule.nth) b.number("nth", *rule.nth);
        if (rule.flags) b.text("flags", *rule.flags);
        if (rule.min_payload) b.number("min_payload", *rule.min_payload);
        if (rule.action == RuleAction::Delay) b.duration("delay", rule.delay);
        if (rule.sequence) b.text("sequence", concat(rule.sequence->first, ':', rule.sequence->end));
        if (rule.packet) b.number("packet", *rule.packet);
    }
}

void emit_narration(std::string& out, const std::vector<Narration>& narration) {
    if (narration.empty()) return;
    Block(out, 0).raw("narration", "");
    Block b(out, 2);
    for (const Narration& n : narration) {
        b.begin_item();
        b.text("at", n.at);
        b.translated("title", n.title);
        b.translated("text", n.text);
    }
}

}  // namespace

std::string to_yaml(const Scenario& scenario) {
    std::string out;
    Block b(out, 0);
    b.number("version", scenario.version);
    if (!scenario.name.empty()) b.text("name", scenario.name);
    b.translated("title", scenario.title);
    b.number("seed", scenario.seed);
    emit_hosts(out, scenario.hosts);
    emit_link(out, scenario.link);
    emit_server(out, scenario.server);
    emit_clients(out, scenario.clients);
    emit_rules(out, scenario.rules);
    emit_narration(out, scenario.narration);
    return out;
}

}  // namespace synscope::scenario
