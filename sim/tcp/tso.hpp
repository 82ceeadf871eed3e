#pragma once
// Bursts: the segments that Linux hands to the network card as one large packet to be cut there (TSO).
// Nothing is cut here, but a burst shows on the wire: PSH stands on its last segment, and it ends where Linux
// ends it. Private to sim/tcp. Thread rule: pure functions.

#include "sim/tcp/output.hpp"

namespace synscope::sim::tcp {

/// Segments of the largest burst now: a millisecond's worth of what the congestion window lets through in a
/// round trip, more on a short path, at least min_tso_segs.
[[nodiscard]] std::uint32_t largest_burst(const Core& core, const Tcb& t, std::uint32_t mss) noexcept;
/// Bytes of the head run that go as one burst when the congestion window has room for `quota` segments.
[[nodiscard]] std::uint32_t burst_bytes(const Core& core, const Tcb& t, std::uint32_t mss,
                                        std::uint32_t quota, Hold hold) noexcept;

}  // namespace synscope::sim::tcp
