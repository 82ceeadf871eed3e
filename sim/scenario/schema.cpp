#include "sim/scenario/schema.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "net/base/address.hpp"
#include "net/base/text.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr std::size_t kMaxClients = 64;
constexpr std::size_t kMaxRules = 100;
constexpr std::size_t kMaxNarration = 200;
constexpr std::size_t kMaxConnections = 1000;
constexpr std::uint64_t kMaxBuffer = 1u << 30;

template <class Value, class Read>
void read(const Fields& keys, std::string_view key, Value& value, Read read_field) {
    if (const auto field = keys.get(key)) value = read_field(*field);
}

/// "en", "zh-CN": RFC 5646 in its simple form.
bool is_language_tag(std::string_view tag) {
    std::size_t length = 0;
    bool first = true;
    for (const char c : tag) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-') {
            if (length < 2) return false;
            length = 0;
            first = false;
        } else if (!letter && (first || c < '0' || c > '9')) {
            return false;
        } else if (++length > (first ? 3u : 8u)) {
            return false;
        }
    }
    return length >= 2;
}

Translated read_translated(const Field& field) {
    if (field.node().kind != YamlNode::Kind::Map) return {{"en", field.text()}};
    Translated texts;
    for (const YamlEntry& entry : field.node().entries) {
        if (!is_language_tag(entry.key))
            field.source().fail(entry.at, concat("'", entry.key, "' is no language tag"),
                                "such as en or zh-CN");
        texts[entry.key] = Field(field.source(), entry.value, concat(field.path(), '.', entry.key)).text();
    }
    if (texts.empty()) field.fail(concat(field.path(), " has no text"));
    return texts;
}

void check_address(const Field& field, const std::string& text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(std::string_view(text).substr(0, slash));
    const auto prefix = slash == std::string::npos ? std::nullopt
                                                   : parse_whole(std::string_view(text).substr(slash + 1),
                                                                 address && address->family == 4 ? 32 : 128);
    if (!address || !prefix)
        field.fail(concat(field.path(), " must be an address with prefix length, not '", text, "'"),
                   "such as 10.0.0.1/24 or fd00::1/64");
}

Host read_host(const Field& field) {
    if (field.node().kind == YamlNode::Kind::Scalar) return {field.name(), {}};
    const Fields keys(field, {"name", "address"});
    Host host;
    host.name = keys.require("name").name();
    if (const auto address = keys.get("address")) {
        host.address = address->text();
        check_address(*address, *host.address);
    }
    return host;
}

std::vector<Host> read_hosts(const std::optional<Field>& field) {
    if (!field) return {{"client", {}}, {"server", {}}};
    std::vector<Host> hosts;
    for (const Field& item : field->list(kMaxHosts)) {
        Host host = read_host(item);
        for (const Host& other : hosts)
            if (other.name == host.name) item.fail(concat("host '", host.name, "' is there twice"));
        hosts.push_back(std::move(host));
    }
    if (hosts.empty()) field->fail("hosts is empty", "leave it out for the two hosts client and server");
    return hosts;
}

/// `given` names a host, or the host called `usual` is meant.
std::string read_host_of(const Fields& keys, const Field& owner, const std::vector<Host>& hosts,
                         std::string_view usual) {
    const auto given = keys.get("host");
    const std::string name = given ? given->name() : std::string(usual);
    std::vector<std::string_view> names;
    for (const Host& host : hosts)
        names.push_back(host.name);
    if (std::find(names.begin(), names.end(), name) == names.end())
        (given ? *given : owner)
            .fail(concat(owner.path(), " runs on host '", name, "', which is not among hosts"),
                  did_you_mean(name, names));
    return name;
}

BurstLoss read_burst_loss(const Field& field) {
    const Fields keys(field, {"enter", "leave", "loss"});
    BurstLoss burst;
    burst.enter = keys.require("enter").probability();
    burst.leave = keys.require("leave").probability();
    read(keys, "loss", burst.loss, [](const Field& f) { return f.probability(); });
    return burst;
}

