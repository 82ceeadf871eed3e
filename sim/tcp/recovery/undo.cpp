// Taking a needless reduction back: the original was only late (Eifel, RFC 3522 and 4015), or every
// retransmission was reported as a duplicate (RFC 3708).
#include <algorithm>

#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/timestamps.hpp"

namespace synscope::sim::tcp {
namespace {

/// What was acknowledged had been sent before the first retransmission.
bool was_only_late(const Core& core, const Tcb& t) noexcept {
    if (t.rec.retrans_stamp) return echo_before(core, t, *t.rec.retrans_stamp);
    // Nothing was retransmitted yet, except where the stamp is cleared while retransmissions may be out.
    if (!t.agreed.sack && !before(t.snd.una, t.rec.high_seq)) return false;
    return t.state != TcpState::SynSent;
}

bool may_undo(const Core& core, const Tcb& t) noexcept {
    return core.p.undo && t.rec.undo_marker && (t.rec.undo_retrans == 0 || was_only_late(core, t));
}

void undo_reduction(Core& core, Tcb& t, bool unmark_lost) {
    if (unmark_lost) {
        for (std::size_t i = 0; i < t.sent.size(); ++i)
            t.sent[i].lost = false;
        t.rec.lost_out = 0;
        t.rec.retransmit_hint.reset();
    }
    if (t.cc.prior_ssthresh != 0) {
        t.cc.cwnd = t.congestion->undo_cwnd(t.cc);
        if (t.cc.prior_ssthresh > t.cc.ssthresh) {
            t.cc.ssthresh = t.cc.prior_ssthresh;
            t.ecn.queue_cwr = false;
        }
    }
    t.cc.stamp = core.now;
    t.rec.undo_marker.reset();
    t.rec.rack.advanced = true;
    ++core.counters.spurious_undos;
    core.note(&t, "reduction undone: it was needless");
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

/// NewReno stays until something above RecoveryPoint is acknowledged (RFC 6582 section 4.1).
bool newreno_stays(Tcb& t) noexcept {
    if (t.agreed.sack || t.snd.una != t.rec.high_seq) return false;
    if (!any_retransmitted(t)) t.rec.retrans_stamp.reset();
    return true;
}

}  // namespace

void begin_undo(Tcb& t) noexcept {
    t.rec.undo_marker = t.snd.una;
    // Retransmissions in flight may still be reported; a probe's too. 0 would mean "all reported".
    t.rec.undo_retrans = t.rec.retrans_out;
    if (t.rec.tlp_high_seq && t.rec.tlp_retransmits) ++t.rec.undo_retrans;
    if (t.rec.undo_retrans == 0) t.rec.undo_retrans = -1;
}

bool try_undo_recovery(Core& core, Tcb& t) {
    if (may_undo(core, t)) undo_reduction(core, t, false);
    if (newreno_stays(t)) return true;
    set_recovery_state(core, t, Recovery::Open, "everything up to the recovery point is acknowledged");
    t.rec.sack_reneging = false;
    return false;
}

void try_undo_dsack(Core& core, Tcb& t) {
    if (!core.p.undo || !t.rec.undo_marker || t.rec.undo_retrans != 0) return;
    t.rec.rack.reo_wnd_persist = std::min(16u, t.rec.rack.reo_wnd_persist + 1);
    undo_reduction(core, t, false);
}

bool try_undo_loss(Core& core, Tcb& t, bool by_frto) {
    if (!by_frto && !may_undo(core, t)) return false;
    undo_reduction(core, t, true);
    t.rec.retransmits = 0;
    if (newreno_stays(t)) return true;
    if (by_frto || t.agreed.sack) {
        set_recovery_state(core, t, Recovery::Open, by_frto ? "F-RTO: the timeout was spurious" : "undone");
        t.rec.sack_reneging = false;
    }
    return true;
}

bool try_undo_partial(Core& core, Tcb& t, Seq32 prior_una) {
    if (!core.p.undo || !t.rec.undo_marker || !was_only_late(core, t)) return false;
    // A hole filled by its original: reordering, not loss.
    note_reordering(core, t, prior_una);
    if (t.rec.retrans_out != 0) return true;
    if (!any_retransmitted(t)) t.rec.retrans_stamp.reset();
    undo_reduction(core, t, true);
    try_keep_open(core, t);
    return false;
}

}  // namespace synscope::sim::tcp
