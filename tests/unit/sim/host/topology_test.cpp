// Packets across switches and routers, as transcripts.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

using Show = Transcript::Show;

/// client -- switch -- router -- server; another host on the switch. 1 ms per link.
struct Building {
    World world;
    BoxId client, other, bridge, router, server;
    Transcript transcript;

    explicit Building(Show show, const LinkOptions& last = {.delay = Duration::milliseconds(1)},
                      const WorldOptions& options = {})
        : world(options), transcript(show) {
        const LinkOptions wire{.delay = Duration::milliseconds(1)};
        auto inside = host_at("10.0.0.1/24");
        inside.gateway = ip("10.0.0.254");
        client = world.add_host("client", inside);
        other = world.add_host("other", host_at("10.0.0.2/24"));
        bridge = world.add_switch("switch", {.ports = 4});
        HostOptions routing;
        routing.ip.forwards = true;
        routing.ip.interfaces = {{{}, Ipv4Prefix::parse("10.0.0.254/24")},
                                 {{}, Ipv4Prefix::parse("10.0.1.254/24")}};
        router = world.add_host("router", routing);
        auto outside = host_at("10.0.1.1/24");
        outside.gateway = ip("10.0.1.254");
        server = world.add_host("server", outside);
        world.connect({client, 0}, {bridge, 0}, wire);
        world.connect({other, 0}, {bridge, 1}, wire);
        world.connect({bridge, 2}, {router, 0}, wire);
        world.connect({router, 1}, {server, 0}, last);
        transcript.watch(world);
    }
    void ping(std::string_view to, std::uint16_t sequence, std::size_t size = 8, std::uint8_t ttl = 0,
              bool dont_fragment = false) {
        world.host(client).ping(
            world.fabric(), ip(to), 7, sequence,
            Payload::made_by(size,
                             [](MutableByteSpan out) { std::fill(out.begin(), out.end(), std::byte{0x61}); }),
            ttl, dont_fragment);
    }
};

TEST(Topology, AFirstPingOpensEveryBoxOnItsWay) {
    Building net{Show::Everything};
    net.ping("10.0.1.1", 1);
    net.world.run_until(at_ms(1000));
    const Lines expected{"0.000000 client  waits for ARP: 10.0.0.254",
                         "0.000000 client  ARP, Request who-has 10.0.0.254 tell 10.0.0.1, length 28",
                         "0.001000 switch  address learned: 02:00:00:00:00:01 on port 0",
                         "0.001000 switch  flooded: ff:ff:ff:ff:ff:ff to 2 ports",
                         "0.001000 switch  ARP, Request who-has 10.0.0.254 tell 10.0.0.1, length 28",
                         "0.001000 switch  ARP, Request who-has 10.0.0.254 tell 10.0.0.1, length 28",
                         "0.002000 router  ARP cache updated: 10.0.0.1 is at 02:00:00:00:00:01",
                         "0.002000 router  ARP, Reply 10.0.0.254 is-at 02:00:00:00:00:03, length 28",
                         "0.003000 switch  address learned: 02:00:00:00:00:03 on port 2",
                         "0.003000 switch  forwarded: 02:00:00:00:00:01 to port 0",
                         "0.003000 switch  ARP, Reply 10.0.0.254 is-at 02:00:00:00:00:03, length 28",
                         "0.004000 client  ARP cache updated: 10.0.0.254 is at 02:00:00:00:00:03",
                         "0.004000 client  10.0.0.1 > 10.0.1.1  ICMP echo request, id 7, seq 1, length 16",
                         "0.005000 switch  forwarded: 02:00:00:00:00:03 to port 2",
                         "0.005000 switch  10.0.0.1 > 10.0.1.1  ICMP echo request, id 7, seq 1, length 16",
                         "0.006000 router  routed: next hop 10.0.1.1 on port 1",
                         "0.006000 router  time to live decreased: 64 > 63",
                         "0.006000 router  waits for ARP: 10.0.1.1",
                         "0.006000 router  ARP, Request who-has 10.0.1.1 tell 10.0.1.254, length 28",
                         "0.007000 server  ARP cache updated: 10.0.1.254 is at 02:00:00:00:00:04",
                         "0.007000 server  ARP, Reply 10.0.1.1 is-at 02:00:00:00:00:05, length 28",
                         "0.008000 router  ARP cache updated: 10.0.1.1 is at 02:00:00:00:00:05",
                         "0.008000 router  link addresses rewritten: 02:00:00:00:00:01 > 02:00:00:00:00:03 "
                         "to 02:00:00:00:00:04 > "
                         "02:00:00:00:00:05",
                         "0.008000 router  10.0.0.1 > 10.0.1.1  ICMP echo request, id 7, seq 1, length 16",
                         "0.009000 server  10.0.1.1 > 10.0.0.1  ICMP echo reply, id 7, seq 1, length 16",
                         "0.010000 router  routed: next hop 10.0.0.1 on port 0",
                         "0.010000 router  time to live decreased: 64 > 63",
                         "0.010000 router  link addresses rewritten: 02:00:00:00:00:05 > 02:00:00:00:00:04 "
                         "to 02:00:00:00:00:03 > "
                         "02:00:00:00:00:01",
                         "0.010000 router  10.0.1.1 > 10.0.0.1  ICMP echo reply, id 7, seq 1, length 16",
                         "0.011000 switch  forwarded: 02:00:00:00:00:01 to port 0",
                         "0.011000 switch  10.0.1.1 > 10.0.0.1  ICMP echo reply, id 7, seq 1, length 16"};
    EXPECT_EQ(net.transcript.lines(), expected);
    ASSERT_EQ(net.world.host(net.client).echo_replies().size(), 1u);
    EXPECT_EQ(net.world.host(net.client).echo_replies()[0].ttl, 63);
}

