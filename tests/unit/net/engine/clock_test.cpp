#include "net/engine/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <thread>
#include <vector>

namespace synscope::engine {
namespace {

std::int64_t kernel_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct Seen {
    std::int64_t furthest_before_ns = 0;
    std::int64_t furthest_behind_ns = 0;
    std::int64_t longest_step_back_ns = 0;
};

/// Reads ours between two readings of the kernel's, so that an interruption makes the bracket wider, and
/// nothing wrong. Long enough that the pace is renewed a few times.
Seen compare_for(std::int64_t ns) {
    Seen out;
    std::int64_t last = 0;
    for (const std::int64_t begin = kernel_ns(); kernel_ns() - begin < ns;) {
        const std::int64_t before = kernel_ns();
        const std::int64_t ours = monotonic_ns();
        const std::int64_t after = kernel_ns();
        out.furthest_before_ns = std::max(out.furthest_before_ns, before - ours);
        out.furthest_behind_ns = std::max(out.furthest_behind_ns, ours - after);
        out.longest_step_back_ns = std::max(out.longest_step_back_ns, last - ours);
        last = ours;
    }
    return out;
}

void expect_close(const Seen& seen) {
    EXPECT_LT(seen.furthest_before_ns, 2000);
    EXPECT_LT(seen.furthest_behind_ns, 2000);
    EXPECT_EQ(seen.longest_step_back_ns, 0);
}

TEST(Clock, KeepsToTheKernelsAndNeverGoesBack) {
    expect_close(compare_for(60'000'000));
}

TEST(Clock, EveryThreadKeepsToIt) {
    std::vector<Seen> seen(4);
    std::vector<std::thread> threads;
    for (Seen& own : seen)
        threads.emplace_back([&own] { own = compare_for(40'000'000); });
    for (std::thread& thread : threads)
        thread.join();
    for (const Seen& own : seen)
        expect_close(own);
}

TEST(Clock, WhoWasAheadGoesOnMoreSlowlyUntilTheKernelIsThere) {
    expect_close(compare_for(30'000'000));
    if (clock::pace.valid == 0)
        GTEST_SKIP() << "the kernel's clock source is not tsc: every reading is the kernel's";
    constexpr std::int64_t kAhead_ns = 200'000;
    clock::pace.ns += kAhead_ns;
    const Seen seen = compare_for(40'000'000);
    EXPECT_EQ(seen.longest_step_back_ns, 0);
    EXPECT_GT(seen.furthest_behind_ns, kAhead_ns / 2) << "it was not ahead: nothing was tried";
    expect_close(compare_for(10'000'000));
}

TEST(Clock, APaceThatIsFarOffIsGivenUp) {
    expect_close(compare_for(30'000'000));
    if (clock::pace.valid == 0)
        GTEST_SKIP() << "the kernel's clock source is not tsc: every reading is the kernel's";
    clock::pace = {clock::pace.ticks - 100 * clock::pace.valid, clock::pace.ns + 1'000'000'000'000,
                   clock::pace.rate, clock::pace.valid};
    expect_close(compare_for(1'000'000));
}

}  // namespace
}  // namespace synscope::engine
