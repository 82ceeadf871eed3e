#include "sim/tcp/recovery/retransmit.hpp"

#include <algorithm>

#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/user_timeout.hpp"

namespace synscope::sim::tcp {
namespace {

/// What the peer acknowledged of a segment's front is not sent again.
void trim_front(Tcb& t, SentSegment& s) noexcept {
    if (!before(s.seq, t.snd.una) || s.syn) return;
    const std::uint32_t count = std::min(span(s.seq, t.snd.una), s.length);
    s.payload = s.payload.from(count);
    s.seq = s.seq + count;
    s.length -= count;
}

Payload joined(const Payload& a, const Payload& b) {
    return Payload::made_by(a.size() + b.size(), [&](MutableByteSpan out) {
        const auto middle = std::copy(a.span().begin(), a.span().end(), out.begin());
        std::copy(b.span().begin(), b.span().end(), middle);
    });
}

/// Small segments behind segment i fill it up: one packet less to lose. Linux's tcp_retrans_collapse.
void collapse(const Core& core, Tcb& t, std::size_t i, std::uint32_t room) {
    if (!core.p.retrans_collapse) return;
    while (i + 1 < t.sent.size()) {
        SentSegment& s = t.sent[i];
        const SentSegment& next = t.sent[i + 1];
        if (s.syn || s.fin || s.end_of_record || next.sacked || next.syn) return;
        if (s.payload.size() + next.payload.size() > room || after(next.end(), t.window_end())) return;
        s.payload = joined(s.payload, next.payload);
        s.length += next.length;
        s.fin = next.fin;
        s.push = s.push || next.push;
        s.ends_burst = next.ends_burst;
        s.end_of_record = next.end_of_record;
        s.ever_retransmitted = s.ever_retransmitted || next.ever_retransmitted;
        if (next.lost) --t.rec.lost_out;
        if (next.retransmitted) --t.rec.retrans_out;
        --t.rec.packets_out;
        if (!t.agreed.sack && t.rec.sacked_out > 0) --t.rec.sacked_out;
        t.sent.erase(i + 1);
    }
}

void split_to_mss(Tcb& t, std::size_t i, std::uint32_t most) {
    if (t.sent[i].payload.size() <= most) return;
    t.sent.split(i, most + (t.sent[i].syn ? 1u : 0u));
    ++t.rec.packets_out;
    if (t.sent[i].lost) ++t.rec.lost_out;
    if (t.sent[i].retransmitted) ++t.rec.retrans_out;
}

/// The segment behind i left in the same run, is lost too, and will be sent right after it.
bool burst_goes_on(const Tcb& t, std::size_t i) noexcept {
    if (t.sent[i].ends_burst || i + 1 == t.sent.size() || t.in_flight() + 1 >= t.cc.cwnd) return false;
    const SentSegment& next = t.sent[i + 1];
    return next.lost && !next.sacked && !next.retransmitted;
}

}  // namespace

void restart_rto(Core& core, Tcb& t, Duration after) {
    core.arm(t, TimerPlace::Retransmit, TimerKind::Retransmission,
             core.now + std::min(after, core.p.rto_max));
}

void rearm_rto(Core& core, Tcb& t) {
    // The child of a fast open is watched by its SYN-ACK's timer.
    if (t.state == TcpState::SynReceived && t.passive) return;
    if (t.rec.packets_out == 0) return core.stop(t, TimerPlace::Retransmit);
    Duration wait = t.rto.value;
    const Timer* running = t.timers.in(TimerPlace::Retransmit);
    if (running && (running->kind == TimerKind::TailLossProbe || running->kind == TimerKind::Reordering)) {
        const Duration left = t.sent.front().sent + t.rto.value - core.now;
        wait = std::max(left, Duration::microseconds(1));
    }
    restart_rto(core, t, wait);
}

void set_transmit_timer(Core& core, Tcb& t) {
    if (!schedule_loss_probe(core, t, true)) rearm_rto(core, t);
}

void mark_lost(Tcb& t, SentSegment& s) noexcept {
    if (s.sacked) return;
    if (t.rec.retransmit_hint && before(s.seq, *t.rec.retransmit_hint)) t.rec.retransmit_hint = s.seq;
    if (s.lost) {
        if (!s.retransmitted) return;
        // The retransmission is lost too.
        s.retransmitted = false;
        --t.rec.retrans_out;
        ++t.rec.lost;
        return;
    }
    s.lost = true;
    ++t.rec.lost_out;
    ++t.rec.lost;
}

bool send_again(Core& core, Tcb& t, std::size_t i, bool push) {
    trim_front(t, t.sent[i]);
    const std::uint32_t mss = current_mss(core, t);
    const std::int32_t window = Seq32::distance(t.sent[i].seq, t.window_end());
    std::uint32_t room = window > 0 ? static_cast<std::uint32_t>(window) : 0;
    if (room == 0) {
        // SHLD-17: beyond the window only what a probe may be.
        if (t.sent[i].seq != t.snd.una) return false;
        room = mss;
    }
    const std::uint32_t most = std::min(mss, room);
    if (t.sent[i].payload.size() > most) {
        split_to_mss(t, i, most);
    } else if (t.sent[i].payload.size() < most) {
        collapse(core, t, i, most);
    }
    SentSegment& s = t.sent[i];
    s.ever_retransmitted = true;
    if (core.link_refuses) return false;
    transmit(core, t, s, push);
    ++t.rec.total_retrans;
    t.rec.bytes_retrans += s.payload.size();
    return true;
}

bool retransmit(Core& core, Tcb& t, std::size_t i, bool push) {
    if (!send_again(core, t, i, push)) return false;
    SentSegment& s = t.sent[i];
    if (!s.retransmitted) {
        s.retransmitted = true;
        ++t.rec.retrans_out;
    }
    if (!t.rec.retrans_stamp) t.rec.retrans_stamp = core.now;
    if (t.rec.undo_retrans < 0) t.rec.undo_retrans = 0;
    ++t.rec.undo_retrans;
    return true;
}

void retransmit_lost(Core& core, Tcb& t) {
    if (t.rec.packets_out == 0 || t.rec.lost_out == 0) return;
    bool rearm = false;
    bool in_burst = false;
    std::size_t i = t.rec.retransmit_hint ? t.sent.find(*t.rec.retransmit_hint) : 0;
    for (; i < t.sent.size(); ++i) {
        if (t.in_flight() >= t.cc.cwnd || t.rec.retrans_out >= t.rec.lost_out) break;
        const SentSegment& s = t.sent[i];
        if (!s.lost || s.sacked || s.retransmitted) continue;
        const bool more = burst_goes_on(t, i);
        if (!retransmit(core, t, i, in_burst && !more)) break;
        in_burst = more;
        if (t.rec.state == Recovery::Cwr || t.rec.state == Recovery::Recovery) ++t.rec.prr_out;
        rearm = rearm || i == 0;
    }
    if (i < t.sent.size()) {
        t.rec.retransmit_hint = t.sent[i].seq;
    } else {
        t.rec.retransmit_hint = t.snd.nxt;
    }
    if (rearm && !t.timers.runs(TimerPlace::Retransmit, TimerKind::Reordering))
        restart_rto(core, t, t.rto.value);
}

bool any_retransmitted(const Tcb& t) noexcept {
    if (t.rec.retrans_out != 0) return true;
    return !t.sent.empty() && t.sent.front().ever_retransmitted;
}

void set_recovery_state(Core& core, Tcb& t, Recovery next, std::string_view why) {
    const Recovery from = t.rec.state;
    if (from == next) return;
    t.rec.state = next;
    if (core.observer != nullptr) core.observer->recovery_changed(core.now, t, from, next, why);
}

}  // namespace synscope::sim::tcp
