// The boxes of a scenario and what joins them: hosts, link, network.
#include <algorithm>

#include "net/base/address.hpp"
#include "net/base/text.hpp"
#include "sim/scenario/schema.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr std::size_t kMaxBoxes = 32;
constexpr std::size_t kMaxNames = 200;

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

std::string read_ipv4(const Field& field) {
    std::string text = field.text();
    const auto address = IpAddress::parse(text);
    if (!address || address->family != 4)
        field.fail(concat(field.path(), " must be an IPv4 address, not '", text, "'"), "such as 10.0.0.1");
    return text;
}

std::string read_ipv4_prefix(const Field& field) {
    std::string text = field.text();
    check_address(field, text);
    if (IpAddress::parse(std::string_view(text).substr(0, text.find('/')))->family != 4)
        field.fail(concat(field.path(), " must be an IPv4 address with prefix length"),
                   "such as 10.0.0.1/24");
    return text;
}

/// RFC 1035 section 2.3.1, with digits in front as RFC 1123 section 2.1 allows.
std::string read_domain_name(const Field& field, const std::string& text) {
    std::size_t label = 0;
    bool good = !text.empty() && text.size() <= 253;
    for (const char c : text) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        good = good && (c == '.' ? label > 0 : letter && label < 63);
        label = c == '.' ? 0 : label + 1;
    }
    if (!good || label == 0)
        field.fail(concat("'", text.substr(0, 60), "' is no domain name"), "such as www.example");
    return text;
}

DnsServer read_dns_server(const Field& field) {
    const Fields keys(field, {"names", "ttl"});
    DnsServer server;
    const Field names = keys.require("names");
    if (names.node().kind != YamlNode::Kind::Map || names.node().entries.size() > kMaxNames)
        names.fail(concat(names.path(), " must be at most ", kMaxNames, " names with their addresses"),
                   "such as {www.example: 10.0.0.2}");
    for (const YamlEntry& entry : names.node().entries) {
        const Field address(field.source(), entry.value, concat(names.path(), '.', entry.key));
        server.names[read_domain_name(address, entry.key)] = read_ipv4(address);
    }
    read_key(keys, "ttl", server.ttl, [](const Field& f) { return f.duration(); });
    return server;
}

DhcpServer read_dhcp_server(const Field& field) {
    const Fields keys(field, {"first", "last", "lease", "gateway", "dns"});
    DhcpServer server;
    server.first = read_ipv4(keys.require("first"));
    server.last = read_ipv4(keys.require("last"));
    if (address_less(*IpAddress::parse(server.last), *IpAddress::parse(server.first)))
        field.fail(concat(field.path(), ": last lies before first"));
    read_key(keys, "lease", server.lease, [](const Field& f) { return f.duration(); });
    read_key(keys, "gateway", server.gateway, read_ipv4);
    read_key(keys, "dns", server.dns, read_ipv4);
    return server;
}

Host read_host(const Field& field) {
    Host host;
    if (field.node().kind == YamlNode::Kind::Scalar) {
        host.name = field.name();
        return host;
    }
    const Fields keys(field,
                      {"name", "address", "gateway", "dns", "personality", "dns_server", "dhcp_server"});
    host.name = keys.require("name").name();
    if (const auto address = keys.get("address")) {
        const std::string text = address->text();
        host.by_dhcp = text == "dhcp";
        if (!host.by_dhcp) {
            check_address(*address, text);
            host.address = text;
        }
    }
    read_key(keys, "gateway", host.gateway, read_ipv4);
    read_key(keys, "dns", host.dns, read_ipv4);
    read_key(keys, "personality", host.personality, [](const Field& f) {
        return static_cast<Personality>(f.one_of({"linux", "bsd"}));
    });
    read_key(keys, "dns_server", host.dns_server, read_dns_server);
    read_key(keys, "dhcp_server", host.dhcp_server, read_dhcp_server);
    if (host.by_dhcp && (host.dns_server || host.dhcp_server))
        field.fail("a server has an address of its own, not one from DHCP");
    return host;
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
    read_key(keys, "target", codel.target, positive);
    read_key(keys, "interval", codel.interval, positive);
    read_key(keys, "ecn", codel.ecn, [](const Field& f) { return f.boolean(); });
    return codel;
}

