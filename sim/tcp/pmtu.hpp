#pragma once
// Segment sizes: what the path allows (RFC 1191), what the peer asked for (RFC 9293 section 3.7.1), half of
// the largest window (section 3.8.6.2.1). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// Payload that fits the path, without options.
[[nodiscard]] std::uint32_t path_mss(const Tcb& t) noexcept;
/// The MSS option's value: MTU - 40 (IPv6: 60), or TCP_MAXSEG if that is less (MUST-67).
[[nodiscard]] std::uint16_t own_mss(const Core& core, const Tcb& t) noexcept;
/// Takes the peer's MSS; none means 536 (MUST-15).
void take_peer_mss(const Core& core, Tcb& t, std::optional<std::uint16_t> mss) noexcept;
/// The effective send MSS from everything that bounds it (MUST-16).
void sync_mss(const Core& core, Tcb& t) noexcept;
/// ICMP says that a segment did not fit: smaller ones from now on, and the large ones in flight again.
void path_mtu_shrank(Core& core, Tcb& t, std::uint16_t mtu);

}  // namespace synscope::sim::tcp
