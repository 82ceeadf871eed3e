#include "sim/tcp/time_wait.hpp"

#include <algorithm>

#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/timestamps.hpp"

namespace synscope::sim::tcp {

void enter_time_wait(Core& core, Tcb& t, std::string_view why) {
    for (std::size_t i = 0; i < kTimerPlaces; ++i)
        core.stop(t, static_cast<TimerPlace>(i));
    t.sent.clear();
    t.unsent.clear();
    t.out_of_order.clear();
    t.sack_count = 0;
    t.dsack.reset();
    t.rec.packets_out = t.rec.sacked_out = t.rec.lost_out = t.rec.retrans_out = 0;
    enter(core, t, TcpState::TimeWait, why);
    // RFC 9293 §3.10.7.4: 2 MSL. Deviation: Linux waits 60 s, whatever the MSL.
    core.arm(t, TimerPlace::Life, TimerKind::TimeWait, core.now + core.p.time_wait);
}

void start_fin_wait_2_timer(Core& core, Tcb& t) {
    // Deviation from RFC 9293, which waits for ever: nobody is left to give up.
    Duration wait = core.p.fin_timeout;
    if (t.options.linger2) wait = *t.options.linger2;
    wait = std::max(wait, t.rto.value * 4 - t.rto.value / 2);
    core.arm(t, TimerPlace::Life, TimerKind::TimeWait, core.now + wait);
}

namespace {

void wait_again(Core& core, Tcb& t) {
    core.arm(t, TimerPlace::Life, TimerKind::TimeWait, core.now + core.p.time_wait);
}

/// RFC 9293 §3.10.7.4 for TIME-WAIT, with RFC 1337's deafness to RSTs. Deviation: what carries neither SYN
/// nor ACK is dropped before its number is looked at.
void time_wait_by_steps(Core& core, Tcb& t, const Incoming& in) {
    if (in.rst || (!in.syn && !in.has_ack)) return;
    // Eighth: what can arrive here is the peer's FIN again: "Acknowledge it, and restart the 2 MSL timeout."
    if (in.fin && in.end == t.rcv.nxt) wait_again(core, t);
    if (paws_rejects(core, t, in) || !acceptable(core, t, in)) {
        if (may_answer_invalid(core, t, in)) send_ack(core, t);
        return;
    }
    if (in.syn) return syn_in_window(core, t, in);
    if (t.agreed.timestamps && in.options.timestamps) update_recent(core, t, in);
    if (in.end != in.seq || in.seq != t.rcv.nxt || in.ack != t.snd.nxt) send_ack(core, t);
}

}  // namespace

bool time_wait_state(Core& core, Tcb& t, const Incoming& in, std::optional<Seq32>& new_isn) {
    if (core.p.time_wait_of_rfc) {
        time_wait_by_steps(core, t, in);
        return false;
    }
    const bool old = paws_rejects(core, t, in);
    const bool stamped = t.agreed.timestamps && in.options.timestamps;
    if (!old && in.seq == t.rcv.nxt && (in.seq == in.end || in.rst) && !in.syn) {
        if (in.rst) {
            // RFC 1337: a stray reset would end TIME-WAIT early.
            if (!core.p.rfc1337) finish(core, t, "RST in TIME-WAIT");
            return false;
        }
        if (stamped) update_recent(core, t, in);
        wait_again(core, t);
        return false;
    }
    // MAY-2 and RFC 6191 §2: a SYN that is newer, by number or by timestamp, opens a new incarnation.
    if (in.syn && !in.rst && !in.has_ack && !old && core.p.time_wait_accepts_syn &&
        (after(in.seq, t.rcv.nxt) ||
         (stamped && static_cast<std::int32_t>(t.ts.recent - in.options.ts_value) < 0))) {
        new_isn = t.snd.nxt + 65537;
        finish(core, t, "new SYN in TIME-WAIT");
        return true;
    }
    if (in.rst) return false;
    if (old) ++core.counters.paws_drops;
    // A SYN without ACK may be the new one with an unlucky number: it does not prolong the wait.
    if (old || in.has_ack) wait_again(core, t);
    if (may_answer_invalid(core, t, in)) send_ack(core, t);
    return false;
}

void time_wait_timeout(Core& core, Tcb& t) {
    finish(core, t, "2 MSL passed");
}

}  // namespace synscope::sim::tcp