BurstLoss read_burst_loss(const Field& field) {
    const Fields keys(field, {"enter", "leave", "loss"});
    const auto probability = [](const Field& f) { return f.probability(); };
    BurstLoss burst;
    burst.enter = keys.require("enter").probability();
    burst.leave = keys.require("leave").probability();
    read_key(keys, "loss", burst.loss, probability);
    return burst;
}

const std::vector<std::string_view> kLinkKeys{"rate",       "delay", "jitter",      "mtu",
                                              "queue",      "loss",  "duplication", "reordering",
                                              "corruption", "codel", "queue_bytes", "burst_loss"};

void read_link_keys(const Fields& keys, Link& link) {
    const auto duration = [](const Field& f) { return f.duration(); };
    const auto probability = [](const Field& f) { return f.probability(); };
    read_key(keys, "rate", link.rate_bits_per_second, [](const Field& f) { return f.rate(); });
    read_key(keys, "delay", link.delay, duration);
    read_key(keys, "jitter", link.jitter, duration);
    // RFC 791 asks every link for 68; 9216 is the largest jumbo frame in common use.
    read_key(keys, "mtu", link.mtu,
             [](const Field& f) { return static_cast<std::uint32_t>(f.whole(68, 9216)); });
    read_key(keys, "queue", link.queue_packets,
             [](const Field& f) { return static_cast<std::uint32_t>(f.whole(1, 1'000'000)); });
    read_key(keys, "queue_bytes", link.queue_bytes, [](const Field& f) { return f.size(1, 1u << 30); });
    read_key(keys, "codel", link.codel, read_codel);
    read_key(keys, "loss", link.loss, probability);
    read_key(keys, "burst_loss", link.burst_loss, read_burst_loss);
    read_key(keys, "duplication", link.duplication, probability);
    read_key(keys, "reordering", link.reordering, probability);
    read_key(keys, "corruption", link.corruption, probability);
}

Router read_router(const Field& field) {
    const Fields keys(field, {"name", "interfaces", "routes"});
    Router router;
    router.name = keys.require("name").name();
    const Field interfaces = keys.require("interfaces");
    if (interfaces.node().kind != YamlNode::Kind::Map || interfaces.node().entries.size() > kMaxBoxes)
        interfaces.fail(concat(interfaces.path(), " must be neighbours with the address towards each"),
                        "such as {lan: 10.0.0.1/24, server: 192.0.2.1/24}");
    for (const YamlEntry& entry : interfaces.node().entries)
        router.interfaces.push_back(
            {entry.key, read_ipv4_prefix(
                            Field(field.source(), entry.value, concat(interfaces.path(), '.', entry.key)))});
    if (const auto routes = keys.get("routes"))
        for (const Field& item : routes->list(kMaxNames)) {
            const Fields route(item, {"to", "via"});
            router.routes.push_back({read_ipv4_prefix(route.require("to")), read_ipv4(route.require("via"))});
        }
    return router;
}

/// The boxes and cables of one network, and what must hold of them.
class NetworkReader {
  public:
    NetworkReader(const Field& field, const std::vector<Host>& hosts, const Link& usual)
        : field_(field), keys_(field, {"switches", "routers", "links"}), usual_(usual) {
        for (const Host& host : hosts)
            boxes_.push_back({host.name, Box::Host});
    }

    Network read() {
        if (const auto switches = keys_.get("switches"))
            for (const Field& item : switches->list(kMaxBoxes)) {
                network_.switches.push_back(item.name());
                add(item, network_.switches.back(), Box::Switch);
            }
        if (const auto routers = keys_.get("routers"))
            for (const Field& item : routers->list(kMaxBoxes)) {
                network_.routers.push_back(read_router(item));
                add(item, network_.routers.back().name, Box::Router);
            }
        for (const Field& item : keys_.require("links").list(kMaxBoxes * 4))
            read_cable(item);
        check();
        return std::move(network_);
    }

  private:
    enum class Box : std::uint8_t { Host, Switch, Router };
    struct Named {
        std::string name;
        Box box;
        std::size_t group = 0;  ///< switches: joined ones have the same
        std::size_t cables = 0;
    };

    void add(const Field& item, const std::string& name, Box box) {
        for (const Named& other : boxes_)
            if (other.name == name) item.fail(concat("there are two boxes called '", name, "'"));
        boxes_.push_back({name, box, boxes_.size()});
    }

