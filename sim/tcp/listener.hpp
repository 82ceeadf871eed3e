#pragma once
// LISTEN and its two queues: connections in SYN-RECEIVED, and established ones that wait for accept(). A full
// accept queue drops the SYN, or the last ACK of the handshake, as Linux does. Private to sim/tcp. Thread
// rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// A segment for a listening port that belongs to no connection. `isn`: a TIME-WAIT that gave way chose it.
void listen_for(Core& core, Tcb& listener, Incoming& in, std::optional<Seq32> isn);
/// The ACK of a child's SYN-ACK: may it become ESTABLISHED now? It then stands in the accept queue.
[[nodiscard]] bool listener_takes(Core& core, Tcb& child, const Incoming& in);
/// SYN-ACK again: `timeout` when its timer fired, else because the SYN came again.
void retransmit_syn_ack(Core& core, Tcb& child, bool timeout);
void syn_ack_timeout(Core& core, Tcb& child);
/// The user closed the listener: its children are reset.
void close_listener(Core& core, Tcb& listener);
[[nodiscard]] bool accept_queue_full(const Core& core, const Tcb& listener) noexcept;
/// A child with everything the SYN says; it is in no queue yet.
Tcb& make_child(Core& core, Tcb& listener, const Incoming& in, Seq32 iss);
void join_accept_queue(Core& core, Tcb& listener, Tcb& child);
/// Where a new connection's numbers come from: ISN (RFC 6528), timestamp offset (RFC 7323 section 5.4).
void choose_numbers(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
