#include "sim/tcp/keepalive.hpp"

#include <algorithm>

#include "sim/tcp/persist.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/user_timeout.hpp"

namespace synscope::sim::tcp {
namespace {

Duration idle_limit(const Core& core, const Tcb& t) noexcept {
    return t.options.keep_idle.value_or(core.p.keepalive_time);
}

Duration idle_time(const Core& core, const Tcb& t) noexcept {
    return core.now - std::max(t.rcv.last_data, t.rcv.last_heard);
}

}  // namespace

void start_keepalive(Core& core, Tcb& t) {
    if (t.state == TcpState::Closed || t.state == TcpState::Listen || t.state == TcpState::TimeWait) return;
    core.arm(t, TimerPlace::Life, TimerKind::KeepAlive, core.now + idle_limit(core, t));
}

void keepalive_timeout(Core& core, Tcb& t) {
    if (!t.options.keep_alive || t.state == TcpState::Closed || t.state == TcpState::SynSent) return;
    const Duration limit = idle_limit(core, t);
    Duration next = limit;
    // MUST-26: only while nothing else is under way.
    if (t.rec.packets_out == 0 && t.unsent.empty()) {
        const Duration idle = idle_time(core, t);
        if (idle < limit) {
            next = limit - idle;
        } else {
            const Duration user = Duration::milliseconds(t.options.user_timeout_ms);
            const std::uint32_t most = t.options.keep_count.value_or(core.p.keepalive_probes);
            const bool dead = user.ns != 0 ? idle >= user && t.rec.probes_out > 0 : t.rec.probes_out >= most;
            if (dead) {
                send_active_reset(core, t);
                return abort_timed_out(core, t);
            }
            // SHLD-12: without data, one number below SND.NXT.
            send_window_probe(core, t);
            ++t.rec.probes_out;
            next = t.options.keep_interval.value_or(core.p.keepalive_interval);
        }
    }
    core.arm(t, TimerPlace::Life, TimerKind::KeepAlive, core.now + next);
}

}  // namespace synscope::sim::tcp