/// "codel: true", or with its numbers.
std::optional<CoDel> read_codel(const Field& field) {
    if (field.node().kind == YamlNode::Kind::Scalar)
        return field.boolean() ? std::optional<CoDel>{CoDel{}} : std::nullopt;
    const Fields keys(field, {"target", "interval", "ecn"});
    CoDel codel;
    const auto positive = [](const Field& f) {
        const Duration d = f.duration();
        if (d == Duration{}) f.fail(concat(f.path(), " must not be 0"));
        return d;
    };
    read(keys, "target", codel.target, positive);
    read(keys, "interval", codel.interval, positive);
    read(keys, "ecn", codel.ecn, [](const Field& f) { return f.boolean(); });
    return codel;
}

Link read_link(const Field& field) {
    const Fields keys(field, {"rate", "delay", "jitter", "mtu", "queue", "queue_bytes", "codel", "loss",
                              "burst_loss", "duplication", "reordering", "corruption"});
    Link link;
    const auto duration = [](const Field& f) { return f.duration(); };
    const auto probability = [](const Field& f) { return f.probability(); };
    read(keys, "rate", link.rate_bits_per_second, [](const Field& f) { return f.rate(); });
    read(keys, "delay", link.delay, duration);
    read(keys, "jitter", link.jitter, duration);
    // RFC 791 asks every link for 68; 9216 is the largest jumbo frame in common use.
    read(keys, "mtu", link.mtu, [](const Field& f) { return static_cast<std::uint32_t>(f.whole(68, 9216)); });
    read(keys, "queue", link.queue_packets,
         [](const Field& f) { return static_cast<std::uint32_t>(f.whole(1, 1'000'000)); });
    read(keys, "queue_bytes", link.queue_bytes, [](const Field& f) { return f.size(1, kMaxBuffer); });
    read(keys, "codel", link.codel, read_codel);
    read(keys, "loss", link.loss, probability);
    read(keys, "burst_loss", link.burst_loss, read_burst_loss);
    read(keys, "duplication", link.duplication, probability);
    read(keys, "reordering", link.reordering, probability);
    read(keys, "corruption", link.corruption, probability);
    return link;
}

