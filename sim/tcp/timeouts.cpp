#include "sim/tcp/timeouts.hpp"

#include <algorithm>

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/keepalive.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/persist.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/time_wait.hpp"
#include "sim/tcp/user_timeout.hpp"

namespace synscope::sim::tcp {
namespace {

/// R2 of RFC 9293 §3.8.3 has passed.
bool gave_up(Core& core, Tcb& t) {
    const Duration user = Duration::milliseconds(t.options.user_timeout_ms);
    if (t.state == TcpState::SynSent || t.state == TcpState::SynReceived) {
        // Deviation, as Linux: the evenly spaced SYNs come on top of the retries, but not of the time that
        // the retries alone would take.
        const std::uint32_t retries = t.options.syn_count.value_or(core.p.syn_retries);
        const std::uint32_t most = retries + (t.state == TcpState::SynSent ? core.p.syn_linear_timeouts : 0);
        if (t.rec.retransmits < most && !timed_out(core, t, retries, user)) return false;
    } else {
        std::uint32_t most = core.p.retries2;
        if (t.orphan) {
            const bool alive = t.rto.value < core.p.rto_max;
            most = core.p.orphan_retries;
            if (!alive && t.rec.retransmits >= most) {
                abort_timed_out(core, t);
                return true;
            }
        }
        if (!timed_out(core, t, most, user)) return false;
    }
    abort_timed_out(core, t);
    return true;
}

/// RFC 6298 §5.5; Deviation, as Linux: the first SYNs are sent at even distances.
void back_off(Core& core, Tcb& t) {
    if (t.options.thin_linear_timeouts && t.state == TcpState::Established && t.rec.packets_out < 4 &&
        t.rec.retransmits <= 6) {
        t.rec.backoff = 0;
        t.rto.value = std::clamp(t.rto.base(core.p.rto_max), core.p.rto_min, core.p.rto_max);
        return;
    }
    if (t.state == TcpState::SynSent && t.rec.retransmits <= core.p.syn_linear_timeouts) return;
    ++t.rec.backoff;
    t.rto.value = std::min(t.rto.value * 2, core.p.rto_max);
}

/// The window closed behind what was sent (SHLD-17): the head is the probe.
bool window_closed(Core& core, Tcb& t) {
    if (t.snd.wnd != 0 || t.orphan || t.state == TcpState::SynSent || t.state == TcpState::SynReceived)
        return false;
    if (core.now - t.rcv.last_heard > core.p.rto_max || t.options.user_timeout_ms != 0) {
        const Duration user = Duration::milliseconds(t.options.user_timeout_ms);
        if (user.ns == 0 ? core.now - t.rcv.last_heard > core.p.rto_max
                         : core.now - t.rcv.last_heard > user && t.rec.retransmits != 0) {
            abort_timed_out(core, t);
            return true;
        }
    }
    enter_loss(core, t);
    retransmit(core, t, 0);
    ++t.rec.backoff;
    t.rto.value = std::min(t.rto.value * 2, core.p.rto_max);
    restart_rto(core, t, limit_to_user_timeout(core, t, t.rto.value, t.rec.retrans_stamp));
    return true;
}

}  // namespace

// RFC 9293 §3.10.8, retransmission timeout; RFC 6298 §5.4 to 5.7.
void retransmission_timeout(Core& core, Tcb& t) {
    if (t.state == TcpState::SynReceived && t.passive) return syn_ack_timeout(core, t);
    if (t.sent.empty()) return;
    if (window_closed(core, t)) return;
    if (gave_up(core, t)) return;
    ++core.counters.timeouts;
    // RFC 3168 §6.1.1.1: a SYN that got no answer is sent without ECN.
    if (t.state == TcpState::SynSent && core.p.ecn_fallback) t.agreed.ecn = false;
    enter_loss(core, t);
    ++t.rec.retransmits;
    // MUST-20: R1. Deviation: there is no other gateway to advise IP of.
    if (t.rec.retransmits == core.p.retries1) core.note(&t, "R1 passed: the path may be dead");
    if (!retransmit(core, t, 0) && core.link_refuses) return restart_rto(core, t, kRefusedWait);
    back_off(core, t);
    restart_rto(core, t, limit_to_user_timeout(core, t, t.rto.value, t.rec.retrans_stamp));
}

// RFC 9293 §3.10.8.
void timeouts(Core& core, Tcb& t) {
    for (std::size_t i = 0; i < kTimerPlaces; ++i) {
        const auto place = static_cast<TimerPlace>(i);
        const Timer* timer = t.timers.in(place);
        if (timer == nullptr || timer->at > core.now) continue;
        const TimerKind kind = timer->kind;
        t.timers.stop(place);
        if (core.observer != nullptr) core.observer->timer_fired(core.now, t, kind);
        switch (kind) {
            case TimerKind::Retransmission:
                retransmission_timeout(core, t);
                break;
            case TimerKind::Persist:
                persist_timeout(core, t);
                break;
            case TimerKind::TailLossProbe:
                loss_probe_timeout(core, t);
                break;
            case TimerKind::Reordering:
                reordering_timeout(core, t);
                break;
            case TimerKind::DelayedAck:
                delayed_ack_timeout(core, t);
                break;
            case TimerKind::KeepAlive:
                keepalive_timeout(core, t);
                break;
            case TimerKind::TimeWait:
                time_wait_timeout(core, t);
                break;
            case TimerKind::UserTimeout:
                break;
        }
        if (t.dead) break;
    }
    core.deadlines.update(t.slot, t.timers.earliest());
}

}  // namespace synscope::sim::tcp
