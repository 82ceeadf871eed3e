#include <algorithm>

#include "sim/tcp/ack.hpp"
#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/ecn.hpp"
#include "sim/tcp/fastopen.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/time_wait.hpp"
#include "sim/tcp/timestamps.hpp"
#include "sim/tcp/urgent.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// A RST of a peer that counts its FIN: RST's number is RCV.NXT - 1 then.
bool reset_behind_fin(const Core& core, const Tcb& t, const Incoming& in) noexcept {
    if (core.p.strict_sequence_check) return false;
    const bool closing =
        t.state == TcpState::CloseWait || t.state == TcpState::LastAck || t.state == TcpState::Closing;
    return closing && in.rst && in.seq == t.rcv.nxt - 1;
}

/// RFC 5961 §3: the RST is believed at once.
bool reset_is_exact(const Core& core, const Tcb& t, const Incoming& in) noexcept {
    if (core.p.any_reset_in_window || in.seq == t.rcv.nxt) return true;
    if (core.p.strict_sequence_check) return false;
    // Deviations, as Linux: any in SYN-RECEIVED; and the end of what is SACKed, where a peer that lost an ACK
    // may stand.
    if (t.state == TcpState::SynReceived && t.passive) return true;
    const auto ends_here = [&](const SequenceRange& block) { return in.seq == block.end; };
    if (t.agreed.sack && std::any_of(t.sacks.begin(), t.sacks.begin() + t.sack_count, ends_here)) return true;
    return reset_behind_fin(core, t, in);
}

bool simultaneous_open(const Tcb& t, const Incoming& in) noexcept {
    return t.state == TcpState::SynReceived && !t.passive && in.syn && in.has_ack && in.seq == t.irs;
}

/// The peer did not get our SYN-ACK: its SYN comes again.
bool repeated_syn(const Tcb& t, const Incoming& in) noexcept {
    return t.state == TcpState::SynReceived && t.passive && in.syn && !in.has_ack && !in.rst &&
           in.seq == t.irs;
}

}  // namespace

// RFC 9293 §3.10.7.4, first: check sequence number. RFC 7323 §5.3 puts PAWS before it.
Step check_sequence(Core& core, Tcb& t, Incoming& in) {
    if (repeated_syn(t, in)) {
        if (may_answer_invalid(core, t, in)) retransmit_syn_ack(core, t, false);
        return Step::Stop;
    }
    if (simultaneous_open(t, in)) {
        // The SYN was counted when it came alone. Linux takes it for a duplicate, and says so.
        in.syn = false;
        if (!core.p.repeated_syn_is_duplicate) in.seq = in.seq + 1;
    }
    if (!in.rst && paws_rejects(core, t, in)) {
        ++core.counters.paws_drops;
        core.note(&t, "dropped: PAWS (RFC 7323 section 5.3)");
        if (in.syn) {
            send_challenge_ack(core, t);
        } else if (may_answer_invalid(core, t, in)) {
            send_duplicate_ack(core, t, in);
        }
        return Step::Stop;
    }
    if (acceptable(core, t, in)) {
        t.rcv.last_heard = core.now;
        return Step::Continue;
    }
    core.note(&t, "not acceptable: outside the receive window");
    if (in.rst) {
        if (reset_behind_fin(core, t, in)) reset_by_peer(core, t);
        return Step::Stop;
    }
    if (in.syn) {
        send_challenge_ack(core, t);
    } else if (may_answer_invalid(core, t, in)) {
        send_duplicate_ack(core, t, in);
    }
    return Step::Stop;
}

// RFC 9293 §3.10.7.4, second: check the RST bit, with RFC 5961 §3: exactly RCV.NXT, or a challenge ACK.
Step check_rst(Core& core, Tcb& t, const Incoming& in) {
    if (!in.rst) return Step::Continue;
    if (reset_is_exact(core, t, in)) {
        reset_by_peer(core, t);
    } else {
        send_challenge_ack(core, t);
    }
    return Step::Stop;
}

// RFC 9293 §3.10.7.4, third: check security. Not modelled: no security compartments (appendix A.1).
Step check_security(Core&, Tcb&, const Incoming&) {
    return Step::Continue;
}

// RFC 9293 §3.10.7.4, fourth: check the SYN bit: RFC 5961 §4's challenge ACK in every synchronized state.
Step check_syn(Core& core, Tcb& t, const Incoming& in) {
    if (!in.syn) return Step::Continue;
    if (t.state == TcpState::SynReceived && t.passive) {
        // "If the connection was initiated with a passive OPEN, return to the LISTEN state": the child goes,
        // the listener never left. Deviation, as Linux: the peer is told by a RST.
        send_reset_for(core, in, &t);
        finish(core, t, "SYN in SYN-RECEIVED");
        return Step::Stop;
    }
    syn_in_window(core, t, in);
    return Step::Stop;
}