SocketOptions read_options(const Field& field) {
    const Fields keys(
        field, {"receive_buffer", "send_buffer", "no_delay", "quick_ack", "cork", "keep_alive", "linger"});
    SocketOptions options;
    const auto boolean = [](const Field& f) { return f.boolean(); };
    const auto buffer = [](const Field& f) { return static_cast<int>(f.size(1, kMaxBuffer)); };
    read(keys, "receive_buffer", options.receive_buffer, buffer);
    read(keys, "send_buffer", options.send_buffer, buffer);
    read(keys, "no_delay", options.no_delay, boolean);
    read(keys, "quick_ack", options.quick_ack, boolean);
    read(keys, "cork", options.cork, boolean);
    read(keys, "keep_alive", options.keep_alive, boolean);
    read(keys, "linger", options.linger_s, [](const Field& f) {
        const Duration d = f.duration();
        if (d.ns % 1'000'000'000 != 0)
            f.fail(concat(f.path(), " must be whole seconds"), "SO_LINGER counts in seconds");
        return static_cast<int>(d.ns / 1'000'000'000);
    });
    return options;
}

PerConnection read_per_connection(const Field& field) {
    const Fields keys(field, {"framing"});
    PerConnection connection;
    read(keys, "framing", connection.framing, [](const Field& f) { return f.name(); });
    return connection;
}

Server read_server(const Field& field, const std::vector<Host>& hosts) {
    const Fields keys(field, {"host", "engine", "service", "framing", "port", "backlog", "busy", "think",
                              "close_delay", "read_size", "options", "connections"});
    Server server;
    const auto name = [](const Field& f) { return f.name(); };
    const auto duration = [](const Field& f) { return f.duration(); };
    server.host = read_host_of(keys, field, hosts, "server");
    read(keys, "engine", server.engine, name);
    read(keys, "service", server.service, name);
    read(keys, "framing", server.framing, name);
    read(keys, "port", server.port,
         [](const Field& f) { return static_cast<std::uint16_t>(f.whole(0, 65535)); });
    read(keys, "backlog", server.backlog, [](const Field& f) { return static_cast<int>(f.whole(0, 65535)); });
    read(keys, "busy", server.busy, duration);
    read(keys, "think", server.think, duration);
    read(keys, "close_delay", server.close_delay, duration);
    read(keys, "read_size", server.read_size,
         [](const Field& f) { return static_cast<std::uint32_t>(f.size(1, 16u << 20)); });
    read(keys, "options", server.options, read_options);
    if (const auto connections = keys.get("connections"))
        for (const Field& item : connections->list(kMaxConnections))
            server.connections.push_back(read_per_connection(item));
    return server;
}

Client read_client(const Field& field, std::size_t index, const Scenario& scenario) {
    const Fields keys(field, {"name", "host", "after", "framing", "options", "steps"});
    Client client;
    client.name = concat("client-", index + 1);
    const auto name = [](const Field& f) { return f.name(); };
    read(keys, "name", client.name, name);
    for (const Client& other : scenario.clients)
        if (other.name == client.name) field.fail(concat("client '", client.name, "' is there twice"));
    client.host = read_host_of(keys, field, scenario.hosts, "client");
    // Only clients above can be waited for, so nobody ever waits in a circle.
    if (const auto after = keys.get("after")) {
        client.after = after->name();
        std::vector<std::string_view> names;
        for (const Client& other : scenario.clients)
            names.push_back(other.name);
        if (std::find(names.begin(), names.end(), client.after) == names.end())
            after->fail(
                concat("no client '", client.after, "' above this one"),
                names.empty() ? std::string("this is the first client") : did_you_mean(client.after, names));
    }
    read(keys, "framing", client.framing, name);
    read(keys, "options", client.options, read_options);
    client.steps = read_steps(keys.require("steps"), client.framing != "none");
    return client;
}

void check_flags(const Field& field, const std::string& text) {
    const bool good =
        !text.empty() && text.size() <= 12 && text.find_first_not_of("SFRP.UEWe-") == std::string::npos;
    if (!good)
        field.fail(concat(field.path(), " must be TCP flags, not '", text, "'"),
                   "letters of S F R P . U E W e, such as \"S\" or \"P.\"");
}

/// "1:1461", as the ladder writes it.
SequenceRange read_sequence(const Field& field) {
    const std::string text = field.text();
    const auto colon = text.find(':');
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto first = parse_whole(std::string_view(text).substr(0, colon), kMost);
    const auto end = colon == std::string::npos
                         ? std::nullopt
                         : parse_whole(std::string_view(text).substr(colon + 1), kMost);
    if (!first || !end || *first >= *end)
        field.fail(concat(field.path(), " must be sequence numbers first:end, not '", text, "'"),
                   "as the ladder writes them: the SYN is 0:1, the first 1000 bytes are 1:1001");
    return {static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*end)};
}

WireRule read_rule(const Field& field, const std::vector<Host>& hosts) {
    const Fields keys(field,
                      {"action", "from", "nth", "flags", "min_payload", "delay", "sequence", "packet"});
    WireRule rule;
    rule.action = static_cast<RuleAction>(keys.require("action").one_of({"drop", "delay", "duplicate"}));
    if (const auto from = keys.get("from")) {
        rule.from = from->name();
        if (std::none_of(hosts.begin(), hosts.end(), [&](const Host& h) { return h.name == rule.from; }))
            from->fail(concat("host '", rule.from, "' is not among hosts"));
    }
    const auto count = [](const Field& f) {
        return static_cast<std::uint32_t>(f.whole(1, std::numeric_limits<std::uint32_t>::max()));
    };
    read(keys, "nth", rule.nth, count);
    read(keys, "min_payload", rule.min_payload, count);
    if (const auto flags = keys.get("flags")) {
        rule.flags = flags->text();
        check_flags(*flags, *rule.flags);
    }
    read(keys, "sequence", rule.sequence, read_sequence);
    read(keys, "packet", rule.packet,
         [](const Field& f) { return f.whole(0, std::numeric_limits<std::int64_t>::max()); });
    const auto delay = keys.get("delay");
    if (rule.action == RuleAction::Delay && !delay) field.fail("a delay rule needs the key 'delay'");
    if (rule.action != RuleAction::Delay && delay) delay->fail("only a delay rule has a delay");
    if (delay) rule.delay = delay->duration();
    return rule;
}

/// Every marker once, or narration could not tell which is meant.
std::vector<std::string_view> check_marks(const Field& clients, const std::vector<Client>& list) {
    std::vector<std::string_view> marks;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = 0; j < list[i].steps.size(); ++j) {
            const auto* mark = std::get_if<Mark>(&list[i].steps[j].action);
            if (mark == nullptr) continue;
            const YamlNode& steps = clients.node().items[i].find("steps")->value;
            if (!seen.insert(mark->name).second)
                clients.source().fail(steps.items[j].at, concat("mark '", mark->name, "' is there twice"));
            marks.push_back(mark->name);
        }
    }
    return marks;
}

