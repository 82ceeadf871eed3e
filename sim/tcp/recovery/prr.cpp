// Proportional rate reduction (RFC 6937): the window comes down to ssthresh while ACKs come in, neither in
// one step nor below what is in flight.
#include <algorithm>

#include "sim/tcp/recovery/recovery.hpp"

namespace synscope::sim::tcp {

void begin_cwnd_reduction(Core& core, Tcb& t) {
    t.rec.high_seq = t.snd.nxt;
    t.rec.tlp_high_seq.reset();
    t.cc.cwnd_count = 0;
    t.cc.prior_cwnd = t.cc.cwnd;
    t.rec.prr_delivered = 0;
    t.rec.prr_out = 0;
    t.cc.ssthresh = t.congestion->ssthresh_after_loss(t.cc);
    if (t.agreed.ecn) t.ecn.queue_cwr = true;
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

void reduce_cwnd(Core& core, Tcb& t, std::uint32_t newly_acked_sacked, std::uint32_t newly_lost,
                 bool una_advanced) {
    if (newly_acked_sacked == 0 || t.cc.prior_cwnd == 0) return;
    const std::int64_t pipe = t.in_flight();
    const std::int64_t delta = std::int64_t{t.cc.ssthresh} - pipe;
    t.rec.prr_delivered += newly_acked_sacked;
    std::int64_t send = 0;
    if (delta < 0) {
        // RFC 6937 §3: sndcnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out.
        const std::uint64_t dividend =
            std::uint64_t{t.cc.ssthresh} * t.rec.prr_delivered + t.cc.prior_cwnd - 1;
        send = static_cast<std::int64_t>(dividend / t.cc.prior_cwnd) - t.rec.prr_out;
    } else {
        // PRR-SSRB: slow start back up to ssthresh, but only as long as nothing more is lost.
        send = std::max<std::int64_t>(std::int64_t{t.rec.prr_delivered} - t.rec.prr_out, newly_acked_sacked);
        if (una_advanced && newly_lost == 0) ++send;
        send = std::min(delta, send);
    }
    // The first retransmission goes out at once.
    send = std::max<std::int64_t>(send, t.rec.prr_out != 0 ? 0 : 1);
    t.cc.cwnd = static_cast<std::uint32_t>(pipe + send);
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

void end_cwnd_reduction(Core& core, Tcb& t) {
    if (t.cc.ssthresh < kInfiniteSsthresh && (t.rec.state == Recovery::Cwr || t.rec.undo_marker)) {
        t.cc.cwnd = t.cc.ssthresh;
        t.cc.stamp = core.now;
    }
    t.congestion->event(CongestionEvent::RecoveryComplete, core.now, {});
    if (core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

}  // namespace synscope::sim::tcp
