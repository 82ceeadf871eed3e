#pragma once
// Building text without iostreams, locales or std::format (which libc++ 14 lacks). concat("a", 3, ' ',
// Hex{255, 4}). Thread rule: pure functions.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/base/instant.hpp"

namespace synscope {

/// A number in hexadecimal, lower case, with at least `digits` digits and no prefix.
struct Hex {
    std::uint64_t value = 0;
    int digits = 0;
};

/// A number in decimal, right-aligned to `width` with `fill`.
struct Padded {
    std::int64_t value = 0;
    int width = 0;
    char fill = ' ';
};

void append(std::string& out, std::string_view text);
void append(std::string& out, char c);
void append(std::string& out, Hex hex);
void append(std::string& out, Padded number);
template <std::integral Int>
requires(!std::same_as<Int, char> && !std::same_as<Int, bool>) void append(std::string& out, Int value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, static_cast<std::size_t>(end - digits));
}

template <class... Parts>
[[nodiscard]] std::string concat(const Parts&... parts) {
    std::string out;
    (append(out, parts), ...);
    return out;
}

/// Whether two words are the same but for the case of their ASCII letters.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;
/// What stands before `end`; takes it and `end` off the front of `text`. Without `end`, all of it.
[[nodiscard]] std::string_view until(std::string_view& text, std::string_view end) noexcept;

/// Seconds with `decimals` (0 to 9) digits after the point, truncated towards zero: "0.000123", "-1.5".
[[nodiscard]] std::string seconds_text(Duration d, int decimals);
/// A duration for people, three significant digits: "31 us", "30.1 ms", "2.50 s".
[[nodiscard]] std::string duration_text(Duration d);

}  // namespace synscope