Narration read_narration(const Field& field, const std::vector<std::string_view>& marks) {
    const Fields keys(field, {"at", "title", "text"});
    Narration narration;
    const Field at = keys.require("at");
    narration.at = at.name();
    if (std::find(marks.begin(), marks.end(), narration.at) == marks.end())
        at.fail(concat("no client has a mark '", narration.at, "'"),
                marks.empty() ? std::string() : did_you_mean(narration.at, marks));
    read(keys, "title", narration.title, read_translated);
    read(keys, "text", narration.text, read_translated);
    return narration;
}

void read_version(const Field& field) {
    const std::uint64_t version = field.whole(1, 1'000'000);
    if (version > static_cast<std::uint64_t>(kSchemaVersion))
        field.fail(
            concat("written for schema version ", version, ", this program reads up to ", kSchemaVersion),
            "a newer Synscope is needed");
}

}  // namespace

Scenario read_scenario(const Field& root) {
    const Fields keys(root, {"version", "name", "title", "seed", "hosts", "link", "server", "clients",
                             "rules", "narration"});
    read_version(keys.require("version"));
    Scenario scenario;
    read(keys, "name", scenario.name, [](const Field& f) { return f.name(); });
    read(keys, "title", scenario.title, read_translated);
    read(keys, "seed", scenario.seed,
         [](const Field& f) { return f.whole(0, std::numeric_limits<std::uint64_t>::max()); });
    scenario.hosts = read_hosts(keys.get("hosts"));
    read(keys, "link", scenario.link, read_link);
    YamlNode no_server;
    no_server.kind = YamlNode::Kind::Map;
    no_server.at = root.node().at;
    scenario.server =
        read_server(keys.get("server").value_or(Field(root.source(), no_server, "server")), scenario.hosts);
    const Field clients = keys.require("clients");
    std::size_t index = 0;
    for (const Field& item : clients.list(kMaxClients))
        scenario.clients.push_back(read_client(item, index++, scenario));
    if (scenario.clients.empty()) clients.fail("clients is empty", "a scenario needs at least one client");
    if (const auto rules = keys.get("rules"))
        for (const Field& item : rules->list(kMaxRules))
            scenario.rules.push_back(read_rule(item, scenario.hosts));
    const auto marks = check_marks(clients, scenario.clients);
    if (const auto narration = keys.get("narration"))
        for (const Field& item : narration->list(kMaxNarration))
            scenario.narration.push_back(read_narration(item, marks));
    return scenario;
}

}  // namespace synscope::scenario
