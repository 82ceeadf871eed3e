#pragma once
// Keep-alives (RFC 9293 section 3.8.4): off by default, configurable, only when idle. Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

void start_keepalive(Core& core, Tcb& t);
void keepalive_timeout(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
