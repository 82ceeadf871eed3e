#include "net/engine/clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <ctime>
#include <string_view>

namespace synscope::engine::clock {

namespace {

std::int64_t kernel_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

#if defined(__x86_64__)

namespace {

constexpr double kTwo32 = 4294967296.0;
constexpr std::uint64_t kClose_ticks = 1500;
constexpr std::int64_t kHolds_ns = 10'000'000;
/// Of the rate: over less, what a reading may be wrong by would show.
constexpr std::int64_t kLeastBase_ns = 10'000'000;
constexpr std::int64_t kBase_ns = 1'000'000'000;
/// Of a rate; adjtimex(2) lets the clock be driven 500 ppm faster or slower.
constexpr double kMostChange = 0.002;
/// Further ahead than this, we do not wait for the kernel's clock: something else has happened.
constexpr std::int64_t kMostAhead_ns = 1'000'000;

/// Both clocks at one moment.
struct Pair {
    std::uint64_t ticks = 0;
    std::int64_t ns = 0;
};

/// The kernel has compared the counters of all processors, and that counter with others, all the time since
/// it began; it goes over to another clock when this one is not good.
bool counter_is_trusted() noexcept {
    const int fd =
        ::open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    std::array<char, 8> name{};
    const ssize_t n = ::read(fd, name.data(), name.size());
    ::close(fd);
    return n > 0 && std::string_view{name.data(), static_cast<std::size_t>(n)} == "tsc\n";
}

struct Pairing {
    Pair pair;
    bool is_close = false;
};
/// A thread that was interrupted between the readings has them far apart, and tries again.
Pairing pair_now() noexcept {
    Pairing out;
    for (int i = 0; i < 3 && !out.is_close; ++i) {
        const std::uint64_t before = __rdtsc();
        const std::int64_t ns = kernel_ns();
        const std::uint64_t width = __rdtsc() - before;
        out = {{before + width / 2, ns}, width < kClose_ticks};
    }
    return out;
}

/// What the rate is measured from, for all threads: the older one serves until the newer is old enough.
struct Base {
    Pair older;
    Pair newer;
};
constinit Base base{};                       // under base_taken
constinit std::atomic_flag base_taken{};     // nobody waits for it: the rate that is known will do
constinit std::atomic<double> known_rate{};  // nanoseconds a tick; 0: not yet

void measure_rate(const Pair& now) noexcept {
    if (base_taken.test_and_set(std::memory_order_acquire)) return;
    if (base.older.ns == 0) base = {now, now};
    if (now.ns - base.newer.ns >= kBase_ns) base = {base.newer, now};
    const std::int64_t ns = now.ns - base.older.ns;
    const std::uint64_t ticks = now.ticks - base.older.ticks;
    if (ns >= kLeastBase_ns) {
        const double known = known_rate.load(std::memory_order_relaxed);
        const double rate = static_cast<double>(ns) / static_cast<double>(ticks);
        const bool plausible =
            known > 0 ? std::abs(rate / known - 1) < kMostChange : rate > 0.05 && rate < 20;
        if (!plausible) base = {now, now};  // a machine that was stopped, or moved to another
        known_rate.store(plausible ? rate : 0, std::memory_order_relaxed);
    }
    base_taken.clear(std::memory_order_release);
}

}  // namespace

std::int64_t renew() noexcept {
    static const bool trusted = counter_is_trusted();
    if (!trusted) return kernel_ns();
    const auto [now, is_close] = pair_now();
    // What has been said may be ahead of the kernel; we do not go back, but on more slowly until we meet.
    const std::int64_t said = pace.ns + static_cast<std::int64_t>(pace.valid * pace.rate >> 32);
    const std::int64_t ahead = said - now.ns;
    const bool keep = ahead > 0 && ahead <= kMostAhead_ns;
    const std::int64_t ns = keep ? said : now.ns;
    if (is_close) measure_rate(now);
    const double rate = known_rate.load(std::memory_order_relaxed);
    if (!is_close || rate <= 0) return ns;
    const double slower = keep ? 1.0 - static_cast<double>(ahead) / kHolds_ns : 1.0;
    pace.ticks = now.ticks;
    pace.ns = ns;
    pace.rate = static_cast<std::uint64_t>(rate * slower * kTwo32);
    pace.valid = static_cast<std::uint64_t>(kHolds_ns / rate);
    return ns;
}

#else

std::int64_t renew() noexcept {
    return kernel_ns();
}

#endif

}  // namespace synscope::engine::clock
