#include "sim/tcp/user_timeout.hpp"

#include <algorithm>

#include "sim/tcp/states.hpp"

namespace synscope::sim::tcp {

namespace {

/// When what is now sent in vain began.
std::optional<Instant> in_vain_since(const Tcb& t) noexcept {
    if (t.state == TcpState::SynSent) return t.syn_sent;
    if (t.rec.retrans_stamp) return t.rec.retrans_stamp;
    if (t.sent.empty()) return std::nullopt;
    return t.sent.front().first_sent;
}

}  // namespace

bool timed_out(const Core& core, const Tcb& t, std::uint32_t boundary, Duration user_timeout) noexcept {
    if (t.rec.retransmits == 0) return false;
    const std::optional<Instant> since = in_vain_since(t);
    if (!since) return false;
    Duration limit = user_timeout;
    if (limit.ns == 0) {
        // The time `boundary` doublings from the least RTO take, however long the real RTO is.
        const Duration base = t.state == TcpState::SynSent ? core.p.rto_initial : core.p.rto_min;
        std::uint32_t doublings = 0;
        while ((base * (std::int64_t{2} << doublings)) <= core.p.rto_max)
            ++doublings;
        if (boundary <= doublings) {
            limit = base * ((std::int64_t{2} << boundary) - 1);
        } else {
            limit = base * ((std::int64_t{2} << doublings) - 1) + core.p.rto_max * (boundary - doublings);
        }
    }
    return core.now - *since >= limit;
}

Duration limit_to_user_timeout(const Core& core, const Tcb& t, Duration wait,
                               std::optional<Instant> since) noexcept {
    if (t.options.user_timeout_ms == 0 || !since) return wait;
    const Duration left = *since + Duration::milliseconds(t.options.user_timeout_ms) - core.now;
    return std::min(wait, std::max(left, Duration::milliseconds(1)));
}

void abort_timed_out(Core& core, Tcb& t) {
    t.error = t.soft_error != Error::None ? t.soft_error : Error::TimedOut;
    finish(core, t, "timed out");
}

}  // namespace synscope::sim::tcp
