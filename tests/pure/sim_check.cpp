#include "net/wire/frame_text.hpp"
#include "sim/host/world.hpp"
#include "tests/pure/self_check.hpp"

namespace synscope::pure {
namespace {

using namespace sim;

HostOptions host_at(std::string_view address) {
    HostOptions options;
    options.ip.interfaces.push_back({{}, Ipv4Prefix::parse(address)});
    return options;
}

}  // namespace

void check_sim(Checks& checks) {
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
