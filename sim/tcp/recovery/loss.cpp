// A retransmission timeout, and whether it was needless (F-RTO, RFC 5682).
#include <algorithm>

#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {

/// RFC 6675 section 5.1: after a timeout everything out is lost; RACK spares what was sent only just now.
void mark_all_lost(Core& core, Tcb& t) {
    const bool reneged = !t.sent.empty() && t.sent.front().sacked;
    if (reneged) {
        // RFC 2018 §8: the receiver may have thrown away what it SACKed.
        t.rec.sacked_out = 0;
        t.rec.sack_reneging = true;
        t.rec.seen_sack_count = 0;
    } else if (!t.agreed.sack) {
        reset_reno_sack(t);
    }
    const std::uint32_t window = rack_window_us(core, t);
    for (std::size_t i = 0; i < t.sent.size(); ++i) {
        SentSegment& s = t.sent[i];
        if (reneged) s.sacked = false;
        const bool recent =
            core.p.rack && t.agreed.sack && i != 0 && rack_remaining_us(core, t, s, window) > 0;
        if (!recent) mark_lost(t, s);
    }
    t.rec.retransmit_hint.reset();
}

}  // namespace

void enter_loss(Core& core, Tcb& t) {
    const bool fresh = t.rec.state < Recovery::Recovery;
    mark_all_lost(core, t);
    // RFC 5681 §3.1: the window is halved once per window of data, not once per timeout.
    if (t.rec.state <= Recovery::Disorder || !after(t.rec.high_seq, t.snd.una) ||
        (t.rec.state == Recovery::Loss && t.rec.retransmits == 0)) {
        t.cc.prior_ssthresh = current_ssthresh(t);
        t.cc.prior_cwnd = t.cc.cwnd;
        t.cc.ssthresh = t.congestion->ssthresh_after_loss(t.cc);
        t.congestion->event(CongestionEvent::Loss, core.now, {});
        begin_undo(t);
    }
    t.cc.cwnd = t.in_flight() + 1;
    t.cc.cwnd_count = 0;
    t.cc.stamp = core.now;
    if (t.rec.state <= Recovery::Disorder && t.rec.sacked_out >= core.p.reordering)
        t.rec.reordering = std::min(t.rec.reordering, core.p.reordering);
    set_recovery_state(core, t, Recovery::Loss, "retransmission timeout");
    t.rec.high_seq = t.snd.nxt;
    t.rec.tlp_high_seq.reset();
    if (t.agreed.ecn) t.ecn.queue_cwr = true;
    t.rec.frto = core.p.frto && (fresh || t.rec.retransmits != 0);
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

void loss_on_ack(Core& core, Tcb& t, AckWork& work) {
    const bool recovered = !before(t.snd.una, t.rec.high_seq);
    if (work.una_advanced && try_undo_loss(core, t, false)) return;
    if (t.rec.frto) {
        // RFC 5682 §3.1: what was never retransmitted is acknowledged: the timeout was spurious.
        if (work.original_acked && try_undo_loss(core, t, true)) return;
        if (after(t.snd.nxt, t.rec.high_seq)) {
            if (work.data_sacked || work.duplicates != 0) t.rec.frto = false;  // step 3a
        } else if (work.una_advanced && !recovered) {
            t.rec.high_seq = t.snd.nxt;
            // Step 2b: new data instead of retransmissions, if there is some and the window has room.
            if (!t.unsent.empty() && after(t.window_end(), t.snd.nxt)) {
                work.resend = Resend::New;
                return;
            }
            t.rec.frto = false;
        }
    }
    if (recovered) {
        try_undo_recovery(core, t);
        return;
    }
    if (!t.agreed.sack) {
        // RFC 6582 §4: duplicates of what was sent before the timeout say nothing.
        if (after(t.snd.nxt, t.rec.high_seq) && work.duplicates != 0) {
            add_reno_sack(core, t, work.duplicates);
        } else if (work.una_advanced) {
            reset_reno_sack(t);
        }
    }
    work.resend = Resend::Lost;
}

}  // namespace synscope::sim::tcp
