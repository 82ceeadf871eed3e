#pragma once
// SYN cookies (RFC 4987 section 3.6): a handshake without memory. The ISN holds a keyed hash, a minute count
// and one of eight segment sizes; the timestamp's low bits hold window scale, SACK and ECN. Private to
// sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

void answer_with_cookie(Core& core, Tcb& listener, const Incoming& in);
/// An ACK that returns a cookie of ours opens a connection. False when it does not.
[[nodiscard]] bool take_cookie(Core& core, Tcb& listener, Incoming& in);

}  // namespace synscope::sim::tcp
