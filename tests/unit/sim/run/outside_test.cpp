// A host whose place somebody outside takes. Here that is another simulation of the same scenario: each of
// the two runs one of its hosts, and frames are carried from one to the other as a TAP device would.
#include <algorithm>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

scenario::Scenario scenario_of(std::string_view yaml) {
    const auto scenario = scenario::load_text(yaml, "t.yaml", {});
    EXPECT_TRUE(scenario) << scenario::error_line(scenario.error());
    return scenario.value_or(scenario::Scenario{});
}

struct Half {
    MemoryRecording record;
    std::unique_ptr<Simulation> simulation;

    Half(const scenario::Scenario& scenario, const std::string& outside,
         Duration until = Duration::seconds(60)) {
        SimulationOptions options;
        options.scenario = scenario;
        options.file = "t.yaml";
        options.outside = outside;
        options.until = Instant{until.ns};
        auto made = Simulation::make(std::move(options), record);
        if (made)
            simulation = std::move(*made);
        else
            ADD_FAILURE() << made.error().what;
    }
};

void carry(Half& from, Half& to) {
    for (const Payload& frame : from.simulation->left())
        to.simulation->inject(frame.span());
    from.simulation->left().clear();
}

/// Both clocks go on together, in steps so small that nobody waits for long.
void run_together(Half& a, Half& b, Duration length) {
    constexpr Duration kStep = Duration::microseconds(100);
    for (Instant now{}; now.ns < length.ns; now = now + kStep) {
        a.simulation->run_until(now);
        b.simulation->run_until(now);
        carry(a, b);
        carry(b, a);
    }
}

constexpr std::string_view kTalk = R"(version: 1
link: {delay: 1ms}
server: {port: 7, service: upper}
clients: [{name: a, steps: [connect, send: hello, recv: 5 bytes, shutdown: write, recv: eof, close]}]
)";

TEST(Outside, TwoHalvesOfAScenarioTalk) {
    const auto scenario = scenario_of(kTalk);
    Half with_server{scenario, "client"};
    Half with_client{scenario, "server"};
    run_together(with_server, with_client, Duration::milliseconds(100));
    EXPECT_TRUE(with_client.simulation->outcome()) << with_client.simulation->outcome().error().what;
    const auto calls = with_client.record.calls("a");
    EXPECT_NE(std::find(calls.begin(), calls.end(), "recv(5) = 5"), calls.end());
    EXPECT_EQ(with_client.record.states("a"), "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT");
    // Each half has the whole conversation, once.
    EXPECT_EQ(with_server.record.flags(), with_client.record.flags());
    EXPECT_EQ(with_server.record.flags().substr(0, 7), "S S. . ");
}

TEST(Outside, WhatItIsToBeIsTold) {
    const Half half{scenario_of(R"(version: 1
hosts: [{name: pc, address: 192.0.2.5/28, gateway: 192.0.2.1}, {name: web, address: 192.0.2.1/28}]
link: {mtu: 1400}
server: {host: web, port: 80}
clients: [{name: a, host: pc, steps: [connect]}, {name: b, host: web, after: a, steps: [mark: begun]}]
)"),
                    "pc"};
    const OutsideEnd& end = half.simulation->outside();
    EXPECT_EQ(end.host, "pc");
    EXPECT_EQ(end.address->text(), "192.0.2.5/28");
    EXPECT_EQ(end.gateway->text(), "192.0.2.1");
    EXPECT_EQ(end.mtu, 1400u);
    EXPECT_EQ(half.record.interfaces, (std::vector<std::string>{"pc:eth0", "web:eth0"}));
    half.simulation->run_until(Instant{1'000'000});
    ASSERT_EQ(half.simulation->servers().size(), 1u);
    EXPECT_EQ(half.simulation->servers()[0].text(), "192.0.2.1:80");
    EXPECT_EQ(half.record.all<Marker>().size(), 1u) << "a client does not wait for one that is left out";
}

TEST(Outside, IsRefusedWhereThereIsNoSuchHost) {
    MemoryRecording record;
    SimulationOptions options;
    options.scenario = scenario_of(kTalk);
    options.outside = "nobody";
    const auto made = Simulation::make(std::move(options), record);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().what, "there is no host 'nobody'");
}

TEST(Outside, TimeGoesOnWithoutEventsAndStopsAtTheLimit) {
    Half half{scenario_of(kTalk), "client", Duration::seconds(1)};
    EXPECT_TRUE(half.simulation->run_until(Instant{500'000'000}));
    EXPECT_EQ(half.simulation->progress().now.ns, 500'000'000);
    EXPECT_FALSE(half.simulation->run_until(Instant{2'000'000'000}));
    EXPECT_EQ(half.simulation->progress().now.ns, 1'000'000'000);
    EXPECT_TRUE(half.simulation->outcome()) << "a limit is no failure";
}

TEST(Outside, RubbishIsNoFrame) {
    Half half{scenario_of(kTalk), "client"};
    half.simulation->run_until(Instant{1'000'000});
    const std::vector<std::byte> rubbish(1600, std::byte{0xff});
    for (std::size_t size = 0; size <= rubbish.size(); size += 7)
        half.simulation->inject(ByteSpan{rubbish}.first(size));
    EXPECT_TRUE(half.simulation->run_until(Instant{20'000'000}));
}

}  // namespace
}  // namespace synscope::sim
