#pragma once
// Comparisons of sequence numbers as RFC 9293 section 3.4 writes them, short enough for the state machine.
// Thread rule: pure functions.

#include "net/base/seq32.hpp"

namespace synscope::sim::tcp {

[[nodiscard]] constexpr bool before(Seq32 a, Seq32 b) noexcept {
    return Seq32::before(a, b);
}
[[nodiscard]] constexpr bool after(Seq32 a, Seq32 b) noexcept {
    return Seq32::after(a, b);
}
[[nodiscard]] constexpr bool before_eq(Seq32 a, Seq32 b) noexcept {
    return !Seq32::after(a, b);
}
[[nodiscard]] constexpr bool after_eq(Seq32 a, Seq32 b) noexcept {
    return !Seq32::before(a, b);
}
/// b - a, for a at or before b.
[[nodiscard]] constexpr std::uint32_t span(Seq32 a, Seq32 b) noexcept {
    return b.raw() - a.raw();
}

}  // namespace synscope::sim::tcp
