// A scenario as YAML. Written by hand: what is needed is small, and every text is double-quoted, so that no
// value is ever taken for something else.

#include "net/base/text.hpp"
#include "sim/scenario/emit_block.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

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
    if (o.keep_alive_idle_s) b.duration("keep_alive_idle", Duration::seconds(*o.keep_alive_idle_s));
    if (o.keep_alive_interval_s)
        b.duration("keep_alive_interval", Duration::seconds(*o.keep_alive_interval_s));
    if (o.keep_alive_count) b.number("keep_alive_count", *o.keep_alive_count);
    if (o.user_timeout_ms) b.duration("user_timeout", Duration::milliseconds(*o.user_timeout_ms));
    if (o.max_segment) b.number("max_segment", *o.max_segment);
    if (o.syn_retries) b.number("syn_retries", *o.syn_retries);
    if (o.congestion) b.text("congestion", *o.congestion);
    if (o.linger_s) b.duration("linger", Duration::seconds(*o.linger_s));
}

std::string step_words(const Connect& connect) {
    std::string keys;
    const auto add = [&](std::string_view key, const std::string& value) {
        keys += concat(keys.empty() ? "connect: {" : ", ", key, ": ", value);
    };
    if (connect.timeout) add("timeout", duration_yaml(*connect.timeout));
    if (!connect.host.empty()) add("host", quoted(connect.host));
    if (!connect.name.empty()) add("name", quoted(connect.name));
    if (connect.port) add("port", concat(*connect.port));
    if (connect.from_port) add("from_port", concat(*connect.from_port));
    if (!connect.blocking) add("blocking", "false");
    return keys.empty() ? "connect" : keys + "}";
}
std::string pace_words(std::optional<std::uint32_t> chunk, Duration every) {
    std::string keys;
    if (chunk) keys += concat(", chunk: ", *chunk);
    if (every.ns != 0) keys += concat(", every: ", duration_yaml(every));
    return keys;
}
std::string step_words(const Send& send) {
    return concat("send: {data: ", quoted(send.data), ", repeat: ", send.repeat,
                  pace_words(send.chunk, send.every), '}');
}
std::string step_words(const Recv& recv) {
    std::string keys = recv.bytes      ? concat("bytes: ", *recv.bytes)
                       : recv.messages ? concat("messages: ", *recv.messages)
                                       : std::string("eof: true");
    if (recv.timeout) keys += concat(", timeout: ", duration_yaml(*recv.timeout));
    return concat("recv: {", keys, pace_words(recv.chunk, recv.every), '}');
}
std::string step_words(const Wait& wait) {
    return concat("wait: ", duration_yaml(wait.duration));
}
std::string step_words(const Shutdown& shutdown) {
    constexpr std::string_view kHow[] = {"read", "write", "both"};
    return concat("shutdown: ", kHow[static_cast<std::size_t>(shutdown.how)]);
}
std::string step_words(const Close&) {
    return "close";
}
std::string step_words(const Mark& mark) {
    return concat("mark: ", quoted(mark.name));
}
std::string step_words(const Reset&) {
    return "reset";
}
std::string step_words(const Resolve& resolve) {
    return concat("resolve: ", quoted(resolve.name));
}
std::string step_words(const Ping& ping) {
    return concat(
        "ping: {", ping.name.empty() ? "host: " : "name: ", quoted(ping.name.empty() ? ping.host : ping.name),
        ", count: ", ping.count, ", size: ", ping.size, ", every: ", duration_yaml(ping.every), '}');
}
std::string step_words(const Dhcp&) {
    return "dhcp";
}

std::string step_text(const Step& step) {
    return std::visit([](const auto& action) { return step_words(action); }, step.action);
}

void emit_steps(std::string& out, const std::vector<Step>& steps) {
    for (const Step& step : steps)
        append(out, concat("      - ", step_text(step), '\n'));
}

void emit_server(std::string& out, const Server& server) {
    Block b(out, 2);
    b.begin_item();
    b.text("host", server.host);
    b.text("engine", server.engine);
    if (server.script.empty()) b.text("service", server.service);
    b.text("framing", server.framing);
    b.number("port", server.port);
    b.number("backlog", server.backlog);
    b.duration("busy", server.busy);
    b.duration("think", server.think);
    b.duration("close_delay", server.close_delay);
    b.number("read_size", server.read_size);
    emit_options(out, 2, server.options);
    if (!server.script.empty()) {
        b.raw("script", "");
        emit_steps(out, server.script);
    }
    if (server.connections.empty()) return;
    std::string list = "[";
    for (const PerConnection& connection : server.connections) {
        if (list.size() > 1) list += ", ";
        list += connection.framing ? concat("{framing: ", quoted(*connection.framing), '}') : "{}";
    }
    b.raw("connections", list + "]");
}

void emit_servers(std::string& out, const Scenario& scenario) {
    Block(out, 0).raw("servers", scenario.no_server ? "[]" : "");
    if (scenario.no_server) return;
    emit_server(out, scenario.server);
    for (const Server& server : scenario.more_servers)
        emit_server(out, server);
}

void emit_clients(std::string& out, const std::vector<Client>& clients) {
    Block(out, 0).raw("clients", "");
    for (const Client& client : clients) {
        Block b(out, 2);
        b.begin_item();
        b.text("name", client.name);
        b.text("host", client.host);
        if (!client.after.empty()) b.text("after", client.after);
        if (client.transport == Transport::Udp) b.raw("transport", "udp");
        b.text("framing", client.framing);
        if (client.count != 1) b.number("count", client.count);
        emit_options(out, 2, client.options);
        b.raw("steps", client.steps.empty() ? "[]" : "");
        emit_steps(out, client.steps);
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
        if (rule.sequence) b.text("sequence", concat(rule.sequence->first, ':', rule.sequence->end));
        if (rule.packet) b.number("packet", *rule.packet);
        if (rule.action == RuleAction::Delay) b.duration("delay", rule.delay);
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
    emit_network(out, scenario.network);
    emit_servers(out, scenario);
    emit_clients(out, scenario.clients);
    emit_rules(out, scenario.rules);
    emit_narration(out, scenario.narration);
    return out;
}

}  // namespace synscope::scenario
