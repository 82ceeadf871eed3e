#include "net/host/clock.hpp"

#include <ctime>

#include "net/engine/observe.hpp"

namespace synscope::host {

namespace {

std::int64_t wall_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

ClockPaired pair_clocks() noexcept {
    // A preemption between the readings shows as a large error; one of five tries is nearly always free of
    // it.
    ClockPaired best;
    for (int i = 0; i < 5; ++i) {
        const std::int64_t before = wall_ns();
        const std::int64_t monotonic = engine::monotonic_ns();
        const std::int64_t after = wall_ns();
        // A wall clock set back in between gives a negative span: no pairing to keep, unless there is none
        // yet.
        const Duration error{after >= before ? (after - before + 1) / 2 : std::int64_t{1'000'000'000}};
        if (i == 0 || error < best.error) best = {monotonic, before + (after - before) / 2, error};
    }
    return best;
}

}  // namespace synscope::host
