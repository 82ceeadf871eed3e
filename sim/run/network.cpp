#include "sim/run/network.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"
#include "sim/host/from_scenario.hpp"

namespace synscope::sim {

namespace {

IpAddress address(const std::string& text) {
    return IpAddress::parse(text).value_or(IpAddress{});
}

/// Builds one world out of one scenario.
class Builder {
  public:
    Builder(const scenario::Scenario& scenario, World& world, Recorder& recorder, Network& out)
        : scenario_(scenario), world_(world), recorder_(recorder), out_(out) {}

    Result<void, UserError> build() {
        for (std::size_t i = 0; i < scenario_.hosts.size(); ++i)
            if (auto added = add_host(scenario_.hosts[i], i); !added) return added;
        if (auto joined = scenario_.network.links.empty() ? join_plainly() : join_as_told(); !joined)
            return joined;
        add_rules();
        if (!scenario_.no_server) out_.directory.set_usual(scenario_.server.host);
        return {};
    }

  private:
    static Result<void, UserError> wrong(std::string what, std::string hint = {}) {
        return failure(UserError{std::move(what), {}, std::move(hint)});
    }

    Result<void, UserError> add_host(const scenario::Host& host, std::size_t index) {
        std::optional<Ipv4Prefix> own;
        if (host.address) {
            own = Ipv4Prefix::parse(*host.address);
            if (!own)
                return wrong(concat("host '", host.name, "' has the address ", *host.address,
                                    ": IPv6 is out of scope for now"),
                             "the simulator speaks IPv4");
            for (const auto& other : out_.machines)
                if (other->host().ip().owns(own->address))
                    return wrong(
                        concat("hosts '", other->name(), "' and '", host.name, "' have the same address"));
        } else if (!host.by_dhcp) {
            own = next_address();
        }
        HostOptions options;
        InterfaceOptions interface;
        interface.address = own;
        options.ip.interfaces.push_back(interface);
        if (!host.gateway.empty()) options.gateway = address(host.gateway);
        options.resolver.emplace();
        if (!host.dns.empty()) options.resolver->servers.push_back(address(host.dns));
        if (host.by_dhcp) options.dhcp_client.emplace();
        if (host.dns_server) options.dns_zone = zone_of(*host.dns_server);
        if (host.dhcp_server) {
            auto dhcp = dhcp_of(host, *own);
            if (!dhcp) return failure(dhcp.error());
            options.dhcp_server = std::move(*dhcp);
        }
        const BoxId box = world_.add_host(host.name, std::move(options));
        recorder_.add_box(world_, box, Recorder::Kind::Host);
        boxes_[host.name] = {box, 0};
        tcp::StackOptions stack;
        stack.personality = host.personality == scenario::Personality::Bsd ? tcp::kBsd : tcp::kLinux;
        // One key per host, or both ends of a connection would choose alike.
        stack.seed = scenario_.seed * 0x9e3779b97f4a7c15ull + index + 1;
        if (own) stack.addresses.push_back(own->address);
        stack.observer = &recorder_.tcp(box);
        out_.machines.push_back(std::make_unique<Machine>(world_, box, stack));
        out_.by_name[host.name] = out_.machines.back().get();
        out_.directory.add_host(host.name, *out_.machines.back());
        return {};
    }

