#include <gtest/gtest.h>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

using Show = Transcript::Show;

TEST(Arp, ResolvesAndThenSendsWhatWaited) {
    TwoHosts net{{.delay = Duration::milliseconds(5)}, Show::Everything};
    net.ping("10.0.0.2", 1);
    net.ping("10.0.0.2", 2);
    net.world.run_until(at_ms(100));
    EXPECT_EQ(net.transcript.lines(),
              (Lines{"0.000000 client  waits for ARP: 10.0.0.2",
                     "0.000000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28",
                     "0.000000 client  waits for ARP: 10.0.0.2",
                     "0.005000 server  ARP cache updated: 10.0.0.1 is at 02:00:00:00:00:01",
                     "0.005000 server  ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28",
                     "0.010000 client  ARP cache updated: 10.0.0.2 is at 02:00:00:00:00:02",
                     "0.010000 client  10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 64",
                     "0.010000 client  10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 2, length 64",
                     "0.015000 server  10.0.0.2 > 10.0.0.1  ICMP echo reply, id 7, seq 1, length 64",
                     "0.015000 server  10.0.0.2 > 10.0.0.1  ICMP echo reply, id 7, seq 2, length 64"}));
    ASSERT_EQ(net.world.host(net.client).echo_replies().size(), 2u);
    const EchoReply& reply = net.world.host(net.client).echo_replies()[0];
    EXPECT_EQ(reply.at, at_ms(20));
    EXPECT_EQ(reply.from, ip("10.0.0.2"));
    EXPECT_EQ(reply.sequence, 1);
    EXPECT_EQ(reply.bytes, 56u);
    EXPECT_EQ(net.world.woken(), std::vector<BoxId>{net.client});
}

TEST(Arp, AsksThreeTimesAndThenGivesUpWhatWaited) {
    TwoHosts net;
    net.ping("10.0.0.9");
    net.world.run_until(at_ms(10'000));
    EXPECT_EQ(
        net.transcript.lines(),
        (Lines{
            "0.000000 client  ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28",
            "1.000000 client  ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28",
            "2.000000 client  ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28",
            "3.000000 client  drops, no answer to ARP: 10.0.0.1 > 10.0.0.9  ICMP echo request, id 7, seq 1, "
            "length 64"}));
    ASSERT_EQ(net.world.host(net.client).icmp_errors().size(), 1u);
    const IcmpError& error = net.world.host(net.client).icmp_errors()[0];
    EXPECT_EQ(error.type, wire::IcmpTypes::kUnreachable);
    EXPECT_EQ(error.code, 1) << "host unreachable, found out here";
    EXPECT_EQ(error.from.family, 0);
    EXPECT_EQ(net.world.fabric().frames(), 0u);
}

TEST(Arp, ALostRequestIsRepeatedAfterASecond) {
    TwoHosts net;
    net.world.fabric().rules().add({.action = RuleAction::Drop, .nth = 1});
    net.ping("10.0.0.2");
    net.world.run_until(at_ms(2'000));
    EXPECT_EQ(net.transcript.lines(),
              (Lines{"0.000000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28",
                     "0.000000 client  lost, dropped by a rule: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, "
                     "length 28",
                     "1.000000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28",
                     "1.005000 server  ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28",
                     "1.010000 client  10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 64",
                     "1.015000 server  10.0.0.2 > 10.0.0.1  ICMP echo reply, id 7, seq 1, length 64"}));
}

TEST(Arp, EntriesGrowOldAndAreAskedForAnew) {
    TwoHosts net{{.delay = Duration::milliseconds(5)}, Show::Everything};
    net.ping("10.0.0.2", 1);
    net.world.run_until(at_ms(60'009));
    static_cast<void>(net.transcript.take());
    net.ping("10.0.0.2", 2);
    net.world.run_until(at_ms(60'010));
    EXPECT_EQ(net.transcript.take(),
              (Lines{"60.009000 client  10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 2, length 64"}))
        << "learned at 0.010, it holds for 60 seconds";
    net.ping("10.0.0.2", 3);
    net.world.run_until(at_ms(60'011));
    EXPECT_EQ(
        net.transcript.take(),
        (Lines{"60.010000 client  ARP entry expired: 10.0.0.2", "60.010000 client  waits for ARP: 10.0.0.2",
               "60.010000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28"}));
}

TEST(Arp, TheOldestFrameGoesWhenTooManyWait) {
    auto client = host_at("10.0.0.1/24");
    client.ip.arp.waiting = 2;
    TwoHosts net{{.delay = Duration::milliseconds(5)}, Show::Packets, {}, client};
    for (std::uint16_t i = 1; i <= 3; ++i)
        net.ping("10.0.0.2", i);
    net.world.run_until(at_ms(100));
    EXPECT_EQ(
        net.transcript.lines()[1],
        "0.000000 client  drops, queue full: 10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 64");
    EXPECT_EQ(net.world.host(net.client).echo_replies().size(), 2u);
}

TEST(Arp, WhatIsNotForUsTeachesNothingNewButChangesWhatIsKnown) {
    // RFC 826: merge first; a new entry only when we are the target.
    World world{{}};
    const BoxId host = world.add_host("host", host_at("10.0.0.1/24"));
    const BoxId outside = world.add_outlet("outside");
    world.connect({outside, 0}, {host, 0}, LinkOptions{});
    const auto hear = [&](std::uint32_t mac, std::string_view sender, std::string_view target) {
        wire::ArpHeader arp;
        arp.sender_mac = numbered_mac(mac);
        arp.sender_ip = ip(sender);
        arp.target_ip = ip(target);
        const Payload bytes = encode(Frame{kBroadcastMac, numbered_mac(mac), arp});
        EXPECT_TRUE(world.outlet(outside).inject(world.fabric(), bytes.span()));
        world.run_until(world.now() + Duration::milliseconds(1));
    };
    const auto known = [&](std::string_view address) {
        return world.host(host).ip().arp().find(world.now(), ip(address));
    };
    hear(50, "10.0.0.50", "10.0.0.99");
    EXPECT_FALSE(known("10.0.0.50"));
    hear(50, "10.0.0.50", "10.0.0.1");
    EXPECT_EQ(known("10.0.0.50"), numbered_mac(50));
    hear(51, "10.0.0.50", "10.0.0.99");
    EXPECT_EQ(known("10.0.0.50"), numbered_mac(51));
    hear(52, "0.0.0.0", "10.0.0.1");
    EXPECT_FALSE(known("0.0.0.0")) << "a probe comes from nobody";
    EXPECT_EQ(world.outlet(outside).arrived().size(), 2u) << "both requests for us were answered";
}

}  // namespace
}  // namespace synscope::sim
