#pragma once
// Time as strong types: signed nanoseconds. There is no now(): time is always a parameter.
//
// An Instant counts from the epoch of its trace: the Unix epoch for captures and real runs, 0 for a
// simulation. Instants are made by the simulator's scheduler, by a capture's timestamps, or by the one clock
// in net/host. Thread rule: values.

#include <compare>
#include <cstdint>

namespace synscope {

struct Duration {
    std::int64_t ns = 0;

    [[nodiscard]] static constexpr Duration nanoseconds(std::int64_t n) noexcept { return {n}; }
    [[nodiscard]] static constexpr Duration microseconds(std::int64_t n) noexcept { return {n * 1'000}; }
    [[nodiscard]] static constexpr Duration milliseconds(std::int64_t n) noexcept { return {n * 1'000'000}; }
    [[nodiscard]] static constexpr Duration seconds(std::int64_t n) noexcept { return {n * 1'000'000'000}; }

    friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
    friend constexpr Duration operator+(Duration a, Duration b) noexcept { return {a.ns + b.ns}; }
    friend constexpr Duration operator-(Duration a, Duration b) noexcept { return {a.ns - b.ns}; }
    friend constexpr Duration operator-(Duration a) noexcept { return {-a.ns}; }
    friend constexpr Duration operator*(Duration a, std::int64_t n) noexcept { return {a.ns * n}; }
    friend constexpr Duration operator/(Duration a, std::int64_t n) noexcept { return {a.ns / n}; }
};

/// Times from outside are kept within +-2^62 ns (the years 1824 to 2116), so that every difference of two
/// fits.
inline constexpr std::int64_t kMaxInstantNs = std::int64_t{1} << 62;

struct Instant {
    std::int64_t ns = 0;

    friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
    friend constexpr Instant operator+(Instant t, Duration d) noexcept { return {t.ns + d.ns}; }
    friend constexpr Instant operator-(Instant t, Duration d) noexcept { return {t.ns - d.ns}; }
    friend constexpr Duration operator-(Instant a, Instant b) noexcept { return {a.ns - b.ns}; }
};

}  // namespace synscope
