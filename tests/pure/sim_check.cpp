#include "net/wire/frame_text.hpp"
#include "sim/host/world.hpp"
#include "sim/run/simulation.hpp"
#include "tests/pure/self_check.hpp"

namespace synscope::pure {
namespace {

using namespace sim;

HostOptions host_at(std::string_view address) {
    HostOptions options;
    options.ip.interfaces.push_back({{}, Ipv4Prefix::parse(address)});
    return options;
}

/// Counts what it is told.
class Counting final : public Recording {
  public:
    std::uint32_t events = 0;
    std::uint64_t packets = 0;
    EventId emit(Instant, ActorId, std::optional<EventId>, const EventBody&) override {
        return EventId{events++};
    }
    TextId intern(std::string_view) override { return {}; }
    ActorId add_actor() override { return {}; }
    InterfaceId add_interface(std::string_view) override { return {}; }
    PacketId add_packet(InterfaceId, Instant, ByteSpan) override { return PacketId{packets++}; }
};

void check_run(Checks& checks) {
    SimulationOptions options;
    options.scenario.hosts.resize(2);
    options.scenario.hosts[0].name = "client";
    options.scenario.hosts[1].name = "server";
    options.scenario.server.host = "server";
    scenario::Client client;
    client.name = "alice";
    client.host = "client";
    client.steps = {
        {scenario::Connect{}}, {scenario::Send{"hello"}}, {scenario::Recv{5}}, {scenario::Close{}}};
    options.scenario.clients.push_back(client);
    Counting record;
    auto simulation = Simulation::make(std::move(options), record);
    checks.that(simulation.has_value(), "a scenario becomes a world");
    if (!simulation) return;
    while ((*simulation)->go_on(1000)) {
    }
    checks.that((*simulation)->outcome().has_value() && record.packets >= 10,
                "and a conversation runs in it");
}

}  // namespace

void check_sim(Checks& checks) {
    check_run(checks);
    World world{{.seed = 7}};
    const BoxId client = world.add_host("client", host_at("10.0.0.1/24"));
    const BoxId server = world.add_host("server", host_at("10.0.0.2/24"));
    world.connect({client, 0}, {server, 0}, {.delay = Duration::milliseconds(5)});
    world.start();
    world.host(client).ping(world.fabric(), IpAddress::v4(0x0a000002), 1, 1);
    world.run_until(Instant{} + Duration::seconds(1));
    const auto& replies = world.host(client).echo_replies();
    checks.that(replies.size() == 1 && replies.front().at == Instant{} + Duration::milliseconds(20),
                "a ping is answered, after ARP, in virtual time");
    // The same numbers with every compiler and library.
    checks.that(Random{7, "pure"}.exponential() == Random{7, "pure"}.exponential() &&
                    Random{std::array<std::uint64_t, 4>{1, 2, 3, 4}}.next() == 11520,
                "chance repeats");
}

}  // namespace synscope::pure
