#include "sim/tcp/recovery/recovery.hpp"

#include <algorithm>

#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {

/// The peer threw away what it had SACKed (RFC 2018 section 8): the head is SACKed and yet not acknowledged.
/// After a little patience that is a timeout.
bool peer_reneged(Core& core, Tcb& t, const AckWork& work) {
    if (!t.rec.sack_reneging || !work.una_advanced || t.sent.empty() || !t.sent.front().sacked) return false;
    const Duration wait = std::max(Duration::microseconds(t.rto.srtt_us >> 4), Duration::milliseconds(10));
    restart_rto(core, t, wait);
    return true;
}

/// RFC 6582 without SACK: three duplicates, or a partial ACK, say that the head is lost.
void newreno_mark_lost(Tcb& t, bool una_advanced) noexcept {
    const bool duplicates = t.rec.state < Recovery::Recovery && t.rec.sacked_out >= t.rec.reordering;
    const bool partial = t.rec.state == Recovery::Recovery && una_advanced;
    if ((duplicates || partial) && !t.sent.empty() && !t.sent.front().lost) mark_lost(t, t.sent.front());
}

/// RFC 6675 IsLost without RACK: DupThresh segments SACKed above it.
void count_mark_lost(Tcb& t) noexcept {
    std::uint32_t above = t.rec.sacked_out;
    for (std::size_t i = 0; i < t.sent.size() && above >= t.rec.reordering; ++i) {
        SentSegment& s = t.sent[i];
        if (s.sacked) {
            --above;
        } else if (!s.lost) {
            mark_lost(t, s);
        }
    }
}

void identify_loss(Core& core, Tcb& t, AckWork& work) {
    if (t.sent.empty()) return;
    if (!t.agreed.sack) {
        newreno_mark_lost(t, work.una_advanced);
    } else if (core.p.rack) {
        const std::uint32_t retransmitted = t.rec.retrans_out;
        if (rack_mark_lost(core, t)) work.set_timer = false;
        if (retransmitted > t.rec.retrans_out) work.retransmission_lost = true;
    } else {
        count_mark_lost(t);
    }
}

void try_to_open(Core& core, Tcb& t, const AckWork& work) {
    if (!any_retransmitted(t)) t.rec.retrans_stamp.reset();
    if (work.ece) enter_cwr(core, t);
    if (t.rec.state != Recovery::Cwr) try_keep_open(core, t);
}

/// Everything that was out when the episode began is acknowledged. True when the ACK is done with.
bool leave_episode(Core& core, Tcb& t) {
    switch (t.rec.state) {
        case Recovery::Cwr:
            // CWR may have been sent with what is acknowledged now: one reduction per window (RFC 3168
            // §6.1.2).
            if (t.snd.una == t.rec.high_seq) break;
            end_cwnd_reduction(core, t);
            set_recovery_state(core, t, Recovery::Open, "window of CWR acknowledged");
            break;
        case Recovery::Recovery:
            if (!t.agreed.sack) reset_reno_sack(t);
            if (try_undo_recovery(core, t)) return true;
            end_cwnd_reduction(core, t);
            break;
        default:
            break;
    }
    return false;
}

/// Partial ACKs and duplicates inside of Recovery. True when the ACK is done with.
bool in_recovery(Core& core, Tcb& t, AckWork& work) {
    if (!work.una_advanced) {
        if (!t.agreed.sack) add_reno_sack(core, t, work.duplicates);
    } else if (try_undo_partial(core, t, work.prior_una)) {
        return true;
    }
    const bool had_marker = t.rec.undo_marker.has_value();
    try_undo_dsack(core, t);
    if (had_marker && !t.rec.undo_marker && t.rec.state == Recovery::Recovery) try_to_open(core, t, work);
    identify_loss(core, t, work);
    if (t.rec.state == Recovery::Recovery) return false;
    if (t.rec.lost_out == 0) return true;
    // The undo ended the recovery, and yet something is lost: a new one.
    enter_recovery(core, t, work.ece);
    return false;
}

bool in_open_or_disorder(Core& core, Tcb& t, AckWork& work) {
    if (!t.agreed.sack) {
        if (work.una_advanced) reset_reno_sack(t);
        add_reno_sack(core, t, work.duplicates);
    }
    if (t.rec.state <= Recovery::Disorder) try_undo_dsack(core, t);
    identify_loss(core, t, work);
    if (t.rec.lost_out == 0) {
        try_to_open(core, t, work);
        return true;
    }
    enter_recovery(core, t, work.ece);
    return false;
}

}  // namespace

void recovery_on_ack(Core& core, Tcb& t, AckWork& work) {
    if (t.rec.packets_out == 0 && t.rec.sacked_out != 0) t.rec.sacked_out = 0;
    if (work.ece) t.cc.prior_ssthresh = 0;
    if (peer_reneged(core, t, work)) {
        work.set_timer = false;
        return;
    }
    if (t.rec.state == Recovery::Open) {
        if (t.rec.retrans_out == 0) t.rec.retrans_stamp.reset();
    } else if (!before(t.snd.una, t.rec.high_seq)) {
        if (leave_episode(core, t)) return;
    }
    if (t.rec.state == Recovery::Recovery) {
        if (in_recovery(core, t, work)) return;
    } else if (t.rec.state == Recovery::Loss) {
        loss_on_ack(core, t, work);
        identify_loss(core, t, work);
        if (t.rec.state != Recovery::Open && !work.retransmission_lost) return;
        // A retransmission was lost while the timeout is repaired, or the timeout was undone: judge anew.
        if (t.rec.state == Recovery::Open) {
            if (in_open_or_disorder(core, t, work)) return;
        } else {
            enter_recovery(core, t, work.ece);
        }
    } else if (in_open_or_disorder(core, t, work)) {
        return;
    }
    work.resend = Resend::Lost;
}

void enter_recovery(Core& core, Tcb& t, bool by_ece) {
    t.cc.prior_ssthresh = 0;
    begin_undo(t);
    if (t.rec.state != Recovery::Cwr && t.rec.state != Recovery::Recovery) {
        if (!by_ece) t.cc.prior_ssthresh = current_ssthresh(t);
        begin_cwnd_reduction(core, t);
    }
    set_recovery_state(core, t, Recovery::Recovery, "loss detected");
}

void enter_cwr(Core& core, Tcb& t) {
    t.cc.prior_ssthresh = 0;
    if (t.rec.state >= Recovery::Cwr) return;
    t.rec.undo_marker.reset();
    begin_cwnd_reduction(core, t);
    set_recovery_state(core, t, Recovery::Cwr, "congestion was signalled");
}

void try_keep_open(Core& core, Tcb& t) {
    const bool disorder = t.rec.sacked_out + t.rec.lost_out != 0 || any_retransmitted(t);
    const Recovery next = disorder ? Recovery::Disorder : Recovery::Open;
    if (t.rec.state == next) return;
    set_recovery_state(core, t, next, disorder ? "duplicates or SACKs" : "nothing is missing");
    t.rec.high_seq = t.snd.nxt;
}

void resend(Core& core, Tcb& t, Resend what) {
    if (what == Resend::Nothing || t.state == TcpState::SynSent) return;
    if (what == Resend::New) {
        push_pending(core, t, Hold::Off);
        // RFC 5682 §2.1 step 2b: new data went out, wait for what its ACK says.
        if (after(t.snd.nxt, t.rec.high_seq)) return;
        t.rec.frto = false;
    }
    retransmit_lost(core, t);
}

}  // namespace synscope::sim::tcp
