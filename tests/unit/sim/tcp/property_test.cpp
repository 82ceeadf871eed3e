// Whatever the wire does, the stream arrives whole, in order and once, or the connection ends with a reason.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/unit/sim/tcp/two_stacks.hpp"

namespace synscope::sim::tcp::test {
namespace {

/// SYNSCOPE_TCP_SCENARIOS: how many. CI runs 2,000, a soak 100,000.
std::uint64_t scenario_count() {
    const char* text = std::getenv("SYNSCOPE_TCP_SCENARIOS");
    return text == nullptr ? 2'000 : std::strtoull(text, nullptr, 10);
}
std::uint64_t first_seed() {
    const char* text = std::getenv("SYNSCOPE_TCP_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

TransferOptions drawn(std::uint64_t seed) {
    Draw draw{seed * 977};
    TransferOptions o;
    o.seed = seed;
    o.bytes[0] = draw.below(12'000);
    o.bytes[1] = draw.chance(400) ? draw.below(12'000) : 0;
    o.odd_programs = draw.chance(700);
    o.wire.delay = Duration::milliseconds(static_cast<std::int64_t>(draw.below(80)));
    if (draw.chance(700)) o.wire.loss_per_mille = static_cast<std::uint32_t>(draw.below(200));
    if (draw.chance(500)) o.wire.reorder_per_mille = static_cast<std::uint32_t>(draw.below(400));
    if (draw.chance(400)) o.wire.duplicate_per_mille = static_cast<std::uint32_t>(draw.below(200));
    if (draw.chance(300)) o.wire.bytes_per_ms = static_cast<std::uint32_t>(100 + draw.below(2000));
    if (draw.chance(400)) o.receive_buffer = static_cast<std::uint32_t>(2304 + draw.below(20'000));
    if (draw.chance(400)) o.send_buffer = static_cast<std::uint32_t>(4608 + draw.below(20'000));
    for (Personality& p : o.personality) {
        if (draw.chance(250)) p = kBsd;
        p.timestamps = draw.chance(600);
        p.sack = draw.chance(700);
        p.window_scaling = draw.chance(700);
        p.ecn = static_cast<std::uint8_t>(draw.below(3));
        p.congestion = static_cast<CongestionAlgorithm>(draw.below(3));
        p.syncookies = draw.chance(100) ? 2 : 1;
    }
    if (draw.chance(400)) o.wraps = static_cast<std::size_t>(draw.below(2));
    o.shuffled = draw.chance(300);
    o.audited = true;
    return o;
}

/// Timers fire for what was sent, and now and then for nothing: a probe of a closed window, a delayed ACK.
std::uint64_t most_timers(const Outcome& outcome) {
    const auto seconds = static_cast<std::uint64_t>((outcome.end - outcome.start).ns / 1'000'000'000);
    return 50 + 2 * outcome.segments + seconds;
}
/// Whether this side's numbers go through 2^32 within its stream.
bool wrapped(const Outcome& outcome, std::size_t side) {
    if (!outcome.isn[side]) return false;
    const std::uint32_t left = 0u - outcome.isn[side]->raw();
    return left <= outcome.intended[side] + 2;
}

TEST(TcpProperty, TheStreamArrivesWholeInOrderAndOnceOrThereIsAReason) {
    const std::uint64_t first = first_seed();
    const std::uint64_t count = scenario_count();
    std::cout << "seeds " << first << " to " << first + count - 1 << '\n';
    std::uint64_t complete = 0;
    std::uint64_t wraps = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const TransferOptions options = drawn(seed);
        const Outcome outcome = transfer(options);
        ASSERT_TRUE(outcome.broken.empty()) << "seed " << seed << ": " << outcome.broken;
        ASSERT_LE(outcome.timers_fired, most_timers(outcome)) << "seed " << seed << ": a storm of timers";
        complete += outcome.complete ? 1u : 0u;
        wraps += wrapped(outcome, 0) || wrapped(outcome, 1) ? 1u : 0u;
    }
    std::cout << complete << " complete, " << wraps << " with numbers that wrap\n";
    // Else the scenarios would show nothing.
    if (count < 100) return;
    EXPECT_GE(complete, count * 8 / 10);
    EXPECT_GE(wraps, count / 4);
}

TEST(TcpProperty, TheSameSeedGivesTheSameRun) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Outcome a = transfer(drawn(seed));
        const Outcome b = transfer(drawn(seed));
        EXPECT_EQ(a.segments, b.segments) << "seed " << seed;
        EXPECT_EQ(a.end, b.end) << "seed " << seed;
    }
}

TEST(TcpProperty, ACleanWireNeedsNoRetransmission) {
    TransferOptions o;
    o.bytes[0] = 1'000'000;
    o.wire.bytes_per_ms = 5'000;
    const Outcome outcome = transfer(o);
    EXPECT_EQ(outcome.broken, "");
    EXPECT_EQ(outcome.delivered[0], 1'000'000u);
    EXPECT_LE(outcome.data_segments, 1'000'000u / 1448 + 30);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
