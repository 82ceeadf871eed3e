#pragma once
// Marking segments lost and sending them again; the retransmission timer. Private to sim/tcp. Thread rule: as
// Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// RFC 6298 section 5.2, 5.3: off when nothing is in flight, else from now (or from the head's last
/// transmission when a probe or the reordering timer ran instead).
void rearm_rto(Core& core, Tcb& t);
/// From now.
void restart_rto(Core& core, Tcb& t, Duration after);
/// After an ACK: a tail loss probe if one makes sense, else the retransmission timer.
void set_transmit_timer(Core& core, Tcb& t);
void mark_lost(Tcb& t, SentSegment& segment) noexcept;
/// Segment i goes out again, as a probe of the path: loss recovery does not count it. False when the window
/// forbids or the link refuses. `push`: with PSH this once.
bool send_again(Core& core, Tcb& t, std::size_t i, bool push = false);
/// Segment i again, as loss recovery's retransmission.
bool retransmit(Core& core, Tcb& t, std::size_t i, bool push = false);
/// RFC 6675 NextSeg and PRR: what is marked lost, as far as the window allows.
void retransmit_lost(Core& core, Tcb& t);
[[nodiscard]] bool any_retransmitted(const Tcb& t) noexcept;
void set_recovery_state(Core& core, Tcb& t, Recovery next, std::string_view why);

}  // namespace synscope::sim::tcp
