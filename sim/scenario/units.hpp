#pragma once
// Quantities as people write them in scenario files: "30ms", "64k", "10mbit", "3%".
// Thread rule: pure functions. Nothing when the text is no such quantity or out of range.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/instant.hpp"

namespace synscope::scenario {

inline constexpr Duration kMaxDuration = Duration::seconds(24 * 3600);

/// A number with ns, us, ms, s, min or h, with a fraction where it comes to whole nanoseconds: "1.5s". Only
/// "0" needs no unit. Never negative, at most kMaxDuration.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// The shortest text that parse_duration reads back: "30ms", "1500us", "0".
[[nodiscard]] std::string duration_yaml(Duration d);

/// A whole number of bytes, or one with k, M or G: powers of 1024.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// Bits per second: a number with bit, kbit, mbit or gbit: powers of 1000. Never 0.
[[nodiscard]] std::optional<std::uint64_t> parse_rate(std::string_view text);
[[nodiscard]] std::string rate_yaml(std::uint64_t bits_per_second);

/// 0 to 1, or 0% to 100%.
[[nodiscard]] std::optional<double> parse_probability(std::string_view text);
[[nodiscard]] std::string probability_yaml(double p);

/// Decimal digits only, up to `max`.
[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max);

}  // namespace synscope::scenario
