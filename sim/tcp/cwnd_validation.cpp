#include "sim/tcp/cwnd_validation.hpp"

#include <algorithm>

#include "sim/tcp/chrono.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {

std::uint32_t current_ssthresh(const Tcb& t) noexcept {
    if (t.rec.state == Recovery::Cwr || t.rec.state == Recovery::Recovery) return t.cc.ssthresh;
    return std::max(t.cc.ssthresh, (t.cc.cwnd >> 1) + (t.cc.cwnd >> 2));
}

bool cwnd_limited(const Tcb& t) noexcept {
    if (t.cc.limited) return true;
    // In slow start a window twice what was ever used may still grow: bursts of the application come and go.
    return t.cc.slow_start() && t.cc.cwnd < 2 * t.cc.max_packets_out;
}

void validate_cwnd(Core& core, Tcb& t, bool limited) noexcept {
    CongestionState& cc = t.cc;
    // Once per window the memory of how much of it was used starts anew.
    if (!before(t.snd.una, cc.usage_seq) || limited ||
        (!cc.limited && t.rec.packets_out > cc.max_packets_out)) {
        cc.limited = limited;
        cc.max_packets_out = t.rec.packets_out;
        cc.usage_seq = t.snd.nxt;
    }
    if (cwnd_limited(t)) {
        cc.used = 0;
        cc.stamp = core.now;
        return;
    }
    cc.used = std::max(cc.used, t.rec.packets_out);
    // Neither window holds it back: the application is waiting for the buffer.
    if (t.unsent.empty() && t.no_space) chrono_start(core, t, Activity::BufferLimited);
    if (!core.p.slow_start_after_idle || core.now - cc.stamp < t.rto.value) return;
    if (t.rec.state == Recovery::Open && !t.no_space) {
        const std::uint32_t used = std::max(cc.used, core.p.initial_cwnd);
        if (used < cc.cwnd) {
            cc.ssthresh = current_ssthresh(t);
            cc.cwnd = (cc.cwnd + used) >> 1;
        }
        cc.used = 0;
    }
    cc.stamp = core.now;
}

void restart_after_idle(Core& core, Tcb& t) {
    if (!core.p.slow_start_after_idle || t.data_segments_out == 0) return;
    Duration idle = core.now - t.snd.last_sent;
    if (idle <= t.rto.value) return;
    if (t.congestion) t.congestion->event(CongestionEvent::Restart, core.now, idle);
    t.cc.ssthresh = current_ssthresh(t);
    const std::uint32_t restart = std::min(core.p.initial_cwnd, t.cc.cwnd);
    while ((idle = idle - t.rto.value).ns > 0 && t.cc.cwnd > restart)
        t.cc.cwnd >>= 1;
    t.cc.cwnd = std::max(t.cc.cwnd, restart);
    t.cc.stamp = core.now;
    t.cc.used = 0;
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

}  // namespace synscope::sim::tcp
