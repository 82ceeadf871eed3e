#include "sim/host/from_scenario.hpp"

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::sim {
namespace {

/// "S." as bits: the reverse of wire::TcpFlags::text(). The scenario was checked to hold no other letters.
std::uint16_t flag_bits(std::string_view text) {
    constexpr std::string_view kLetters = "FSRP.UEWe";  // bit 0 and up
    std::uint16_t bits = 0;
    for (const char c : text)
        if (const auto bit = kLetters.find(c); bit != std::string_view::npos)
            bits = static_cast<std::uint16_t>(bits | 1u << bit);
    return bits;
}

RuleAction action_of(scenario::RuleAction action) {
    switch (action) {
        case scenario::RuleAction::Drop:
            return RuleAction::Drop;
        case scenario::RuleAction::Delay:
            return RuleAction::Delay;
        case scenario::RuleAction::Duplicate:
            return RuleAction::Duplicate;
    }
    return RuleAction::Drop;
}

Result<std::vector<Ipv4Prefix>, UserError> addresses_of(const scenario::Scenario& scenario) {
    std::vector<Ipv4Prefix> given(scenario.hosts.size());
    const auto taken = [&](const IpAddress& address) {
        return std::any_of(given.begin(), given.end(),
                           [&](const Ipv4Prefix& prefix) { return prefix.address == address; });
    };
    for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
        if (!scenario.hosts[i].address) continue;
        const auto prefix = Ipv4Prefix::parse(*scenario.hosts[i].address);
        if (!prefix)
            return failure(
                UserError{concat("the simulator speaks IPv4 only, not ", *scenario.hosts[i].address),
                          concat("host ", scenario.hosts[i].name),
                          "leave the address out, or use one like 10.0.0.1/24"});
        if (taken(prefix->address))
            return failure(UserError{concat("two hosts have the address ", prefix->address.text()),
                                     concat("host ", scenario.hosts[i].name),
                                     {}});
        given[i] = *prefix;
    }
    std::uint32_t next = 0x0a000001;  // 10.0.0.1
    for (Ipv4Prefix& prefix : given) {
        if (prefix.address.family == 4) continue;
        while (taken(IpAddress::v4(next)))
            ++next;
        prefix = {IpAddress::v4(next), 24};
    }
    return given;
}

}  // namespace

LinkOptions link_options(const scenario::Link& link) {
    LinkOptions options;
    options.rate_bits_per_second = link.rate_bits_per_second;
    options.delay = link.delay;
    options.jitter = link.jitter;
    options.queue.packets = link.queue_packets;
    options.queue.bytes = link.queue_bytes;
    if (link.codel)
        options.queue.codel = CoDelOptions{.target = link.codel->target,
                                           .interval = link.codel->interval,
                                           .largest_packet = link.mtu + options.header_bytes,
                                           .ecn = link.codel->ecn};
    options.mtu = link.mtu;
    options.loss = link.loss;
    if (link.burst_loss)
        options.burst = BurstLoss{.enter = link.burst_loss->enter,
                                  .leave = link.burst_loss->leave,
                                  .loss_in_bad = link.burst_loss->loss};
    options.duplication = link.duplication;
    options.corruption = link.corruption;
    options.reordering = link.reordering;
    return options;
}

std::vector<Rule> wire_rules(const scenario::Scenario& scenario, const std::vector<BoxId>& hosts) {
    std::vector<Rule> rules;
    for (const scenario::WireRule& given : scenario.rules) {
        Rule rule;
        rule.action = action_of(given.action);
        for (std::size_t i = 0; i < hosts.size() && !given.from.empty(); ++i)
            if (scenario.hosts[i].name == given.from) rule.sender = hosts[i].value;
        if (given.flags) rule.flags = flag_bits(*given.flags);
        rule.min_payload = given.min_payload;
        if (given.sequence) rule.sequence = SequenceRange{given.sequence->first, given.sequence->end};
        if (given.packet) rule.packet = PacketId{*given.packet};
        rule.nth = given.nth;
        rule.delay = given.delay;
        rules.push_back(rule);
    }
    return rules;
}

Result<std::vector<BoxId>, UserError> add_scenario(World& world, const scenario::Scenario& scenario) {
    auto addresses = addresses_of(scenario);
    if (!addresses) return failure(std::move(addresses.error()));
    std::vector<BoxId> hosts;
    for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
        HostOptions options;
        options.ip.interfaces.push_back({{}, (*addresses)[i]});
        hosts.push_back(world.add_host(scenario.hosts[i].name, std::move(options)));
    }
    const LinkOptions wire = link_options(scenario.link);
    if (hosts.size() == 2) {
        world.connect({hosts[0], 0}, {hosts[1], 0}, wire);
    } else if (hosts.size() > 2) {
        const BoxId bridge = world.add_switch("switch", {.ports = static_cast<std::uint16_t>(hosts.size())});
        for (std::uint16_t i = 0; i < hosts.size(); ++i)
            world.connect({hosts[i], 0}, {bridge, i}, wire);
    }
    for (const Rule& rule : wire_rules(scenario, hosts))
        world.fabric().rules().add(rule);
    return hosts;
}

}  // namespace synscope::sim
