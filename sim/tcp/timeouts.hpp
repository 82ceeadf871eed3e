#pragma once
// TIMEOUTS (RFC 9293 section 3.10.8). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// Fires every timer of the connection that is due.
void timeouts(Core& core, Tcb& t);
void retransmission_timeout(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
