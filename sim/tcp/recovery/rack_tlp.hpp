#pragma once
// RACK-TLP (RFC 8985): loss by time instead of by counting, and a probe for a lost tail. Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/ack_work.hpp"
#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// Section 6.2, step 2: a segment was delivered.
void rack_advance(const Core& core, Tcb& t, const SentSegment& segment) noexcept;
/// Step 4: the reordering window adapts to D-SACKs.
void rack_adapt_window(Tcb& t, const AckWork& work, std::uint8_t flags) noexcept;
/// Step 5: marks what was sent long enough before something delivered; arms the reordering timer for the
/// rest. True when a timer was armed.
bool rack_mark_lost(Core& core, Tcb& t);
void reordering_timeout(Core& core, Tcb& t);
/// The reordering window now, in microseconds.
[[nodiscard]] std::uint32_t rack_window_us(const Core& core, const Tcb& t) noexcept;
/// Microseconds until this segment counts as lost; not positive: it does.
[[nodiscard]] std::int64_t rack_remaining_us(const Core& core, const Tcb& t, const SentSegment& segment,
                                             std::uint32_t window_us) noexcept;

/// Section 7.2. False when a probe makes no sense now. `from_ack`: the timer of retransmission starts now
/// too.
bool schedule_loss_probe(Core& core, Tcb& t, bool from_ack);
/// Section 7.3.
void loss_probe_timeout(Core& core, Tcb& t);
/// Section 7.4.
void loss_probe_acked(Core& core, Tcb& t, Seq32 ack, const AckWork& work);

}  // namespace synscope::sim::tcp
