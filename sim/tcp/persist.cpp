#include "sim/tcp/persist.hpp"

#include <algorithm>

#include "sim/tcp/output.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/user_timeout.hpp"

namespace synscope::sim::tcp {
namespace {

Duration probe_base(const Core& core, const Tcb& t) noexcept {
    return std::max(t.rto.value, core.p.rto_min);
}

/// SHLD-30: doubles with every probe.
Duration probe_interval(const Core& core, const Tcb& t) noexcept {
    Duration wait = probe_base(core, t);
    for (std::uint32_t i = 0; i < t.rec.backoff && wait < core.p.rto_max; ++i)
        wait = wait * 2;
    return std::min(wait, core.p.rto_max);
}

}  // namespace

void start_persist(Core& core, Tcb& t) {
    if (t.rec.packets_out != 0 || t.timers.in(TimerPlace::Retransmit)) return;
    core.arm(t, TimerPlace::Retransmit, TimerKind::Persist,
             core.now + std::min(probe_base(core, t), core.p.rto_max));
}

bool send_window_probe(Core& core, Tcb& t) {
    if (!t.unsent.empty() && before(t.snd.nxt, t.window_end())) {
        const std::uint32_t mss = current_mss(core, t);
        const std::uint32_t room = span(t.snd.nxt, t.window_end());
        const std::uint32_t length = std::min({room, mss, t.unsent.head().length});
        if (after(t.snd.nxt + length, t.snd.pushed)) t.snd.pushed = t.snd.nxt + length;
        // What is cut off here is pushed: the receiver shall not wait for the rest.
        // A FIN that the window has no room for is cut off too: a window of the data's size may be all there
        // ever is.
        if (length < t.unsent.head().length || (t.unsent.head().fin && room == length))
            t.unsent.split_head(length);
        t.unsent.head().push = true;
        send_head(core, t, length);
        return true;
    }
    if (t.snd.urgent && after(t.snd.up, t.snd.una) && !after(t.snd.up, t.snd.una + 0xffff))
        send_probe(core, t, true);
    send_probe(core, t, false);
    return true;
}

void persist_timeout(Core& core, Tcb& t) {
    if (t.rec.packets_out != 0 || t.unsent.empty()) {
        t.rec.probes_out = 0;
        t.rec.probes_since.reset();
        return;
    }
    // MUST-37: as long as the peer answers, a closed window may last for ever; Deviation: RFC 5482's user
    // timeout and a peer that does not answer end it, as in Linux.
    if (!t.rec.probes_since) t.rec.probes_since = core.now;
    const std::uint32_t user_timeout = t.options.user_timeout_ms;
    if (user_timeout != 0 && core.now - *t.rec.probes_since >= Duration::milliseconds(user_timeout))
        return abort_timed_out(core, t);
    std::uint32_t most = core.p.retries2;
    if (t.orphan) {
        const bool alive = probe_interval(core, t) < core.p.rto_max;
        most = alive ? core.p.orphan_retries : 0;
        if (!alive && t.rec.backoff >= most) return abort_timed_out(core, t);
    }
    if (t.rec.probes_out >= most) return abort_timed_out(core, t);
    const bool sent = !core.link_refuses && send_window_probe(core, t);
    if (t.rec.packets_out != 0 || t.unsent.empty()) {
        // The window had room: this is ordinary data now.
        t.rec.probes_out = 0;
        t.rec.backoff = 0;
        return;
    }
    ++t.rec.probes_out;
    if (sent && t.rec.backoff < core.p.retries2) ++t.rec.backoff;
    // It is not the peer that is slow: no backoff.
    const Duration wait = core.link_refuses ? kRefusedWait : probe_interval(core, t);
    core.arm(t, TimerPlace::Retransmit, TimerKind::Persist,
             core.now + limit_to_user_timeout(core, t, wait, t.rec.probes_since));
}

void ack_of_probe(Core& core, Tcb& t) {
    if (t.unsent.empty()) return;
    const std::uint32_t length = std::min(t.unsent.head().length, current_mss(core, t));
    if (!after(t.snd.nxt + length, t.window_end())) {
        t.rec.backoff = 0;
        t.rec.probes_since.reset();
        core.stop(t, TimerPlace::Retransmit, TimerKind::Persist);
        return;
    }
    core.arm(t, TimerPlace::Retransmit, TimerKind::Persist,
             core.now + limit_to_user_timeout(core, t, probe_interval(core, t), t.rec.probes_since));
}

}  // namespace synscope::sim::tcp