    Named& box(const Field& item) {
        const std::string name = item.name();
        std::vector<std::string_view> names;
        for (Named& box : boxes_) {
            if (box.name == name) return box;
            names.push_back(box.name);
        }
        item.fail(concat("there is no host, switch or router '", name, "'"), did_you_mean(name, names));
    }

    void read_cable(const Field& item) {
        std::vector<std::string_view> known = kLinkKeys;
        known.push_back("between");
        const Fields keys(item, known);
        const Field between = keys.require("between");
        const auto ends = between.list(2);
        if (ends.size() != 2) between.fail("a link joins two boxes", "such as between: [client, switch]");
        Named& a = box(ends[0]);
        Named& b = box(ends[1]);
        if (&a == &b) between.fail(concat("'", a.name, "' cannot be joined to itself"));
        for (const Cable& other : network_.links)
            if ((other.a == a.name && other.b == b.name) || (other.a == b.name && other.b == a.name))
                between.fail(concat("'", a.name, "' and '", b.name, "' are joined already"));
        if (a.box == Box::Switch && b.box == Box::Switch) join(between, a, b);
        ++a.cables;
        ++b.cables;
        for (const Named* end : {&a, &b})
            if (end->box == Box::Host && end->cables > 1)
                between.fail(concat("host '", end->name, "' has a link already"),
                             "join hosts by a switch or a router");
        Cable cable{a.name, b.name, usual_};
        read_link_keys(keys, cable.link);
        network_.links.push_back(std::move(cable));
    }

    /// Switches in a circle would pass a broadcast round for ever.
    void join(const Field& between, const Named& a, const Named& b) {
        if (a.group == b.group) between.fail("these switches would be joined in a circle");
        const std::size_t from = b.group;
        const std::size_t to = a.group;
        for (Named& box : boxes_)
            if (box.box == Box::Switch && box.group == from) box.group = to;
    }

    void check() const {
        for (const Named& box : boxes_)
            if (box.box == Box::Host && box.cables == 0)
                field_.fail(concat("host '", box.name, "' has no link"), "add one to network.links");
        for (const Router& router : network_.routers) {
            for (const Cable& cable : network_.links) {
                if (cable.a != router.name && cable.b != router.name) continue;
                const std::string& other = cable.a == router.name ? cable.b : cable.a;
                const bool known = std::any_of(router.interfaces.begin(), router.interfaces.end(),
                                               [&](const RouterInterface& i) { return i.to == other; });
                if (!known)
                    field_.fail(concat("router '", router.name, "' has no address towards '", other, "'"),
                                "add it to the router's interfaces");
            }
            for (const RouterInterface& i : router.interfaces) {
                const bool joined =
                    std::any_of(network_.links.begin(), network_.links.end(), [&](const Cable& cable) {
                        return (cable.a == router.name && cable.b == i.to) ||
                               (cable.b == router.name && cable.a == i.to);
                    });
                if (!joined)
                    field_.fail(concat("router '", router.name, "' has no link to '", i.to, "'"),
                                "add one to network.links");
            }
        }
    }

    Field field_;
    Fields keys_;
    const Link& usual_;
    std::vector<Named> boxes_;
    Network network_;
};

}  // namespace

std::vector<Host> read_hosts(const std::optional<Field>& field) {
    std::vector<Host> hosts;
    if (!field) {
        hosts.resize(2);
        hosts[0].name = "client";
        hosts[1].name = "server";
        return hosts;
    }
    for (const Field& item : field->list(kMaxHosts)) {
        Host host = read_host(item);
        for (const Host& other : hosts)
            if (other.name == host.name) item.fail(concat("host '", host.name, "' is there twice"));
        hosts.push_back(std::move(host));
    }
    if (hosts.empty()) field->fail("hosts is empty", "leave it out for the two hosts client and server");
    return hosts;
}

Link read_link(const Field& field) {
    Link link;
    read_link_keys(Fields(field, kLinkKeys), link);
    return link;
}

Network read_network(const Field& field, const std::vector<Host>& hosts, const Link& usual) {
    return NetworkReader(field, hosts, usual).read();
}

std::string read_name_to_resolve(const Field& field) {
    return read_domain_name(field, field.text());
}

}  // namespace synscope::scenario
