#pragma once
// RFC 7323: the timestamp clock, TS.Recent and PAWS. Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// TSval of a segment sent at `at`.
[[nodiscard]] std::uint32_t timestamp_at(const Core& core, const Tcb& t, Instant at) noexcept;
/// Section 5.3 R1: the segment is older than one that was accepted.
[[nodiscard]] bool paws_rejects(const Core& core, const Tcb& t, const Incoming& in) noexcept;
/// Section 4.3: TS.Recent follows the segment that spans what was acknowledged last.
void update_recent(const Core& core, Tcb& t, const Incoming& in) noexcept;
/// The echo proves that what is acknowledged was sent before `sent` (Eifel detection, RFC 3522).
[[nodiscard]] bool echo_before(const Core& core, const Tcb& t, Instant sent) noexcept;
/// The round trip that the echo shows, in microseconds; none when it shows nothing.
[[nodiscard]] std::optional<std::uint32_t> echo_rtt_us(const Core& core, const Tcb& t) noexcept;

}  // namespace synscope::sim::tcp
