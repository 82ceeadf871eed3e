#pragma once
// Zero-window probes (RFC 9293 section 3.8.6.1). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// Data waits, nothing is in flight, no timer runs: the persist timer starts (SHLD-29: after one RTO).
void start_persist(Core& core, Tcb& t);
void persist_timeout(Core& core, Tcb& t);
/// An ACK came while nothing was in flight: the window is open, or the next probe is due later.
void ack_of_probe(Core& core, Tcb& t);
/// Sends what a probe can carry: the part of the head that fits the window, or nothing but a bare segment.
/// False when nothing could be sent.
bool send_window_probe(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
