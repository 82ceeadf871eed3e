#include "sim/host/from_scenario.hpp"

#include <gtest/gtest.h>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

scenario::Scenario of_hosts(std::vector<scenario::Host> hosts) {
    scenario::Scenario out;
    out.hosts = std::move(hosts);
    return out;
}

TEST(FromScenario, HostsWithoutAnAddressGetTheNextFreeOne) {
    World world{{}};
    const auto hosts = add_scenario(world, of_hosts({{"a", {}}, {"b", "10.0.0.1/24"}, {"c", {}}}));
    ASSERT_TRUE(hosts);
    EXPECT_EQ(world.host((*hosts)[0]).ip().address(0)->text(), "10.0.0.2/24");
    EXPECT_EQ(world.host((*hosts)[1]).ip().address(0)->text(), "10.0.0.1/24");
    EXPECT_EQ(world.host((*hosts)[2]).ip().address(0)->text(), "10.0.0.3/24");
    EXPECT_EQ(world.host((*hosts)[2]).ip().mac(0), numbered_mac(3));
    EXPECT_EQ(world.boxes(), 4u) << "three hosts need a switch";
    EXPECT_EQ(world.fabric().links(), 3u);
}

TEST(FromScenario, TwoHostsShareOneWire) {
    World world{{}};
    auto scenario = of_hosts({{"client", {}}, {"server", {}}});
    scenario.link.delay = Duration::milliseconds(20);
    scenario.rules.push_back({scenario::RuleAction::Drop, "client", 1, {}, {}, {}});
    const auto hosts = add_scenario(world, scenario);
    ASSERT_TRUE(hosts);
    EXPECT_EQ(world.fabric().links(), 1u);
    world.host((*hosts)[0]).ping(world.fabric(), ip("10.0.0.2"), 1, 1);
    world.run_until(at_ms(5'000));
    ASSERT_EQ(world.host((*hosts)[0]).echo_replies().size(), 1u);
    EXPECT_EQ(world.host((*hosts)[0]).echo_replies()[0].at, at_ms(1'080))
        << "the first ARP request was dropped";
}

TEST(FromScenario, Ipv6AndDoubledAddressesAreErrors) {
    World world{{}};
    const auto six = add_scenario(world, of_hosts({{"a", "fd00::1/64"}}));
    ASSERT_FALSE(six);
    EXPECT_EQ(six.error().what, "the simulator speaks IPv4 only, not fd00::1/64");
    EXPECT_EQ(six.error().where, "host a");
    const auto twice = add_scenario(world, of_hosts({{"a", "10.0.0.1/24"}, {"b", "10.0.0.1/8"}}));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().what, "two hosts have the address 10.0.0.1");
    EXPECT_EQ(world.boxes(), 0u);
}

TEST(FromScenario, EveryKeyOfTheLinkAndOfARuleIsCarriedOver) {
    scenario::Scenario scenario = of_hosts({{"a", {}}, {"b", {}}});
    scenario.link.codel = scenario::CoDel{.target = Duration::milliseconds(7), .ecn = true};
    scenario.link.burst_loss = scenario::BurstLoss{0.1, 0.2, 0.3};
    scenario.link.queue_bytes = 5000;
    scenario.link.mtu = 1400;
    const LinkOptions options = link_options(scenario.link);
    EXPECT_EQ(options.queue.codel,
              (CoDelOptions{.target = Duration::milliseconds(7), .largest_packet = 1414, .ecn = true}));
    EXPECT_EQ(options.burst, (BurstLoss{.enter = 0.1, .leave = 0.2, .loss_in_bad = 0.3}));
    EXPECT_EQ(options.queue.bytes, 5000u);
    EXPECT_EQ(options.mtu, 1400u);
    scenario::WireRule given;
    given.action = scenario::RuleAction::Delay;
    given.from = "b";
    given.nth = 3;
    given.flags = "SEW";
    given.min_payload = 9;
    given.delay = Duration::milliseconds(4);
    given.sequence = scenario::SequenceRange{1, 1461};
    given.packet = 17;
    scenario.rules.push_back(given);
    EXPECT_EQ(wire_rules(scenario, {BoxId{4}, BoxId{5}}),
              (std::vector<Rule>{{.action = RuleAction::Delay,
                                  .sender = 5,
                                  .flags = 0x0c2,
                                  .min_payload = 9,
                                  .sequence = SequenceRange{1, 1461},
                                  .packet = PacketId{17},
                                  .nth = 3,
                                  .delay = Duration::milliseconds(4)}}));
}

}  // namespace
}  // namespace synscope::sim
