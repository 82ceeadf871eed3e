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
    Builder(const scenario::Scenario& scenario, const std::optional<std::string>& outside, World& world,
            Recorder& recorder, Network& out)
        : scenario_(scenario), outside_(outside), world_(world), recorder_(recorder), out_(out) {}

    Result<void, UserError> build() {
        for (std::size_t i = 0; i < scenario_.hosts.size(); ++i)
            if (auto added = add_host(scenario_.hosts[i], i); !added) return added;
        if (auto joined = scenario_.network.links.empty() ? join_plainly() : join_as_told(); !joined)
            return joined;
        add_rules();
        if (outside_ && !out_.outside) return wrong(concat("there is no host '", *outside_, "'"));
        if (out_.outside) out_.outside->mtu = world_.fabric().mtu(out_.outside->box, 0);
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
            if (const auto other = owner_of(own->address))
                return wrong(concat("hosts '", *other, "' and '", host.name, "' have the same address"));
        } else if (!host.by_dhcp) {
            own = next_address();
        }
        if (host.name == outside_) {
            add_outside(host, own);
            return {};
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
        place(host, box);
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

    void place(const scenario::Host& host, BoxId box) {
        boxes_[host.name] = {box, 0};
        hosts_.push_back(box);
    }

    void add_outside(const scenario::Host& host, const std::optional<Ipv4Prefix>& own) {
        OutsideEnd end;
        end.box = world_.add_outlet(host.name);
        end.host = host.name;
        end.address = own;
        if (!host.gateway.empty()) end.gateway = address(host.gateway);
        // Above those that the world gives its own.
        end.mac = numbered_mac((1u << 24) + end.box.value);
        recorder_.add_outside(host.name, end.mac);
        place(host, end.box);
        if (own) out_.directory.add_outside(host.name, own->address);
        out_.outside = end;
    }

    [[nodiscard]] std::optional<std::string> owner_of(const IpAddress& wanted) const {
        for (const auto& machine : out_.machines)
            if (machine->host().ip().owns(wanted)) return machine->name();
        if (out_.outside && out_.outside->address && out_.outside->address->address == wanted)
            return out_.outside->host;
        return std::nullopt;
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
        if (hosts_.size() == 1) return {};
        if (hosts_.size() == 2) {
            world_.connect({hosts_[0], 0}, {hosts_[1], 0}, link);
            return {};
        }
        add_switch("switch", hosts_.size());
        for (std::size_t i = 0; i < hosts_.size(); ++i)
            world_.connect({hosts_[i], 0}, {boxes_["switch"].box, static_cast<std::uint16_t>(i)}, link);
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
        for (const Rule& rule : wire_rules(scenario_, hosts_))
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
    const std::optional<std::string>& outside_;
    World& world_;
    Recorder& recorder_;
    Network& out_;
    std::uint32_t next_address_ = 0x0a000001;
    std::map<std::string, Placed> boxes_;
    std::vector<BoxId> hosts_;  ///< in the order of the scenario's
    std::map<std::string, std::vector<std::string>> router_ports_;
};

}  // namespace

Result<void, UserError> build_network(const scenario::Scenario& scenario,
                                      const std::optional<std::string>& outside, World& world,
                                      Recorder& recorder, Network& out) {
    return Builder{scenario, outside, world, recorder, out}.build();
}

}  // namespace synscope::sim
