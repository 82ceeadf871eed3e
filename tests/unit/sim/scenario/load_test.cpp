#include "sim/scenario/load.hpp"

#include <gtest/gtest.h>

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
    EXPECT_EQ(s.hosts[1], (Host{"bob", "fd00::2/64"}));
    EXPECT_EQ(s.hosts[2], (Host{"carol", {}}));
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
    ASSERT_EQ(s.clients.size(), 2u);
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

TEST(Load, SmallestScenarioGetsTheDocumentedDefaults) {
    const Scenario s = load("version: 1\nclients: [{steps: [connect, close]}]\n");
    EXPECT_EQ(s.hosts, (std::vector<Host>{{"client", {}}, {"server", {}}}));
    EXPECT_EQ(s.seed, 1u);
    EXPECT_EQ(s.link, Link{});
    Server server;
    server.host = "server";
    EXPECT_EQ(s.server, server);
    EXPECT_EQ(s.clients[0].name, "client-1");
    EXPECT_EQ(s.clients[0].host, "client");
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
