#pragma once
// TIME-WAIT (RFC 9293 section 3.6.1, RFC 6191) and the FIN-WAIT-2 of a closed socket. Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// The user's part is over: buffers go, the pair stays taken for 2 MSL.
void enter_time_wait(Core& core, Tcb& t, std::string_view why);
/// Nobody reads any more: FIN-WAIT-2 ends by itself.
void start_fin_wait_2_timer(Core& core, Tcb& t);
/// A segment for a connection in TIME-WAIT. True when it is a SYN that may open a new incarnation: the old
/// one is gone.
[[nodiscard]] bool time_wait_state(Core& core, Tcb& t, const Incoming& in, std::optional<Seq32>& new_isn);
void time_wait_timeout(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
