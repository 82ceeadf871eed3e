#pragma once
// SEGMENT ARRIVES (RFC 9293 section 3.10.7). Read that section before you change this file: functions stand
// in its order and carry the names of its steps. Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

void segment_arrives(Core& core, const Segment& segment);

/// Section 3.10.7.1.
void closed_state(Core& core, const Incoming& in);
/// Section 3.10.7.2.
void listen_state(Core& core, Tcb& listener, Incoming& in);
/// Section 3.10.7.3.
void syn_sent_state(Core& core, Tcb& t, Incoming& in);
/// Section 3.10.7.4: the numbered steps in their order.
void other_states(Core& core, Tcb& t, Incoming& in);

Step check_sequence(Core& core, Tcb& t, Incoming& in);
Step check_rst(Core& core, Tcb& t, const Incoming& in);
Step check_security(Core& core, Tcb& t, const Incoming& in);
Step check_syn(Core& core, Tcb& t, const Incoming& in);
Step check_ack(Core& core, Tcb& t, Incoming& in);
Step check_urg(Core& core, Tcb& t, const Incoming& in);
Step process_text(Core& core, Tcb& t, Incoming& in);
Step check_fin(Core& core, Tcb& t, const Incoming& in);

/// The table of section 3.10.7.4, first.
[[nodiscard]] bool acceptable(const Core& core, const Tcb& t, const Incoming& in) noexcept;
/// A reset, or what counts as one: the user finds out, the connection is gone.
void reset_by_peer(Core& core, Tcb& t);
/// A SYN in the window: RFC 5961 section 4's challenge ACK; before that RFC both ends were reset.
void syn_in_window(Core& core, Tcb& t, const Incoming& in);
/// ESTABLISHED: the text that came with the peer's SYN is for the user now (section 3.10.7.3).
void deliver_text_of_syn(Core& core, Tcb& t);
/// Both windows, first estimates and timers of a connection that became ESTABLISHED.
void connection_established(Core& core, Tcb& t, const Incoming& in, std::string_view why);

}  // namespace synscope::sim::tcp
