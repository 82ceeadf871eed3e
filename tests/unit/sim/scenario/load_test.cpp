#include "sim/scenario/load.hpp"

#include <gtest/gtest.h>

#include "net/base/text.hpp"

namespace synscope::scenario {
namespace {

Scenario load(std::string_view yaml) {
    auto loaded = load_text(yaml, "t.yaml", {});
    EXPECT_TRUE(loaded) << error_line(loaded.error());
    return loaded.value_or(Scenario{});
}

constexpr std::string_view kEverything = R"(version: 1
name: everything
title: {en: All keys, zh-CN: 所有键}
seed: 18446744073709551615
hosts:
  - name: alice
    address: 10.0.0.1/24
  - {name: bob, address: "fd00::2/64"}
  - carol
link: {rate: 10mbit, delay: 20ms, jitter: 1.5ms, mtu: 1400, queue: 50, loss: 3%, duplication: 0.01,
       reordering: 2.5%, corruption: 1%, queue_bytes: 64k, codel: {target: 10ms, ecn: true},
       burst_loss: {enter: 1%, leave: 20%, loss: 90%}}
server:
  host: bob
  engine: epoll-et
  service: echo
  framing: len32
  port: 7000
  backlog: 5
  busy: 30ms
  think: 2s
  close_delay: 60ms
  read_size: 4k
  options: {receive_buffer: 64k, send_buffer: 4096, no_delay: true, quick_ack: false, cork: true,
            keep_alive: false, linger: 5s}
  connections: [{framing: none}, {}]
clients:
  - name: one
    host: alice
    framing: len32
    options: {no_delay: false}
    steps:
      - mark: begin
      - connect: {timeout: 2s}
      - send: "a\tb\n\x01\"\\"
      - send: {data: 中, repeat: 1000}
      - recv: {bytes: 4k}
      - recv: {messages: 2}
      - recv: 1 byte
      - recv: 3 messages
      - wait: 100ms
      - shutdown: write
      - recv: eof
      - close
      - connect
      - shutdown: both
      - close
  - name: two
    host: carol
    after: one
    steps: []
  - name: crowd
    count: 10000
    steps:
      - connect: {blocking: false, timeout: 1s}
      - send: {data: x, repeat: 10, chunk: 4k, every: 2ms}
      - mark: all-sent
    host: alice
rules:
  - {action: drop, from: alice, nth: 2, flags: "P.", min_payload: 1}
  - {action: delay, delay: 5ms}
  - {action: duplicate, sequence: 1:1461, packet: 17}
narration:
  - at: begin
    title: Begin
    text: {en: "It \u202e begins", zh-CN: 开始}
)";

TEST(Load, EveryKeyReachesItsField) {
    const Scenario s = load(kEverything);
    EXPECT_EQ(s.name, "everything");
    EXPECT_EQ(s.title.at("zh-CN"), "所有键");
    EXPECT_EQ(s.seed, 18446744073709551615u);
    ASSERT_EQ(s.hosts.size(), 3u);
    EXPECT_EQ(s.hosts[1].name, "bob");
    EXPECT_EQ(s.hosts[1].address, "fd00::2/64");
    EXPECT_EQ(s.hosts[2].name, "carol");
    EXPECT_FALSE(s.hosts[2].address);
    EXPECT_EQ(s.link,
              (Link{10'000'000, Duration::milliseconds(20), Duration::microseconds(1500), 1400, 50, 0.03,
                    0.01, 0.025, 0.01, 65536, CoDel{.target = Duration::milliseconds(10), .ecn = true},
                    BurstLoss{0.01, 0.2, 0.9}}));
    Server server;
    server.host = "bob";
    server.engine = "epoll-et";
    server.service = "echo";
    server.framing = "len32";
    server.port = 7000;
    server.backlog = 5;
    server.busy = Duration::milliseconds(30);
    server.think = Duration::seconds(2);
    server.close_delay = Duration::milliseconds(60);
    server.read_size = 4096;
    server.options = {65536, 4096, true, false, true, false, 5};
    server.connections = {{"none"}, {}};
    EXPECT_EQ(s.server, server);
    ASSERT_EQ(s.clients.size(), 3u);
    EXPECT_EQ(s.clients[1].count, 1u);
    EXPECT_EQ(s.clients[2].count, 10'000u);
    Connect nonblocking{Duration::seconds(1)};
    nonblocking.blocking = false;
    EXPECT_EQ(s.clients[2].steps[0].action, StepAction(nonblocking));
    EXPECT_EQ(s.clients[2].steps[1].action, StepAction(Send{"x", 10, 4096, Duration::milliseconds(2)}));
    EXPECT_EQ(s.clients[1].after, "one");
    EXPECT_EQ(s.clients[1].framing, "none");
    const std::vector<StepAction> expected{Mark{"begin"},
                                           Connect{Duration::seconds(2)},
                                           Send{"a\tb\n\x01\"\\", 1},
                                           Send{"中", 1000},
                                           Recv{4096, {}, false},
                                           Recv{{}, 2, false},
                                           Recv{1, {}, false},
                                           Recv{{}, 3, false},
                                           Wait{Duration::milliseconds(100)},
                                           Shutdown{ShutdownHow::Write},
                                           Recv{{}, {}, true},
                                           Close{},
                                           Connect{},
                                           Shutdown{ShutdownHow::Both},
                                           Close{}};
    ASSERT_EQ(s.clients[0].steps.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(s.clients[0].steps[i].action, expected[i]) << "step " << i;
    EXPECT_EQ(s.clients[0].steps[0].line, 33);
    ASSERT_EQ(s.rules.size(), 3u);
    EXPECT_EQ(s.rules[0], (WireRule{RuleAction::Drop, "alice", 2, "P.", 1, {}}));
    EXPECT_EQ(s.rules[1], (WireRule{RuleAction::Delay, "", {}, {}, {}, Duration::milliseconds(5)}));
    EXPECT_EQ(s.rules[2].action, RuleAction::Duplicate);
    EXPECT_EQ(s.rules[2].sequence, (SequenceRange{1, 1461}));
    EXPECT_EQ(s.rules[2].packet, 17u);
    EXPECT_EQ(s.narration[0].title, (Translated{{"en", "Begin"}}));
    EXPECT_EQ(s.narration[0].text.at("en"), "It \u202e begins");
}

constexpr std::string_view kNetwork = R"(version: 1
hosts:
  - {name: client, address: dhcp, personality: bsd}
  - name: names
    address: 10.0.0.53/24
    gateway: 10.0.0.1
    dns_server: {names: {www.example: 192.0.2.80, a-1.example: 192.0.2.81}, ttl: 1min}
    dhcp_server: {first: 10.0.0.100, last: 10.0.0.199, lease: 2h, gateway: 10.0.0.1, dns: 10.0.0.53}
  - {name: web, address: 192.0.2.80/24, gateway: 192.0.2.1, dns: 10.0.0.53}
link: {delay: 1ms}
network:
  switches: [lan]
  routers:
    - name: gate
      interfaces: {lan: 10.0.0.1/24, web: 192.0.2.1/24}
      routes: [{to: 10.9.0.0/16, via: 192.0.2.9}]
  links:
    - between: [client, lan]
    - {between: [names, lan], queue_bytes: 64k, codel: true}
    - {between: [lan, gate], burst_loss: {enter: 1%, leave: 50%, loss: 90%}}
    - {between: [gate, web], delay: 10ms, rate: 10mbit}
servers:
  - {host: web, port: 80, script: [recv: 4 bytes, mark: asked, send: page, wait: 1ms, reset]}
  - {host: names, service: upper}
clients:
  - steps:
      - dhcp
      - resolve: www.example
      - ping: web
      - ping: {name: www.example, count: 3, size: 1000, every: 10ms}
      - connect: {name: www.example, port: 80, from_port: 5000, timeout: 1s}
      - recv: {bytes: 64k, chunk: 1k, every: 5ms}
      - recv: {eof: true, chunk: 10}
      - reset
      - connect: {host: names}
      - close
    options: {keep_alive_idle: 10s, keep_alive_interval: 1s, keep_alive_count: 3, user_timeout: 30s,
              max_segment: 536, syn_retries: 2, congestion: reno}
rules:
  - {action: drop, from: web, sequence: "1:1461"}
narration:
  - {at: asked, text: The server speaks}
)";

TEST(Load, NetworkServersAndStepsReachTheirFields) {
    const Scenario s = load(kNetwork);
    ASSERT_EQ(s.hosts.size(), 3u);
    EXPECT_TRUE(s.hosts[0].by_dhcp);
    EXPECT_FALSE(s.hosts[0].address);
    EXPECT_EQ(s.hosts[0].personality, Personality::Bsd);
    EXPECT_EQ(s.hosts[1].dns_server->names.at("a-1.example"), "192.0.2.81");
    EXPECT_EQ(s.hosts[1].dns_server->ttl, Duration::seconds(60));
    EXPECT_EQ(*s.hosts[1].dhcp_server,
              (DhcpServer{"10.0.0.100", "10.0.0.199", Duration::seconds(7200), "10.0.0.1", "10.0.0.53"}));
    ASSERT_EQ(s.network.links.size(), 4u);
    EXPECT_EQ(s.network.links[0].link.delay, Duration::milliseconds(1)) << "the scenario's link is the usual";
    EXPECT_EQ(s.network.links[3].link.delay, Duration::milliseconds(10));
    EXPECT_EQ(s.network.links[1].link.queue_bytes, 65536u);
    EXPECT_EQ(s.network.links[2].link.burst_loss, (BurstLoss{0.01, 0.5, 0.9}));
    EXPECT_EQ(s.network.routers[0].interfaces[1], (RouterInterface{"web", "192.0.2.1/24"}));
    EXPECT_EQ(s.server.host, "web");
    ASSERT_EQ(s.server.script.size(), 5u);
    ASSERT_EQ(s.more_servers.size(), 1u);
    EXPECT_EQ(s.more_servers[0].host, "names");
    Connect connect;
    connect.timeout = Duration::seconds(1);
    connect.name = "www.example";
    connect.port = 80;
    connect.from_port = 5000;
    EXPECT_EQ(s.clients[0].steps[4].action, StepAction(connect));
    EXPECT_EQ(s.clients[0].steps[3].action,
              StepAction(Ping{"", "www.example", 3, 1000, Duration::milliseconds(10)}));
    EXPECT_EQ(s.clients[0].options.user_timeout_ms, 30'000);
    EXPECT_EQ(s.clients[0].options.congestion, "reno");
    EXPECT_EQ(s.rules[0].sequence, (SequenceRange{1, 1461}));
    EXPECT_EQ(needs_simulator(s), "a network of links");
}

TEST(Load, NetworkIsWrittenAndReadBackEqual) {
    const Scenario s = load(kNetwork);
    const std::string yaml = to_yaml(s);
    const auto again = load_text(yaml, "again.yaml", {});
    ASSERT_TRUE(again) << error_line(again.error()) << '\n' << yaml;
    EXPECT_EQ(*again, s) << yaml;
}

TEST(Load, NoServerAtAllIsAnEmptyList) {
    const Scenario s = load(R"(version: 1
hosts: [a, b]
servers: []
clients:
  - {host: a, steps: [connect: {host: b, port: 2000, from_port: 1000}]}
  - {host: b, steps: [connect: {host: a, port: 1000, from_port: 2000}]}
)");
    EXPECT_TRUE(s.no_server);
    EXPECT_EQ(load(to_yaml(s)), s);
}

TEST(Load, WhatRealKernelsCanRunNeedsNoSimulator) {
    EXPECT_FALSE(needs_simulator(load(kEverything)));
}

TEST(Load, AClientTalksUdp) {
    const Scenario s = load(R"(version: 1
server: {engine: udp, service: udp-upper}
clients:
  - name: a
    transport: udp
    steps:
      - connect
      - send: {data: abc, repeat: 100000, chunk: 1k}
      - send: ""
      - recv: {bytes: 3, timeout: 500ms}
      - recv: {messages: 2, chunk: 1k, timeout: 1s}
      - recv: 2 messages
      - wait: 1ms
      - close
  - {name: b, transport: tcp, steps: []}
)");
    EXPECT_EQ(s.clients[0].transport, Transport::Udp);
    EXPECT_EQ(s.clients[1].transport, Transport::Tcp);
    EXPECT_EQ(std::get<Recv>(s.clients[0].steps[3].action).timeout, Duration::milliseconds(500));
    EXPECT_EQ(load(to_yaml(s)), s);
    EXPECT_FALSE(needs_simulator(s));
}

TEST(Load, SmallestScenarioGetsTheDocumentedDefaults) {
    const Scenario s = load("version: 1\nclients: [{steps: [connect, close]}]\n");
    ASSERT_EQ(s.hosts.size(), 2u);
    EXPECT_EQ(s.hosts[0].name, "client");
    EXPECT_EQ(s.hosts[1].name, "server");
    EXPECT_EQ(s.seed, 1u);
    EXPECT_EQ(s.link, Link{});
    Server server;
    server.host = "server";
    EXPECT_EQ(s.server, server);
    EXPECT_EQ(s.clients[0].name, "client-1");
    EXPECT_EQ(s.clients[0].host, "client");
}

TEST(Load, AFramingIsANameOrIsDeclared) {
    const auto framing = [](std::string_view yaml) {
        const auto loaded = load_text(concat("version: 1\nserver: {framing: ", yaml,
                                             "}\nclients: [{name: a, steps: [{connect: {}}, {send: x}]}]\n"),
                                      "t.yaml", {});
        return loaded ? loaded->server.framing : error_line(loaded.error());
    };
    EXPECT_EQ(framing("len32be"), "len32be");
    EXPECT_EQ(framing("{length: {}}"), "length:offset=0,size=4,header=4,endian=little");
    EXPECT_EQ(
        framing(
            "{length: {offset: 2, size: 2, header: 8, endian: big, signed: true, includes_header: true}}"),
        "length:offset=2,size=2,header=8,endian=big,signed,includes_header");
    EXPECT_EQ(framing("{delimiter: \"\\r\\n\"}"), "delimiter:0d0a");
    EXPECT_EQ(framing("'length:offset=0,size=2,header=2,endian=big'"),
              "length:offset=0,size=2,header=2,endian=big");
    for (const std::string_view wrong :
         {"{}", "{length: {}, delimiter: x}", "{delimiter: ''}", "{length: {size: 5}}",
          "{length: {size: 2, header: 1}}", "{width: 2}", "'length:<b>'"})
        EXPECT_NE(framing(wrong).find("t.yaml:2:"), std::string::npos) << wrong << ": " << framing(wrong);
}

TEST(Load, WrittenScenarioIsReadBackEqual) {
    const Scenario s = load(kEverything);
    const std::string yaml = to_yaml(s);
    const auto again = load_text(yaml, "again.yaml", {});
    ASSERT_TRUE(again) << error_line(again.error()) << '\n' << yaml;
    EXPECT_EQ(*again, s) << yaml;
    EXPECT_EQ(to_yaml(*again), yaml);
}

TEST(Load, TextThatLooksLikeSomethingElseStaysText) {
    Scenario s = load("version: 1\nclients: [{steps: [connect]}]\n");
    const std::vector<std::string> texts{
        "null",    "~",      "1", "true",   " padded ", "# no comment", "- x",
        "a: b",    "\n\r\t", "",  "*alias", "&anchor",  "!tag",         std::string("\0\x04\x7f", 3),
        "中\u2028"};
    for (const std::string& data : texts) {
        s.clients[0].framing = "len32";
        s.clients[0].steps = {{Connect{}, 0}, {Send{data, 1}, 0}};
        const auto again = load_text(to_yaml(s), "t.yaml", {});
        ASSERT_TRUE(again) << error_line(again.error());
        EXPECT_EQ(*again, s) << data;
    }
}

TEST(Load, EqualityLooksAtEveryField) {
    const Scenario s = load(kEverything);
    Scenario other = s;
    other.clients[0].steps[2].action = Send{"other", 1};
    EXPECT_NE(other, s);
    other = s;
    other.server.connections[1].framing = "len32";
    EXPECT_NE(other, s);
    other = s;
    other.clients[0].steps[2].line += 1;  // where it stood in a file is no part of what runs
    EXPECT_EQ(other, s);
}

}  // namespace
}  // namespace synscope::scenario
