#include "sim/scenario/load.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "net/base/text.hpp"
#include "sim/scenario/framing.hpp"
#include "sim/scenario/schema.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

void mark_all(YamlNode& node, std::size_t override_number) {
    node.at = {0, 0, override_number};
    for (YamlNode& item : node.items)
        mark_all(item, override_number);
    for (YamlEntry& entry : node.entries) {
        entry.at = node.at;
        mark_all(entry.value, override_number);
    }
}

/// The node that `part` names below `node`; a missing key is made, for the schema to judge.
YamlNode& step_into(YamlNode& node, std::string_view part, std::string_view so_far, const Source& source,
                    Position at) {
    const std::string place = so_far.empty() ? std::string("the scenario") : concat('\'', so_far, '\'');
    if (node.kind == YamlNode::Kind::Null) {
        // No key is a number: 0 begins a list that the file does not have.
        node.kind = part == "0" ? YamlNode::Kind::List : YamlNode::Kind::Map;
        node.at = at;
    }
    if (node.kind == YamlNode::Kind::Scalar)
        source.fail(at, concat(place, " is a single value, there is nothing below it"));
    if (node.kind == YamlNode::Kind::List) {
        const auto index = parse_whole(part, node.items.size());
        if (!index)
            source.fail(at, concat("there is no entry '", part, "' in ", place),
                        concat("it is a list of ", node.items.size(), " entries, counted from 0"));
        if (*index == node.items.size()) node.items.emplace_back();
        return node.items[*index];
    }
    if (YamlEntry* entry = node.find(part)) return entry->value;
    node.entries.push_back({std::string(part), at, {}});
    return node.entries.back().value;
}

void apply(const Override& change, std::size_t number, YamlNode& root, const Source& source) {
    const Position at{0, 0, number};
    if (change.path.size() > 200) source.fail(at, "the path is too long");
    auto value = parse_yaml(change.value);
    if (!value) source.fail(at, std::move(value.error().what), std::move(value.error().hint));
    YamlNode* node = &root;
    std::size_t begin = 0;
    const std::string_view path = change.path;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        if (end == begin)
            source.fail(at, "an empty key in the path", "such as server.busy or clients.0.name");
        const std::string_view so_far = path.substr(0, begin == 0 ? 0 : begin - 1);
        node = &step_into(*node, path.substr(begin, end - begin), so_far, source, at);
        begin = end + 1;
    }
    mark_all(*value, number);
    *node = std::move(*value);
}

}  // namespace

Result<Override, UserError> parse_override(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return failure(UserError{"expected path=value", concat("--set ", text),
                                 "such as server.busy=0 or clients.0.steps.2.wait=100ms"});
    return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<Scenario, UserError> load_text(std::string_view yaml, std::string_view name,
                                      const std::vector<Override>& overrides) {
    Source source{std::string(name), {}};
    for (const Override& change : overrides)
        source.overrides.push_back(concat(change.path, '=', change.value));
    try {
        auto root = parse_yaml(yaml);
        if (!root) source.fail(root.error().at, std::move(root.error().what), std::move(root.error().hint));
        if (root->kind == YamlNode::Kind::Null) {
            root->at = {1, 1, 0};
            source.fail(root->at, "the file holds no scenario", "see docs/SCENARIOS.md");
        }
        for (std::size_t i = 0; i < overrides.size(); ++i)
            apply(overrides[i], i + 1, *root, source);
        return read_scenario(Field(source, *root, {}));
    } catch (Mistake& mistake) {
        return failure(std::move(mistake.error));
    }
}

namespace {

/// A file's text; one byte more than is allowed, when there is more.
Result<std::string, UserError> read_text(const std::string& path) {
    std::string text(kMaxFileBytes + 1, '\0');
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    // Opening a folder succeeds, reading from it does not.
    if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
        return failure(UserError{concat("cannot read: ", std::strerror(errno != 0 ? errno : EIO)), path, {}});
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

Result<Scenario, UserError> load_file(const std::string& path, const std::vector<Override>& overrides) {
    const auto text = read_text(path);
    if (!text) return failure(text.error());
    return load_text(*text, path, overrides);
}

Result<std::string, UserError> load_framing(const std::string& path) {
    const auto text = read_text(path);
    if (!text) return failure(text.error());
    const Source source{path, {}};
    try {
        auto root = parse_yaml(*text);
        if (!root) source.fail(root.error().at, std::move(root.error().what), std::move(root.error().hint));
        return read_framing(Field(source, *root, "framing"));
    } catch (Mistake& mistake) {
        return failure(std::move(mistake.error));
    }
}

namespace {

std::optional<std::string> needs_simulator(const Host& host) {
    if (host.by_dhcp || host.dhcp_server) return "DHCP";
    if (host.dns_server || !host.dns.empty()) return "a DNS server";
    if (!host.gateway.empty()) return "gateways";
    if (host.personality != Personality::Linux) return "another personality than linux";
    return {};
}

std::optional<std::string> needs_simulator(const Step& step) {
    if (std::holds_alternative<Resolve>(step.action)) return "the step resolve";
    if (std::holds_alternative<Ping>(step.action)) return "the step ping";
    if (std::holds_alternative<Dhcp>(step.action)) return "the step dhcp";
    const auto* connect = std::get_if<Connect>(&step.action);
    if (connect != nullptr && (!connect->host.empty() || !connect->name.empty() || connect->from_port))
        return "connecting to a host, to a name or from a port";
    return {};
}

}  // namespace

std::optional<std::string> needs_simulator(const Scenario& scenario) {
    if (scenario.network != Network{}) return "a network of links";
    if (scenario.no_server || !scenario.more_servers.empty()) return "more or fewer servers than one";
    if (!scenario.server.script.empty()) return "a server's script";
    for (const Host& host : scenario.hosts)
        if (auto reason = needs_simulator(host)) return reason;
    for (const Client& client : scenario.clients)
        for (const Step& step : client.steps)
            if (auto reason = needs_simulator(step)) return reason;
    return {};
}

std::string error_line(const UserError& error) {
    std::string line = error.where.empty() ? error.what : concat(error.where, ": ", error.what);
    if (!error.hint.empty()) line += concat(" (", error.hint, ')');
    return line;
}

}  // namespace synscope::scenario
