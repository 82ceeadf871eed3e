#pragma once
// Explicit congestion notification (RFC 3168): negotiation, echo, CWR. Private to sim/tcp. Thread rule: as
// Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// Section 6.1.1: a SYN with ECE and CWR, in a packet that is not itself ECN-capable, asks for ECN.
[[nodiscard]] bool ecn_asked(const Core& core, const Incoming& in) noexcept;
/// A SYN-ACK with ECE alone agrees.
[[nodiscard]] bool ecn_agreed(const Incoming& in) noexcept;
/// The mark of a packet with data: CE starts the echo.
void ecn_mark_arrived(Core& core, Tcb& t, const Incoming& in) noexcept;
/// CWR with data ends the echo.
void ecn_cwr_arrived(Tcb& t, const Incoming& in) noexcept;

}  // namespace synscope::sim::tcp
