#pragma once
// How long data may go unacknowledged: R1 and R2 of RFC 9293 section 3.8.3, TCP_USER_TIMEOUT (RFC 5482).
// Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// `boundary` timeouts of exponential backoff have passed since the first unanswered transmission; or the
/// user's timeout.
[[nodiscard]] bool timed_out(const Core& core, const Tcb& t, std::uint32_t boundary,
                             Duration user_timeout) noexcept;
/// A wait cut to what is left of the user's timeout.
[[nodiscard]] Duration limit_to_user_timeout(const Core& core, const Tcb& t, Duration wait,
                                             std::optional<Instant> since) noexcept;
/// MUST-20: gives up; the user finds ETIMEDOUT, or the ICMP error that explains it.
void abort_timed_out(Core& core, Tcb& t);

}  // namespace synscope::sim::tcp
