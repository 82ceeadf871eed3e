#include "sim/scenario/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/base/text.hpp"

namespace synscope::scenario {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
// Largest first, for writing.
constexpr std::array<Unit, 6> kTimeUnits{{{"h", 3'600'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"s", 1'000'000'000},
                                          {"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"ns", 1}}};
constexpr std::array<Unit, 4> kRateUnits{
    {{"gbit", 1'000'000'000}, {"mbit", 1'000'000}, {"kbit", 1'000}, {"bit", 1}}};
constexpr std::array<Unit, 4> kSizeUnits{{{"G", 1u << 30}, {"M", 1u << 20}, {"k", 1u << 10}, {"", 1}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A decimal number times `factor`, exactly: nothing when the product is no whole number or passes `max`.
std::optional<std::uint64_t> scaled(std::string_view number, std::uint64_t factor, std::uint64_t max) {
    const auto point = number.find('.');
    const std::string_view whole_digits = number.substr(0, point);
    const auto whole = parse_whole(whole_digits, max);
    if (!whole || *whole > max / factor) return {};
    std::uint64_t total = *whole * factor;
    if (point != std::string_view::npos) {
        const std::string_view fraction = number.substr(point + 1);
        if (fraction.empty() || !std::all_of(fraction.begin(), fraction.end(), is_digit)) return {};
        std::uint64_t place = factor;
        for (const char c : fraction) {
            if (c != '0' && (place == 0 || place % 10 != 0)) return {};
            place /= 10;
            total += place * static_cast<std::uint64_t>(c - '0');
        }
    }
    return total <= max ? std::optional(total) : std::nullopt;
}

template <std::size_t N>
std::optional<std::uint64_t> quantity(std::string_view text, const std::array<Unit, N>& units,
                                      std::uint64_t max) {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return !is_digit(c) && c != '.'; });
    const auto digits = static_cast<std::size_t>(end - text.begin());
    std::string_view unit = text.substr(digits);
    if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    for (const Unit& u : units)
        if (u.name == unit) return scaled(text.substr(0, digits), u.factor, max);
    return {};
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t value, const std::array<Unit, N>& units) {
    for (const Unit& u : units)
        if (value % u.factor == 0) return concat(value / u.factor, u.name);
    return concat(value);
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max) {
    std::uint64_t value = 0;
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > max) return {};
    return value;
}

std::optional<Duration> parse_duration(std::string_view text) {
    if (text == "0") return Duration{};
    const auto ns = quantity(text, kTimeUnits, static_cast<std::uint64_t>(kMaxDuration.ns));
    if (!ns) return {};
    return Duration{static_cast<std::int64_t>(*ns)};
}

std::string duration_yaml(Duration d) {
    return d.ns == 0 ? "0" : in_largest_unit(static_cast<std::uint64_t>(d.ns), kTimeUnits);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return quantity(text, kSizeUnits, std::uint64_t{1} << 40);
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
    const auto rate = quantity(text, kRateUnits, 1'000'000'000'000);
    return rate && *rate > 0 ? rate : std::nullopt;
}

std::string rate_yaml(std::uint64_t bits_per_second) {
    return in_largest_unit(bits_per_second, kRateUnits);
}

std::optional<double> parse_probability(std::string_view text) {
    const bool percent = !text.empty() && text.back() == '%';
    if (percent) text.remove_suffix(1);
    if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) return {};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    if (percent) value /= 100;
    if (!(value >= 0 && value <= 1)) return {};
    return value;
}

std::string probability_yaml(double p) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), p).ptr;
    return {digits.data(), end};
}

}  // namespace synscope::scenario
