#pragma once
// The clock that calls are timed with: CLOCK_MONOTONIC, read from the processor.
//
// A watched server reads it six times for one echo, and the kernel's own reading (vDSO) waits for everything
// before it and looks for a change of rate each time. Here a thread keeps where that clock stood, at most
// 10 ms ago, and how it runs against the processor's counter; a reading is the counter and a multiplication.
// What it says lies within a microsecond of the kernel's (a few nanoseconds, as long as the rate holds), and
// never goes back within a thread. Where the kernel does not trust the counter itself (its clock source is
// not `tsc`), on other processors, and in a program's first 10 ms, every reading is the kernel's.
//
// Thread rule: any thread; none waits for another.

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace synscope::engine {

namespace clock {

/// A thread's last reading of the kernel's clock, and how to go on from there.
struct Pace {
    std::uint64_t ticks = 0;  ///< the counter then
    std::int64_t ns = 0;      ///< the clock then
    std::uint64_t rate = 0;   ///< nanoseconds a tick, times 2^32
    std::uint64_t valid = 0;  ///< ticks for which it holds; 0: not at all
};
inline constinit thread_local Pace pace{};

/// Asks the kernel, and sets the pace anew.
[[nodiscard]] std::int64_t renew() noexcept;

}  // namespace clock

/// CLOCK_MONOTONIC, nanoseconds.
[[nodiscard]] inline std::int64_t monotonic_ns() noexcept {
#if defined(__x86_64__)
    const clock::Pace& pace = clock::pace;
    const std::uint64_t since = __rdtsc() - pace.ticks;
    if (since < pace.valid) [[likely]]
        return pace.ns + static_cast<std::int64_t>(since * pace.rate >> 32);
#endif
    return clock::renew();
}

}  // namespace synscope::engine
