// The boxes of a scenario as YAML.
#include "sim/scenario/emit_block.hpp"

namespace synscope::scenario {

namespace {

void emit_dns_server(std::string& out, const DnsServer& server) {
    Block(out, 2).raw("dns_server", "");
    Block b(out, 3);
    std::string names = "{";
    for (const auto& [name, address] : server.names) {
        if (names.size() > 1) names += ", ";
        names += concat(quoted(name), ": ", quoted(address));
    }
    b.raw("names", names + "}");
    b.duration("ttl", server.ttl);
}

void emit_dhcp_server(std::string& out, const DhcpServer& server) {
    Block(out, 2).raw("dhcp_server", "");
    Block b(out, 3);
    b.text("first", server.first);
    b.text("last", server.last);
    b.duration("lease", server.lease);
    if (!server.gateway.empty()) b.text("gateway", server.gateway);
    if (!server.dns.empty()) b.text("dns", server.dns);
}

void emit_link_keys(Block& b, const Link& link) {
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

void emit_router(std::string& out, const Router& router) {
    Block b(out, 3);
    b.begin_item();
    b.text("name", router.name);
    std::string interfaces = "{";
    for (const RouterInterface& i : router.interfaces) {
        if (interfaces.size() > 1) interfaces += ", ";
        interfaces += concat(quoted(i.to), ": ", quoted(i.address));
    }
    b.raw("interfaces", interfaces + "}");
    if (router.routes.empty()) return;
    b.raw("routes", "");
    for (const Route& route : router.routes)
        append(out, concat("        - {to: ", quoted(route.to), ", via: ", quoted(route.via), "}\n"));
}

}  // namespace

void emit_hosts(std::string& out, const std::vector<Host>& hosts) {
    if (hosts.empty()) return;
    Block(out, 0).raw("hosts", "");
    for (const Host& host : hosts) {
        Block b(out, 2);
        b.begin_item();
        b.text("name", host.name);
        if (host.address) b.text("address", *host.address);
        if (host.by_dhcp) b.raw("address", "dhcp");
        if (!host.gateway.empty()) b.text("gateway", host.gateway);
        if (!host.dns.empty()) b.text("dns", host.dns);
        if (host.personality == Personality::Bsd) b.raw("personality", "bsd");
        if (host.dns_server) emit_dns_server(out, *host.dns_server);
        if (host.dhcp_server) emit_dhcp_server(out, *host.dhcp_server);
    }
}

void emit_link(std::string& out, const Link& link) {
    if (link == Link{}) return;
    Block(out, 0).raw("link", "");
    Block b(out, 1);
    emit_link_keys(b, link);
}

void emit_network(std::string& out, const Network& network) {
    if (network == Network{}) return;
    Block(out, 0).raw("network", "");
    Block b(out, 1);
    std::string switches = "[";
    for (const std::string& name : network.switches)
        switches += concat(switches.size() > 1 ? ", " : "", quoted(name));
    b.raw("switches", switches + "]");
    b.raw("routers", network.routers.empty() ? "[]" : "");
    for (const Router& router : network.routers)
        emit_router(out, router);
    b.raw("links", network.links.empty() ? "[]" : "");
    for (const Cable& cable : network.links) {
        Block item(out, 3);
        item.begin_item();
        item.raw("between", concat('[', quoted(cable.a), ", ", quoted(cable.b), ']'));
        emit_link_keys(item, cable.link);
    }
}

}  // namespace synscope::scenario