TEST(Topology, TheTimeToLiveRunsOutAtTheRouterWhichSaysSo) {
    Building net{Show::Packets};
    net.ping("10.0.1.1", 1, 8, 1);
    net.world.run_until(at_ms(1000));
    const Lines& lines = net.transcript.lines();
    ASSERT_GE(lines.size(), 3u);
    EXPECT_EQ(lines[lines.size() - 3],
              "0.006000 router  10.0.0.254 > 10.0.0.1  ICMP time exceeded, in transit, length 44");
    EXPECT_EQ(lines[lines.size() - 2],
              "0.006000 router  drops, TTL expired: 10.0.0.1 > 10.0.1.1  ICMP echo request, id 7, seq 1, "
              "length 16");
    ASSERT_EQ(net.world.host(net.client).icmp_errors().size(), 1u);
    const IcmpError& error = net.world.host(net.client).icmp_errors()[0];
    EXPECT_EQ(error.type, wire::IcmpTypes::kTimeExceeded);
    EXPECT_EQ(error.from, ip("10.0.0.254"));
    EXPECT_EQ(error.destination.address, ip("10.0.1.1"));
}

TEST(Topology, ANetworkWithoutARouteIsUnreachable) {
    Building net{Show::Packets};
    net.ping("192.168.7.7", 1);
    net.world.run_until(at_ms(1000));
    ASSERT_EQ(net.world.host(net.client).icmp_errors().size(), 1u);
    EXPECT_EQ(net.world.host(net.client).icmp_errors()[0].code, 0) << "net unreachable";
    EXPECT_NE(
        std::find(net.transcript.lines().begin(), net.transcript.lines().end(),
                  "0.006000 router  10.0.0.254 > 10.0.0.1  ICMP destination unreachable, net unreachable, "
                  "length 44"),
        net.transcript.lines().end());
}

TEST(Topology, WhatMayNotBeFragmentedMeetsASmallerLink) {
    Building net{Show::Packets, {.delay = Duration::milliseconds(1), .mtu = 576}};
    net.ping("10.0.1.1", 1, 1000, 0, true);
    net.world.run_until(at_ms(1000));
    EXPECT_NE(
        std::find(
            net.transcript.lines().begin(), net.transcript.lines().end(),
            "0.006000 router  10.0.0.254 > 10.0.0.1  ICMP destination unreachable, fragmentation needed but "
            "DF set, mtu 576, length 556"),
        net.transcript.lines().end())
        << testing::PrintToString(net.transcript.lines());
    ASSERT_EQ(net.world.host(net.client).icmp_errors().size(), 1u);
    EXPECT_EQ(net.world.host(net.client).icmp_errors()[0].next_hop_mtu, 576);
}

