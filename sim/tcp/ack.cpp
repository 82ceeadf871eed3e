#include "sim/tcp/ack.hpp"

#include <algorithm>

#include "sim/tcp/ack_work.hpp"
#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/persist.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/scoreboard.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/timestamps.hpp"

namespace synscope::sim::tcp {
namespace {

/// RFC 9293 §3.10.7.4, fifth (ACK), ESTABLISHED: SND.WL1 < SEG.SEQ, or equal and SND.WL2 =< SEG.ACK: the
/// window is news. Deviation, as Linux: with the same numbers only a larger window is, or a closed one:
/// segments overtake each other, and a window does not shrink (SHLD-14).
void update_window(Core& core, Tcb& t, const Incoming& in, AckWork& work) {
    const std::uint32_t window = in.syn ? in.wnd : in.wnd << t.snd.scale;
    const bool news =
        after(in.ack, t.snd.una) || after(in.seq, t.snd.wl1) ||
        (in.seq == t.snd.wl1 && (window > t.snd.wnd || window == 0 || core.p.smaller_window_is_news));
    if (!news) return;
    work.window_update = true;
    t.snd.wl1 = in.seq;
    t.snd.wl2 = in.ack;
    if (t.snd.wnd != window) {
        t.snd.wnd = window;
        if (!t.unsent.empty() && t.rec.packets_out == 0) restart_after_idle(core, t);
        if (window > t.snd.max_wnd) {
            t.snd.max_wnd = window;
            sync_mss(core, t);
        }
    }
}

/// RFC 5681 section 3.1: the window grows outside of recovery, and only if the sender uses it.
void control_congestion(Core& core, Tcb& t, const AckWork& work) {
    const std::uint32_t delivered = t.rec.delivered - work.prior_delivered;
    const std::uint32_t lost = t.rec.lost - work.prior_lost;
    if (t.rec.state == Recovery::Cwr || t.rec.state == Recovery::Recovery) {
        reduce_cwnd(core, t, delivered, lost, work.una_advanced);
        return;
    }
    const bool may_grow = t.rec.reordering > core.p.reordering
                              ? work.data_acked || work.syn_acked || work.data_sacked
                              : work.data_acked;
    if (!may_grow || !cwnd_limited(t)) return;
    const std::uint32_t before_cwnd = t.cc.cwnd;
    const AckFacts facts{
        core.now,  delivered, work.rtt_us, t.rto.srtt_us >> 3, t.rto.min_rtt_us().value_or(0),
        t.snd.una, t.snd.nxt, true};
    t.congestion->grow(t.cc, facts);
    t.cc.stamp = core.now;
    if (t.cc.cwnd != before_cwnd && core.observer != nullptr) core.observer->cwnd_changed(core.now, t);
}

bool plain_progress(const Tcb& t, const AckWork& work) noexcept {
    return work.not_duplicate() && !work.alerts() && t.rec.state == Recovery::Open;
}

AckWork begin_work(const Tcb& t, const Incoming& in) noexcept {
    AckWork work;
    work.prior_una = t.snd.una;
    work.prior_highest_sack = t.rec.sacked_out != 0 ? t.rec.highest_sack : t.snd.una;
    work.prior_packets_out = t.rec.packets_out;
    work.prior_in_flight = t.in_flight();
    work.prior_delivered = t.rec.delivered;
    work.prior_lost = t.rec.lost;
    work.lowest_reordered = t.snd.nxt;
    work.carries_data = !in.payload.empty() || in.fin || in.syn;
    work.ece = t.agreed.ecn && in.ece && !in.syn;
    return work;
}

AckVerdict old_ack(Core& core, Tcb& t, const Incoming& in) {
    const std::uint32_t horizon =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(t.snd.max_wnd, t.bytes_acked + 1));
    if (before(in.ack, t.snd.una - horizon)) return AckVerdict::TooOld;
    AckWork work = begin_work(t, in);
    work.ece = false;
    apply_sacks(core, t, in, work);
    if (!work.data_sacked && !work.dsacking) return AckVerdict::Old;
    if (t.rec.packets_out != 0) {
        recovery_on_ack(core, t, work);
        resend(core, t, work.resend);
    }
    return AckVerdict::Old;
}

}  // namespace

AckVerdict process_ack(Core& core, Tcb& t, const Incoming& in) {
    if (before(in.ack, t.snd.una)) return old_ack(core, t, in);
    if (after(in.ack, t.snd.nxt)) return AckVerdict::Unsent;
    AckWork work = begin_work(t, in);
    work.una_advanced = after(in.ack, t.snd.una);
    if (work.una_advanced) {
        t.rec.retransmits = 0;
        // SND.UP is passed: nothing urgent is left.
        if (t.snd.urgent && !before(in.ack, t.snd.up)) t.snd.urgent = false;
    }
    t.ts.in_segment = in.options.timestamps;
    t.ts.last_value = in.options.ts_value;
    t.ts.last_echo = in.options.ts_echo;
    update_window(core, t, in, work);
    t.snd.una = in.ack;
    if (!t.snd.urgent && before(t.snd.up, t.snd.una)) t.snd.up = t.snd.una;
    t.rec.probes_out = 0;
    t.soft_error = Error::None;
    if (t.rec.packets_out == 0) {
        ack_of_probe(core, t);
        if (t.rec.tlp_high_seq) loss_probe_acked(core, t, in.ack, work);
        return AckVerdict::Accepted;
    }
    apply_sacks(core, t, in, work);
    remove_acknowledged(core, t, work);
    if (core.p.rack && t.agreed.sack)
        rack_adapt_window(t, work, static_cast<std::uint8_t>(core.p.recovery_flags));
    if (t.rec.tlp_high_seq) loss_probe_acked(core, t, in.ack, work);
    if (!plain_progress(t, work)) {
        if (!work.una_advanced && !work.not_duplicate() && !work.dsacking) work.duplicates = 1;
        recovery_on_ack(core, t, work);
    }
    if (work.set_timer) set_transmit_timer(core, t);
    control_congestion(core, t, work);
    resend(core, t, work.resend);
    return AckVerdict::Accepted;
}

}  // namespace synscope::sim::tcp
