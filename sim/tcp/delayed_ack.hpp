#pragma once
// When to acknowledge (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2), with Linux's quick and ping-pong
// modes: at the start of a connection and after a gap every segment is acknowledged at once, so that slow
// start is not starved; once the two ends take turns, ACKs wait for a reply to ride on. Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

inline constexpr std::uint32_t kMostQuickAcks = 16;

/// Data arrived: estimates of the peer's segment size and of the time between segments.
void data_arrived(Core& core, Tcb& t, const Incoming& in);
void enter_quick_ack(Core& core, Tcb& t, std::uint32_t most) noexcept;
[[nodiscard]] bool in_quick_ack(const Core& core, const Tcb& t) noexcept;
void enter_ping_pong(const Core& core, Tcb& t) noexcept;
void leave_ping_pong(Tcb& t) noexcept;
/// After a segment with data or a FIN: acknowledge now, or wait.
void acknowledge(Core& core, Tcb& t, bool out_of_order_possible);
void delay_ack(Core& core, Tcb& t);
void delayed_ack_timeout(Core& core, Tcb& t);
/// Bookkeeping of what was sent.
void ack_was_sent(Core& core, Tcb& t);
void data_was_sent(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
