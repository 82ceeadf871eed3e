#pragma once
// ICMP errors about our segments (RFC 9293 section 3.9.2.2, RFC 1191, RFC 5927's checks). Private to sim/tcp.
// Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

void icmp_arrives(Core& core, const IcmpReport& report);

}  // namespace synscope::sim::tcp
