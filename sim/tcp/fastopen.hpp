#pragma once
// TCP Fast Open (RFC 7413): data in the SYN, for a client that shows a cookie. Private to sim/tcp. Thread
// rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

// ---- server
/// A SYN for a new child: a valid cookie lets its data in and the child into the accept queue; otherwise a
/// cookie may go out with the SYN-ACK.
void fastopen_syn(Core& core, Tcb& listener, Tcb& child, Incoming& in);
void fastopen_child_established(Core& core, Tcb& child);
void fastopen_syn_ack_timeout(Core& core, Tcb& child);
/// A RST for a child of fast open: its place in the queue stays taken for a while (section 5.1).
void fastopen_reset(Core& core, Tcb& t);

// ---- client
/// What the SYN to this peer may carry: prepares t.tfo. True when data may ride on it.
[[nodiscard]] bool fastopen_prepare(Core& core, Tcb& t);
/// Whether a cookie for the peer is known (or none is needed): connect() may wait for the first write.
[[nodiscard]] bool fastopen_has_cookie(const Core& core, const Tcb& t) noexcept;
/// Bytes of data that the SYN has room for.
[[nodiscard]] std::uint32_t fastopen_room(const Tcb& t) noexcept;
/// The SYN-ACK: keeps the cookie, sends unacknowledged data again. True when there was some.
bool fastopen_syn_ack(Core& core, Tcb& t, const Incoming& in);
[[nodiscard]] CookieEntry* cached_cookie(Core& core, const IpAddress& peer) noexcept;
[[nodiscard]] const CookieEntry* cached_cookie(const Core& core, const IpAddress& peer) noexcept;

}  // namespace synscope::sim::tcp
