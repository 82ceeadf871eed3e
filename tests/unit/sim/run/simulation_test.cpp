// Whole runs: what is joined to what, who waits for whom, and when it ends.
#include <algorithm>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

TEST(Simulation, ClientWaitsForTheOneBefore) {
    const auto ran = run_yaml(R"(version: 1
clients:
  - {name: a, steps: [wait: 50ms]}
  - {name: b, after: a, steps: [mark: there]}
)");
    ASSERT_EQ(ran->error(), "no error");
    const auto marks = ran->record.all<Marker>();
    ASSERT_EQ(marks.size(), 1u);
    EXPECT_EQ(marks[0].at.ns / 1'000'000, 50);
}

TEST(Simulation, SimultaneousCloseGoesThroughClosingOnBothSides) {
    const auto ran = run_yaml(R"(version: 1
link: {delay: 10ms}
server: {script: [wait: 50ms, close]}
clients: [{name: a, steps: [connect, wait: 60ms, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_NE(ran->record.states("a").find("FIN-WAIT-1 CLOSING TIME-WAIT"), std::string::npos)
        << ran->record.states("a");
    EXPECT_NE(ran->record.states("server").find("FIN-WAIT-1 CLOSING TIME-WAIT"), std::string::npos)
        << ran->record.states("server");
}

TEST(Simulation, SimultaneousOpenNeedsNoServer) {
    const auto ran = run_yaml(R"(version: 1
hosts: [a, b]
link: {delay: 10ms}
servers: []
clients:
  - {name: ca, host: a, steps: [connect: {host: b, port: 2000, from_port: 1000}, send: hi, recv: 2 bytes, close]}
  - {name: cb, host: b, steps: [connect: {host: a, port: 1000, from_port: 2000}, send: ho, recv: 2 bytes, close]}
)");
    ASSERT_EQ(ran->error(), "no error") << ran->record.flags();
    EXPECT_NE(ran->record.states("ca").find("SYN-SENT SYN-RECEIVED ESTABLISHED"), std::string::npos);
}

TEST(Simulation, ResetIsARst) {
    const auto ran = run_yaml(R"(version: 1
server: {script: [recv: 1 byte, recv: eof]}
clients: [{name: a, steps: [connect, send: x, wait: 10ms, reset]}]
)");
    EXPECT_EQ(ran->error(), "server on host 'server', step 2 (recv): ECONNRESET");
    EXPECT_NE(ran->record.flags().find('R'), std::string::npos);
}

TEST(Simulation, RuleDropsWhatItNamesAndTheRecordSaysWhy) {
    const auto ran = run_yaml(R"(version: 1
rules: [{action: drop, from: client, flags: S, nth: 1}]
clients: [{name: a, steps: [connect, send: x, recv: 1 byte, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_EQ(ran->record.flags().substr(0, 9), "[S] S S. ");
    const auto dropped = ran->record.all<PacketDropped>();
    ASSERT_EQ(dropped.size(), 1u);
    EXPECT_EQ(std::get<PacketDropped>(dropped[0].body).reason, DropReason::Rule);
}

TEST(Simulation, PacketIsRecordedOnceWhateverItPasses) {
    constexpr std::string_view kYaml = R"(version: 1
hosts:
  - {name: client, address: 10.0.0.10/24, gateway: 10.0.0.1}
  - {name: server, address: 192.0.2.80/24, gateway: 192.0.2.1}
network:
  switches: [lan]
  routers: [{name: gate, interfaces: {lan: 10.0.0.1/24, server: 192.0.2.1/24}}]
  links: [{between: [client, lan]}, {between: [lan, gate]}, {between: [gate, server]}]
clients: [{name: a, steps: [connect, send: x, recv: 1 byte, shutdown: write, recv: eof, close]}]
)";
    const auto ran = run_yaml(kYaml);
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_EQ(ran->record.interfaces,
              (std::vector<std::string>{"client:eth0", "server:eth0", "gate:eth0", "gate:eth1"}));
    // As Linux does, the first bytes are acknowledged at once.
    EXPECT_EQ(ran->record.flags(), "S S. . P. . P. . F. F. .");
    std::map<std::uint64_t, int> arrived;
    for (const Event& event : ran->record.all<PacketDelivered>())
        ++arrived[std::get<PacketDelivered>(event.body).packet.value];
    for (const auto& [packet, times] : arrived) {
        const bool tcp =
            wire::find_tcp(wire::LinkType::Ethernet, ran->record.packets[packet].bytes, 2000).has_value();
        EXPECT_TRUE(!tcp || times == 1) << "packet " << packet << ", " << times << " times";
    }
    std::map<BoxAction, int> acted;
    for (const Event& event : ran->record.all<BoxActed>())
        ++acted[std::get<BoxActed>(event.body).action];
    EXPECT_GT(acted[BoxAction::TtlDecreased], 5);
    EXPECT_GT(acted[BoxAction::MacRewritten], 5);
    EXPECT_EQ(acted[BoxAction::MacLearned], 2) << "the client's card and the router's";
    EXPECT_GE(acted[BoxAction::ArpLearned], 3);
}

TEST(Simulation, NameIsAskedOfDnsAndAnAddressOfDhcp) {
    const auto ran = run_yaml(R"(version: 1
hosts:
  - {name: client, address: dhcp}
  - name: server
    address: 10.0.0.1/24
    dns_server: {names: {www.example: 10.0.0.1}}
    dhcp_server: {first: 10.0.0.100, last: 10.0.0.110, dns: 10.0.0.1}
server: {port: 80}
clients:
  - name: a
    steps: [dhcp, resolve: www.example, ping: {name: www.example, count: 2, every: 10ms},
            connect: {name: www.example, port: 80}, send: x, recv: 1 byte, close]
)");
    ASSERT_EQ(ran->error(), "no error");
    std::vector<std::string> notes;
    for (const Event& event : ran->record.all<Note>())
        notes.push_back(ran->record.text(std::get<Note>(event.body).text));
    EXPECT_EQ(notes.front(), "client is 10.0.0.100/24 now");
    EXPECT_NE(std::find(notes.begin(), notes.end(), "www.example is 10.0.0.1"), notes.end());
}

TEST(Simulation, UnknownNameFailsTheStep) {
    const auto ran = run_yaml(R"(version: 1
hosts: [{name: client, dns: 10.0.0.2}, {name: server, dns_server: {names: {www.example: 10.0.0.2}}}]
clients: [{name: a, steps: [connect: {name: nowhere.example, port: 80}]}]
)");
    EXPECT_EQ(ran->error().substr(0, 57), "client 'a', step 1 (connect): cannot resolve nowhere.exam");
}

TEST(Simulation, EndlessScenarioStopsAtItsLimitAndSaysSo) {
    const auto ran =
        run_yaml("version: 1\nclients: [{name: a, steps: [connect, recv: 1 byte]}]\n", Duration::seconds(5));
    EXPECT_EQ(ran->error(), "the scenario had not ended after 5.00 s of virtual time");
    EXPECT_LE(ran->progress.now.ns, 5'000'000'000);
}

TEST(Simulation, Ipv6IsOutOfScopeAndSaysSo) {
    const auto ran = run_yaml(
        "version: 1\nhosts: [{name: client, address: fd00::1/64}, server]\nclients: [{steps: [connect]}]\n");
    EXPECT_EQ(ran->error(), "host 'client' has the address fd00::1/64: IPv6 is out of scope for now");
}

TEST(Simulation, SameSeedSameRecordAndAnotherSeedOtherNumbers) {
    const auto load = [](std::uint64_t seed) {
        auto scenario = scenario::load_text(
            "version: 1\nlink: {delay: 5ms, loss: 10%}\nclients: [{name: a, steps: [connect, send: {data: "
            "abcdefgh, "
            "repeat: 4000}, recv: 32000 bytes, close]}]\n",
            "t.yaml", {});
        scenario->seed = seed;
        return *scenario;
    };
    const auto one = run_scenario(load(1));
    const auto two = run_scenario(load(1));
    const auto other = run_scenario(load(2));
    EXPECT_EQ(one->error(), "no error");
    EXPECT_EQ(one->record.events, two->record.events);
    ASSERT_EQ(one->record.packets.size(), two->record.packets.size());
    for (std::size_t i = 0; i < one->record.packets.size(); ++i)
        EXPECT_EQ(one->record.packets[i].bytes, two->record.packets[i].bytes);
    EXPECT_NE(one->record.packets[2].bytes, other->record.packets[2].bytes)
        << "another first sequence number";
}

TEST(Simulation, ARecvWithATimeoutGoesOnWithWhatHasCome) {
    const auto ran = run_yaml(R"(version: 1
server: {engine: epoll-et}
clients:
  - name: a
    steps: [connect, send: hello, recv: {bytes: 9, timeout: 50ms}, recv: {eof: true, timeout: 10ms}, close]
  - {name: crowd, count: 3, steps: [connect, send: hi, recv: {bytes: 9, timeout: 50ms}, close]}
)");
    EXPECT_EQ(ran->error(), "no error");
    std::vector<std::string> notes;
    for (const Event& event : ran->record.all<Note>())
        notes.push_back(ran->record.text(std::get<Note>(event.body).text));
    EXPECT_NE(
        std::find(notes.begin(), notes.end(), "client 'a': the time is over after 5 of 9 bytes: it goes on"),
        notes.end());
    EXPECT_NE(std::find(notes.begin(), notes.end(),
                        "client 'a': the time is over after 0 of 1 end-of-file: it goes on"),
              notes.end());
    EXPECT_NE(std::find(notes.begin(), notes.end(),
                        "client 'crowd' 3 of 3: the time is over after 2 of 9 bytes: it goes on"),
              notes.end());
}

}  // namespace
}  // namespace synscope::sim
