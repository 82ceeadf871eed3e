#include "sim/scenario/schema.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "net/base/text.hpp"
#include "sim/scenario/datagrams.hpp"
#include "sim/scenario/framing.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

constexpr std::size_t kMaxClients = 64;
/// Of one crowd: as many sockets as one program can be expected to hold.
constexpr std::size_t kMaxCount = 10'000;
constexpr std::size_t kMaxServers = 64;
constexpr std::size_t kMaxRules = 100;
constexpr std::size_t kMaxNarration = 200;
constexpr std::size_t kMaxConnections = 1000;
constexpr std::uint64_t kMaxBuffer = 1u << 30;

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

SocketOptions read_options(const Field& field) {
    const Fields keys(field, {"receive_buffer", "send_buffer", "no_delay", "quick_ack", "cork", "keep_alive",
                              "keep_alive_idle", "keep_alive_interval", "keep_alive_count", "user_timeout",
                              "max_segment", "syn_retries", "congestion", "linger"});
    SocketOptions options;
    const auto boolean = [](const Field& f) { return f.boolean(); };
    const auto buffer = [](const Field& f) { return static_cast<int>(f.size(1, kMaxBuffer)); };
    read_key(keys, "receive_buffer", options.receive_buffer, buffer);
    read_key(keys, "send_buffer", options.send_buffer, buffer);
    read_key(keys, "no_delay", options.no_delay, boolean);
    read_key(keys, "quick_ack", options.quick_ack, boolean);
    read_key(keys, "cork", options.cork, boolean);
    read_key(keys, "keep_alive", options.keep_alive, boolean);
    // What the kernel counts in whole seconds: SO_LINGER, TCP_KEEPIDLE, TCP_KEEPINTVL.
    const auto seconds = [](const Field& f) {
        const Duration d = f.duration();
        if (d.ns % 1'000'000'000 != 0)
            f.fail(concat(f.path(), " must be whole seconds"), "the kernel counts it in seconds");
        return static_cast<int>(d.ns / 1'000'000'000);
    };
    const auto number = [](std::uint64_t least, std::uint64_t most) {
        return [=](const Field& f) { return static_cast<int>(f.whole(least, most)); };
    };
    read_key(keys, "linger", options.linger_s, seconds);
    read_key(keys, "keep_alive_idle", options.keep_alive_idle_s, seconds);
    read_key(keys, "keep_alive_interval", options.keep_alive_interval_s, seconds);
    read_key(keys, "keep_alive_count", options.keep_alive_count, number(1, 127));
    read_key(keys, "user_timeout", options.user_timeout_ms,
             [](const Field& f) { return static_cast<int>(f.duration().ns / 1'000'000); });
    read_key(keys, "max_segment", options.max_segment, number(88, 32767));
    read_key(keys, "syn_retries", options.syn_retries, number(1, 127));
    read_key(keys, "congestion", options.congestion, [](const Field& f) { return f.name(); });
    return options;
}

PerConnection read_per_connection(const Field& field) {
    const Fields keys(field, {"framing"});
    PerConnection connection;
    read_key(keys, "framing", connection.framing, read_framing);
    return connection;
}

Server read_server(const Field& field, const std::vector<Host>& hosts) {
    const Fields keys(field, {"host", "engine", "service", "framing", "port", "backlog", "busy", "think",
                              "close_delay", "read_size", "options", "connections", "script"});
    Server server;
    const auto name = [](const Field& f) { return f.name(); };
    const auto duration = [](const Field& f) { return f.duration(); };
    server.host = read_host_of(keys, field, hosts, "server");
    read_key(keys, "engine", server.engine, name);
    read_key(keys, "service", server.service, name);
    read_key(keys, "framing", server.framing, read_framing);
    read_key(keys, "port", server.port,
             [](const Field& f) { return static_cast<std::uint16_t>(f.whole(0, 65535)); });
    read_key(keys, "backlog", server.backlog,
             [](const Field& f) { return static_cast<int>(f.whole(0, 65535)); });
    read_key(keys, "busy", server.busy, duration);
    read_key(keys, "think", server.think, duration);
    read_key(keys, "close_delay", server.close_delay, duration);
    read_key(keys, "read_size", server.read_size,
             [](const Field& f) { return static_cast<std::uint32_t>(f.size(1, 16u << 20)); });
    read_key(keys, "options", server.options, read_options);
    if (const auto connections = keys.get("connections"))
        for (const Field& item : connections->list(kMaxConnections))
            server.connections.push_back(read_per_connection(item));
    if (const auto script = keys.get("script")) {
        if (keys.get("service")) script->fail("a server has either a service or a script");
        server.script = read_steps(*script, {server.framing != "none", true, 1, false});
        if (server.script.empty()) script->fail("the script has no step");
    }
    return server;
}

/// `server`, `servers`, or a server with all defaults.
void read_servers(const Fields& keys, const Field& root, Scenario& scenario) {
    if (const auto list = keys.get("servers")) {
        if (keys.get("server")) list->fail("a scenario has either 'server' or 'servers'");
        std::vector<Server> servers;
        for (const Field& item : list->list(kMaxServers))
            servers.push_back(read_server(item, scenario.hosts));
        scenario.no_server = servers.empty();
        if (servers.empty()) return;
        scenario.server = servers.front();
        scenario.more_servers.assign(servers.begin() + 1, servers.end());
        return;
    }
    YamlNode nothing;
    nothing.kind = YamlNode::Kind::Map;
    nothing.at = root.node().at;
    scenario.server =
        read_server(keys.get("server").value_or(Field(root.source(), nothing, "server")), scenario.hosts);
}

/// A script in datagrams says and waits for nothing that only a stream has.
void check_datagrams(const Field& field, const Fields& keys, const Client& client) {
    const auto wrong = why_not_datagrams(client);
    if (!wrong) return;
    if (wrong->step != nullptr) {
        const Step& step = *wrong->step;
        field.source().fail({step.line, step.column, step.override_number}, wrong->what, wrong->hint);
    }
    keys.require(wrong->key).fail(wrong->what, wrong->hint);
}

Client read_client(const Field& field, std::size_t index, const Scenario& scenario) {
    const Fields keys(field, {"name", "host", "after", "transport", "framing", "options", "steps", "count"});
    Client client;
    client.name = concat("client-", index + 1);
    const auto name = [](const Field& f) { return f.name(); };
    read_key(keys, "name", client.name, name);
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
    read_key(keys, "framing", client.framing, read_framing);
    read_key(keys, "options", client.options, read_options);
    read_key(keys, "count", client.count,
             [](const Field& f) { return static_cast<std::uint32_t>(f.whole(1, kMaxCount)); });
    read_key(keys, "transport", client.transport, [](const Field& f) {
        return static_cast<Transport>(f.one_of({"tcp", "udp"}));
    });
    const bool datagrams = client.transport == Transport::Udp;
    client.steps =
        read_steps(keys.require("steps"), {client.framing != "none", false, client.count, datagrams});
    if (datagrams) check_datagrams(field, keys, client);
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
                      {"action", "from", "nth", "flags", "min_payload", "sequence", "packet", "delay"});
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
    read_key(keys, "nth", rule.nth, count);
    read_key(keys, "min_payload", rule.min_payload, count);
    if (const auto flags = keys.get("flags")) {
        rule.flags = flags->text();
        check_flags(*flags, *rule.flags);
    }
    read_key(keys, "sequence", rule.sequence, read_sequence);
    read_key(keys, "packet", rule.packet,
             [](const Field& f) { return f.whole(0, std::numeric_limits<std::int64_t>::max()); });
    const auto delay = keys.get("delay");
    if (rule.action == RuleAction::Delay && !delay) field.fail("a delay rule needs the key 'delay'");
    if (rule.action != RuleAction::Delay && delay) delay->fail("only a delay rule has a delay");
    if (delay) rule.delay = delay->duration();
    return rule;
}

/// Every marker once, or narration could not tell which is meant.
std::vector<std::string_view> check_marks(const Field& root, const Scenario& scenario) {
    std::vector<std::string_view> marks;
    std::set<std::string_view> seen;
    const auto check = [&](const std::vector<Step>& steps) {
        for (const Step& step : steps) {
            const auto* mark = std::get_if<Mark>(&step.action);
            if (mark == nullptr) continue;
            if (!seen.insert(mark->name).second)
                root.source().fail({step.line, step.column, step.override_number},
                                   concat("mark '", mark->name, "' is there twice"));
            marks.push_back(mark->name);
        }
    };
    for (const Client& client : scenario.clients)
        check(client.steps);
    if (scenario.no_server) return marks;
    check(scenario.server.script);
    for (const Server& server : scenario.more_servers)
        check(server.script);
    return marks;
}

Narration read_narration(const Field& field, const std::vector<std::string_view>& marks) {
    const Fields keys(field, {"at", "title", "text"});
    Narration narration;
    const Field at = keys.require("at");
    narration.at = at.name();
    if (std::find(marks.begin(), marks.end(), narration.at) == marks.end())
        at.fail(concat("nobody has a mark '", narration.at, "'"),
                marks.empty() ? std::string() : did_you_mean(narration.at, marks));
    read_key(keys, "title", narration.title, read_translated);
    read_key(keys, "text", narration.text, read_translated);
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
    const Fields keys(root, {"version", "name", "title", "seed", "hosts", "link", "network", "server",
                             "servers", "clients", "rules", "narration"});
    read_version(keys.require("version"));
    Scenario scenario;
    read_key(keys, "name", scenario.name, [](const Field& f) { return f.name(); });
    read_key(keys, "title", scenario.title, read_translated);
    read_key(keys, "seed", scenario.seed,
             [](const Field& f) { return f.whole(0, std::numeric_limits<std::uint64_t>::max()); });
    scenario.hosts = read_hosts(keys.get("hosts"));
    read_key(keys, "link", scenario.link, read_link);
    if (const auto network = keys.get("network"))
        scenario.network = read_network(*network, scenario.hosts, scenario.link);
    read_servers(keys, root, scenario);
    const Field clients = keys.require("clients");
    std::size_t index = 0;
    for (const Field& item : clients.list(kMaxClients))
        scenario.clients.push_back(read_client(item, index++, scenario));
    if (scenario.clients.empty()) clients.fail("clients is empty", "a scenario needs at least one client");
    if (const auto rules = keys.get("rules"))
        for (const Field& item : rules->list(kMaxRules))
            scenario.rules.push_back(read_rule(item, scenario.hosts));
    const auto marks = check_marks(root, scenario);
    if (const auto narration = keys.get("narration"))
        for (const Field& item : narration->list(kMaxNarration))
            scenario.narration.push_back(read_narration(item, marks));
    return scenario;
}

}  // namespace synscope::scenario