namespace {

Step ack_in_syn_received(Core& core, Tcb& t, Incoming& in) {
    // RFC 9293 §3.10.7.4, fifth (ACK), SYN-RECEIVED: SND.UNA < SEG.ACK =< SND.NXT, or a RST is the answer.
    // The SYN-ACK of a fast open child is behind SND.UNA already: what it sent since may be unacknowledged.
    const bool past = t.tfo.server ? !before(in.ack, t.snd.una) : after(in.ack, t.snd.una);
    const bool ours = past && before_eq(in.ack, t.snd.nxt);
    if (!ours) {
        send_reset_for(core, in, &t);
        return Step::Stop;
    }
    if (t.passive && !t.tfo.server && !listener_takes(core, t, in)) return Step::Stop;
    connection_established(core, t, in, "rcv ACK of SYN");
    return Step::Continue;
}

/// RFC 9293 §3.10.7.4, fifth (ACK): what else the ACK of our FIN means. Stop: the connection is done with.
Step fin_acknowledged(Core& core, Tcb& t, const Incoming& in) {
    switch (t.state) {
        case TcpState::FinWait1:
            enter(core, t, TcpState::FinWait2, "rcv ACK of FIN");
            if (!t.orphan) break;
            if (t.options.linger2 && t.options.linger2->ns < 0) {
                finish(core, t, "nobody waits in FIN-WAIT-2");
                return Step::Stop;
            }
            start_fin_wait_2_timer(core, t);
            break;
        case TcpState::Closing:
            enter_time_wait(core, t, "rcv ACK of FIN");
            return Step::Stop;
        case TcpState::LastAck:
            finish(core, t, "rcv ACK of FIN");
            return Step::Stop;
        default:
            break;
    }
    (void)in;
    return Step::Continue;
}

}  // namespace

// RFC 9293 §3.10.7.4, fifth: check the ACK field.
Step check_ack(Core& core, Tcb& t, Incoming& in) {
    if (!in.has_ack) return Step::Stop;
    if (t.state == TcpState::SynReceived) {
        if (ack_in_syn_received(core, t, in) == Step::Stop) return Step::Stop;
    }
    const bool had_una = t.snd.una == t.snd.written;
    const AckVerdict verdict = process_ack(core, t, in);
    if (verdict == AckVerdict::Unsent) {
        core.note(&t, "ACK of what was never sent");
        // "If the ACK acks something not yet sent, then send an ACK, drop the segment." Deviation: Linux
        // drops it without an answer in ESTABLISHED.
        if (core.p.ack_unsent_acks) {
            if (may_answer_invalid(core, t, in)) send_ack(core, t);
        } else if (t.state != TcpState::Established) {
            send_challenge_ack(core, t);
        }
        return Step::Stop;
    }
    if (verdict == AckVerdict::TooOld) {
        // RFC 5961 §5: older than the largest window: blind data injection.
        send_challenge_ack(core, t);
        return Step::Stop;
    }
    update_recent(core, t, in);
    if (t.fin_queued && t.snd.una == t.snd.written && !had_una) return fin_acknowledged(core, t, in);
    return Step::Continue;
}

// RFC 9293 §3.10.7.4, sixth: check the URG bit.
Step check_urg(Core& core, Tcb& t, const Incoming& in) {
    if (in.urg || t.rcv.urgent_pending) urgent_arrived(core, t, in);
    return Step::Continue;
}

// RFC 9293 §3.10.7.4, eighth: check the FIN bit, once everything before it is here.
Step check_fin(Core& core, Tcb& t, const Incoming&) {
    if (!t.fin_now) return Step::Continue;
    t.fin_now = false;
    t.fin_received = true;
    t.ack.scheduled = true;
    if (core.p.fin_acked_at_once) t.ack.now = true;
    t.out_of_order.clear();
    t.sack_count = 0;
    core.wake(t);
    switch (t.state) {
        // SYN-RECEIVED, which the RFC names too, ended in the fifth step.
        case TcpState::Established:
            enter(core, t, TcpState::CloseWait, "rcv FIN");
            // The reply, if there is one, comes soon: its ACK rides along.
            enter_ping_pong(core, t);
            break;
        case TcpState::FinWait1:
            // Its ACK of our FIN would have been processed: both ends closed at once.
            send_ack(core, t);
            enter(core, t, TcpState::Closing, "rcv FIN, snd ACK");
            break;
        case TcpState::FinWait2:
            send_ack(core, t);
            enter_time_wait(core, t, "rcv FIN, snd ACK");
            return Step::Stop;
        default:
            break;
    }
    return Step::Continue;
}

bool acceptable(const Core& core, const Tcb& t, const Incoming& in) noexcept {
    const std::uint32_t window = acceptance_window(core, t);
    if (!core.p.strict_sequence_check)
        return !before(in.end, t.rcv.wup) && !after(in.seq, t.rcv.nxt + window);
    const auto inside = [&](Seq32 number) {
        return !before(number, t.rcv.nxt) && before(number, t.rcv.nxt + window);
    };
    if (in.end == in.seq) return window == 0 ? in.seq == t.rcv.nxt : inside(in.seq);
    return window != 0 && (inside(in.seq) || inside(in.end - 1));
}

void reset_by_peer(Core& core, Tcb& t) {
    switch (t.state) {
        case TcpState::SynSent:
            t.error = Error::ConnectionRefused;
            break;
        case TcpState::SynReceived:
            t.error = core.p.reset_errors_of_rfc ? Error::ConnectionRefused : Error::ConnectionReset;
            break;
        case TcpState::CloseWait:
            t.error = core.p.reset_errors_of_rfc ? Error::ConnectionReset : Error::BrokenPipe;
            break;
        default:
            t.error = Error::ConnectionReset;
            break;
    }
    fastopen_reset(core, t);
    finish(core, t, "RST arrived");
}

void syn_in_window(Core& core, Tcb& t, const Incoming& in) {
    // A SYN before the window is trimmed off, even when the FIN behind it made the segment acceptable.
    if (!core.p.syn_in_window_resets || before(in.seq, t.rcv.nxt)) return send_challenge_ack(core, t);
    send_active_reset(core, t);
    t.error = Error::ConnectionReset;
    finish(core, t, "SYN in the window");
}

}  // namespace synscope::sim::tcp
