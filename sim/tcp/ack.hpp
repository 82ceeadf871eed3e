#pragma once
// An acceptable ACK: SND.UNA, SND.WND, the scoreboard, loss recovery, the congestion window (RFC 9293
// section 3.10.7.4 fifth, RFC 5681). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

enum class AckVerdict : std::uint8_t {
    Accepted,
    Old,     ///< acknowledges what was acknowledged before; its SACKs are read
    TooOld,  ///< older than any window could explain (RFC 5961 section 5)
    Unsent,  ///< acknowledges what was never sent
};
AckVerdict process_ack(Core& core, Tcb& t, const Incoming& in);

}  // namespace synscope::sim::tcp