TEST(Topology, ARouterCutsWhatMayBeCutAndTheReceiverPutsItTogether) {
    Building net{Show::Everything, {.delay = Duration::milliseconds(1), .mtu = 576}};
    net.ping("10.0.1.1", 1, 1000);
    net.world.run_until(at_ms(1000));
    const auto count = [&](std::string_view what) {
        return std::count_if(net.transcript.lines().begin(), net.transcript.lines().end(),
                             [&](const std::string& line) { return line.find(what) != std::string::npos; });
    };
    EXPECT_EQ(count("router  fragmented: 2 fragments"), 1);
    EXPECT_EQ(count("server  reassembled: 2 fragments"), 1);
    EXPECT_EQ(count("server  fragmented: 2 fragments"), 1) << "the reply is as large";
    EXPECT_EQ(count("client  reassembled: 2 fragments"), 1);
    ASSERT_EQ(net.world.host(net.client).echo_replies().size(), 1u);
    EXPECT_EQ(net.world.host(net.client).echo_replies()[0].bytes, 1000u);
    EXPECT_EQ(net.world.fabric().frames(), 0u);
}

TEST(Topology, ASwitchFloodsWhatItDoesNotKnowAndForgetsTheSilent) {
    Building net{Show::Everything};
    net.ping("10.0.0.2", 1);
    net.world.run_until(at_ms(400'000));
    Switch& bridge = net.world.switch_at(net.bridge);
    EXPECT_FALSE(bridge.port_of(net.world.now(), numbered_mac(1))) << "300 seconds are over";
    static_cast<void>(net.transcript.take());
    net.ping("10.0.0.2", 2);
    net.world.run_until(at_ms(401'000));
    const Lines lines = net.transcript.take();
    EXPECT_NE(
        std::find(lines.begin(), lines.end(), "400.001000 switch  address forgotten: 02:00:00:00:00:01"),
        lines.end());
    EXPECT_EQ(bridge.port_of(net.world.now(), numbered_mac(1)), 0);
    EXPECT_EQ(bridge.port_of(net.world.now(), numbered_mac(2)), 1);
    EXPECT_EQ(net.world.host(net.client).echo_replies().size(), 2u);
}

TEST(Topology, AStationThatMovesIsFoundBehindItsNewPort) {
    World world{{}};
    const BoxId bridge = world.add_switch("switch", {.ports = 2});
    const BoxId a = world.add_outlet("a");
    const BoxId b = world.add_outlet("b");
    world.connect({bridge, 0}, {a, 0}, LinkOptions{});
    world.connect({bridge, 1}, {b, 0}, LinkOptions{});
    const Payload bytes = encode(Frame{kBroadcastMac, numbered_mac(9), OtherFrame{0x88b5, bytes_of("x")}});
    ASSERT_TRUE(world.outlet(a).inject(world.fabric(), bytes.span()));
    world.run_until(at_ms(1));
    EXPECT_EQ(world.switch_at(bridge).port_of(world.now(), numbered_mac(9)), 0);
    ASSERT_TRUE(world.outlet(b).inject(world.fabric(), bytes.span()));
    world.run_until(at_ms(2));
    EXPECT_EQ(world.switch_at(bridge).port_of(world.now(), numbered_mac(9)), 1);
    ASSERT_EQ(world.outlet(b).arrived().size(), 1u);
    EXPECT_EQ(world.outlet(b).arrived()[0], bytes) << "a switch changes nothing";
}

TEST(Topology, ADatagramForNobodyThereIsAnswered) {
    TwoHosts net;
    Host& client = net.world.host(net.client);
    const auto port = client.udp().bind_any();
    ASSERT_TRUE(port);
    EXPECT_TRUE(client.send_udp(net.world.fabric(), {{}, *port}, {ip("10.0.0.2"), 9}, bytes_of("hello")));
    net.world.run_until(at_ms(100));
    EXPECT_EQ(net.transcript.lines().back(),
              "0.015000 server  drops, nobody takes it: 10.0.0.1:any > 10.0.0.2:9  UDP, length 5");
    const auto error = client.udp().take_error(*port);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, 3) << "port unreachable";
    EXPECT_EQ(error->destination, (Endpoint{ip("10.0.0.2"), 9}));
}

TEST(Topology, UdpArrivesWholeAlsoInFragments) {
    TwoHosts net{{.delay = Duration::milliseconds(5), .mtu = 300}};
    Host& server = net.world.host(net.server);
    ASSERT_TRUE(server.udp().bind(53));
    EXPECT_FALSE(server.udp().bind(53));
    const Payload large = bytes_of(std::string(5000, 'z') + "end");
    net.world.host(net.client).send_udp(net.world.fabric(), {{}, 4000}, {ip("10.0.0.2"), 53}, large);
    net.world.run_until(at_ms(100));
    const auto arrival = server.udp().take(53);
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->payload, large);
    EXPECT_EQ(arrival->from, (Endpoint{ip("10.0.0.1"), 4000}));
    EXPECT_FALSE(server.udp().take(53));
}

}  // namespace
}  // namespace synscope::sim
