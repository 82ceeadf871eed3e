#pragma once
// Urgent data (RFC 9293 section 3.8.5, RFC 6093): the pointer names the octet behind the urgent one; as in
// every socket API one octet is urgent, taken out of the stream unless SO_OOBINLINE. Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// A pointer arrived: RCV.UP moves if it is news; the octet is kept when the segment brings it.
void urgent_arrived(Core& core, Tcb& t, const Incoming& in);
/// recv(MSG_OOB).
[[nodiscard]] IoResult receive_urgent(Tcb& t, MutableByteSpan out, bool peek);
/// How far an ordinary read may go: it stops before the mark.
[[nodiscard]] std::size_t readable_before_mark(const Tcb& t, std::size_t most) noexcept;

}  // namespace synscope::sim::tcp
