#pragma once
// Whether the congestion window means anything: an idle or application-limited sender does not keep a window
// it has not shown to fit (RFC 2861, RFC 7661, as Linux does). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// After sending: was it the congestion window that ended it?
void validate_cwnd(Core& core, Tcb& t, bool limited) noexcept;
/// Before the first segment after a pause of more than one RTO.
void restart_after_idle(Core& core, Tcb& t);
/// RFC 5681 section 3.1: growth needs a sender that uses its window.
[[nodiscard]] bool cwnd_limited(const Tcb& t) noexcept;
[[nodiscard]] std::uint32_t current_ssthresh(const Tcb& t) noexcept;

}  // namespace synscope::sim::tcp
