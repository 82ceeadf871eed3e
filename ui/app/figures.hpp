#pragma once
// Measured figures as the tables of load and compare show them. Thread rule: pure functions.

#include <array>
#include <cstdio>
#include <string>

#include "net/base/instant.hpp"

namespace synscope::app {

[[nodiscard]] inline double seconds(Duration d) noexcept {
    return static_cast<double>(d.ns) / 1e9;
}
/// With so many digits behind the point, rounded.
[[nodiscard]] inline std::string decimal_text(double value, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

}  // namespace synscope::app
