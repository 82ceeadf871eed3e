#pragma once
// The scoreboard (RFC 2018, 2883, 6675): SACK blocks and cumulative ACKs against what is in flight.
// Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/ack_work.hpp"
#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// Marks what the blocks of this ACK cover; recognises D-SACK.
void apply_sacks(Core& core, Tcb& t, const Incoming& in, AckWork& work);
/// Takes what SND.UNA passed out of the queue; round-trip samples; whether the timer restarts.
void remove_acknowledged(Core& core, Tcb& t, AckWork& work);

}  // namespace synscope::sim::tcp