    static DnsZone zone_of(const scenario::DnsServer& server) {
        DnsZone zone;
        for (const auto& [name, text] : server.names)
            zone.add_address(name, address(text), static_cast<std::uint32_t>(server.ttl.ns / 1'000'000'000));
        return zone;
    }

    static Result<DhcpServerOptions, UserError> dhcp_of(const scenario::Host& host, const Ipv4Prefix& own) {
        const scenario::DhcpServer& server = *host.dhcp_server;
        DhcpServerOptions options;
        options.first = address(server.first);
        const std::uint32_t first = v4_number(options.first);
        const std::uint32_t last = v4_number(address(server.last));
        if (!own.contains(first) || !own.contains(last))
            return failure(UserError{concat("host '", host.name, "' is ", own.text(),
                                            " and cannot lend addresses of another network"),
                                     {},
                                     {}});
        options.count = last - first + 1;
        options.prefix_length = own.length;
        options.lease = server.lease;
        if (!server.gateway.empty()) options.router = address(server.gateway);
        if (!server.dns.empty()) options.dns.push_back(address(server.dns));
        return options;
    }

    // ---- links

    /// Two hosts at one wire; more of them at one switch.
    Result<void, UserError> join_plainly() {
        const LinkOptions link = link_options(scenario_.link);
        if (out_.machines.size() == 1) return {};
        if (out_.machines.size() == 2) {
            world_.connect({out_.machines[0]->box(), 0}, {out_.machines[1]->box(), 0}, link);
            return {};
        }
        add_switch("switch", out_.machines.size());
        for (std::size_t i = 0; i < out_.machines.size(); ++i)
            world_.connect({out_.machines[i]->box(), 0},
                           {boxes_["switch"].box, static_cast<std::uint16_t>(i)}, link);
        return {};
    }

    Result<void, UserError> join_as_told() {
        for (const std::string& name : scenario_.network.switches) {
            const auto ports = std::count_if(
                scenario_.network.links.begin(), scenario_.network.links.end(),
                [&](const scenario::Cable& cable) { return cable.a == name || cable.b == name; });
            add_switch(name, static_cast<std::size_t>(ports));
        }
        for (const scenario::Router& router : scenario_.network.routers)
            add_router(router);
        for (const scenario::Cable& cable : scenario_.network.links) {
            const PortRef a = port_towards(cable.a, cable.b);
            const PortRef b = port_towards(cable.b, cable.a);
            world_.connect(a, b, link_options(cable.link));
        }
        return {};
    }

    void add_switch(const std::string& name, std::size_t ports) {
        SwitchOptions options;
        options.ports = static_cast<std::uint16_t>(std::max<std::size_t>(ports, 1));
        const BoxId box = world_.add_switch(name, options);
        recorder_.add_box(world_, box, Recorder::Kind::Switch);
        boxes_[name] = {box, 0};
    }

    void add_router(const scenario::Router& router) {
        HostOptions options;
        options.ip.forwards = true;
        for (const scenario::RouterInterface& i : router.interfaces) {
            InterfaceOptions interface;
            interface.address = Ipv4Prefix::parse(i.address);
            router_ports_[router.name].push_back(i.to);
            options.ip.interfaces.push_back(interface);
        }
        for (const scenario::Route& route : router.routes)
            options.ip.routes.push_back(
                {Ipv4Prefix::parse(route.to).value_or(Ipv4Prefix{}), address(route.via)});
        const BoxId box = world_.add_host(router.name, std::move(options));
        recorder_.add_box(world_, box, Recorder::Kind::Router);
        boxes_[router.name] = {box, 0};
    }

    /// A host has one port, a router one per neighbour, a switch the next free one.
    PortRef port_towards(const std::string& name, const std::string& neighbour) {
        Placed& placed = boxes_[name];
        const auto router = router_ports_.find(name);
        if (router == router_ports_.end()) return {placed.box, placed.next++};
        const auto port = std::find(router->second.begin(), router->second.end(), neighbour);
        return {placed.box, static_cast<std::uint16_t>(port - router->second.begin())};
    }

    void add_rules() {
        std::vector<BoxId> hosts;
        for (const auto& machine : out_.machines)
            hosts.push_back(machine->box());
        for (const Rule& rule : wire_rules(scenario_, hosts))
            world_.fabric().rules().add(rule);
    }

    /// 10.0.0.1 and up, without those that some host has been given.
    Ipv4Prefix next_address() {
        const auto given = [this](const IpAddress& wanted) {
            return std::any_of(
                scenario_.hosts.begin(), scenario_.hosts.end(), [&](const scenario::Host& host) {
                    const auto own = host.address ? Ipv4Prefix::parse(*host.address) : std::nullopt;
                    return own && own->address == wanted;
                });
        };
        while (given(IpAddress::v4(next_address_)))
            ++next_address_;
        return {IpAddress::v4(next_address_++), 24};
    }

    struct Placed {
        BoxId box;
        std::uint16_t next = 0;  ///< the next free port
    };
    const scenario::Scenario& scenario_;
    World& world_;
    Recorder& recorder_;
    Network& out_;
    std::uint32_t next_address_ = 0x0a000001;
    std::map<std::string, Placed> boxes_;
    std::map<std::string, std::vector<std::string>> router_ports_;
};

}  // namespace

Result<void, UserError> build_network(const scenario::Scenario& scenario, World& world, Recorder& recorder,
                                      Network& out) {
    return Builder{scenario, world, recorder, out}.build();
}

}  // namespace synscope::sim
