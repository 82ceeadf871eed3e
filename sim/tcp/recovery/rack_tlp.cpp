#include "sim/tcp/recovery/rack_tlp.hpp"

#include <algorithm>

#include "sim/tcp/output.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr std::uint32_t kStaticWindow = 2;  // tcp_recovery bits
constexpr std::uint32_t kNoDupThresh = 4;
constexpr std::uint32_t kPersistRecoveries = 16;

/// Section 4: RACK.sent_after.
bool sent_after(Instant a, Seq32 end_a, Instant b, Seq32 end_b) noexcept {
    return a > b || (a == b && after(end_a, end_b));
}

}  // namespace

void rack_advance(const Core& core, Tcb& t, const SentSegment& s) noexcept {
    const auto rtt = static_cast<std::uint32_t>((core.now - s.sent).ns / 1000);
    // An ACK this soon after a retransmission is for the original: it says nothing about when the copy
    // arrived.
    if (s.ever_retransmitted && rtt < t.rto.min_rtt_us().value_or(~0u)) return;
    t.rec.rack.advanced = true;
    t.rec.rack.rtt_us = rtt;
    if (sent_after(s.sent, s.end(), t.rec.rack.xmit, t.rec.rack.end_seq)) {
        t.rec.rack.xmit = s.sent;
        t.rec.rack.end_seq = s.end();
    }
}

void rack_adapt_window(Tcb& t, const AckWork& work, std::uint8_t flags) noexcept {
    auto& rack = t.rec.rack;
    if ((flags & kStaticWindow) != 0) return;
    // A D-SACK counts once per round trip.
    if (static_cast<std::int32_t>(work.prior_delivered - rack.last_delivered) < 0) rack.dsack_seen = false;
    if (rack.dsack_seen) {
        rack.reo_wnd_steps = std::min(255u, rack.reo_wnd_steps + 1);
        rack.dsack_seen = false;
        rack.last_delivered = t.rec.delivered;
        rack.reo_wnd_persist = kPersistRecoveries;
    } else if (rack.reo_wnd_persist == 0) {
        rack.reo_wnd_steps = 1;
    }
}

std::uint32_t rack_window_us(const Core& core, const Tcb& t) noexcept {
    // Section 6.2 step 4: without reordering seen, three duplicates or recovery under way need no patience.
    if (t.rec.reord_seen == 0) {
        if (t.rec.state >= Recovery::Recovery) return 0;
        if (t.rec.sacked_out >= t.rec.reordering && (core.p.recovery_flags & kNoDupThresh) == 0) return 0;
    }
    const std::uint64_t window =
        std::uint64_t{t.rto.min_rtt_us().value_or(~0u) >> 2} * t.rec.rack.reo_wnd_steps;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(window, t.rto.srtt_us >> 3));
}

std::int64_t rack_remaining_us(const Core& core, const Tcb& t, const SentSegment& s,
                               std::uint32_t window_us) noexcept {
    return std::int64_t{t.rec.rack.rtt_us} + window_us - (core.now - s.sent).ns / 1000;
}

bool rack_mark_lost(Core& core, Tcb& t) {
    if (!t.rec.rack.advanced) return false;
    t.rec.rack.advanced = false;
    const std::uint32_t window = rack_window_us(core, t);
    std::int64_t longest = 0;
    for (std::size_t i = 0; i < t.sent.size(); ++i) {
        SentSegment& s = t.sent[i];
        if (s.sacked || (s.lost && !s.retransmitted)) continue;
        if (!sent_after(t.rec.rack.xmit, t.rec.rack.end_seq, s.sent, s.end())) {
            // What was sent once was sent in order: everything behind it is younger still.
            if (!s.ever_retransmitted) break;
            continue;
        }
        const std::int64_t remaining = rack_remaining_us(core, t, s, window);
        if (remaining <= 0) {
            mark_lost(t, s);
        } else {
            longest = std::max(longest, remaining);
        }
    }
    if (longest == 0) return false;
    core.arm(t, TimerPlace::Retransmit, TimerKind::Reordering,
             core.now + Duration::microseconds(longest) + Duration::milliseconds(2));
    return true;
}

void reordering_timeout(Core& core, Tcb& t) {
    const std::uint32_t before_flight = t.in_flight();
    const std::uint32_t lost = t.rec.lost;
    t.rec.rack.advanced = true;
    rack_mark_lost(core, t);
    if (t.in_flight() != before_flight) {
        if (t.rec.state != Recovery::Recovery && t.rec.state != Recovery::Loss) {
            enter_recovery(core, t, false);
            reduce_cwnd(core, t, 1, t.rec.lost - lost, false);
        }
        retransmit_lost(core, t);
    }
    if (!t.timers.in(TimerPlace::Retransmit)) rearm_rto(core, t);
}

bool schedule_loss_probe(Core& core, Tcb& t, bool from_ack) {
    if (t.state == TcpState::SynReceived && t.passive) return false;
    if (core.p.early_retrans < 3 || t.rec.packets_out == 0 || !t.agreed.sack) return false;
    if (t.rec.state != Recovery::Open && t.rec.state != Recovery::Cwr) return false;
    if (t.state == TcpState::SynSent) return false;
    // Section 7.2: PTO = 2 * SRTT, and time for a delayed ACK when one segment alone is out.
    Duration wait = core.p.rto_initial;
    if (t.rto.srtt_us != 0) {
        wait = Duration::microseconds(t.rto.srtt_us >> 2);
        wait = wait + (t.rec.packets_out == 1 ? core.p.rto_min : Duration::milliseconds(2));
    }
    Duration rto_left = t.rto.value;
    if (!from_ack && !t.sent.empty()) rto_left = t.sent.front().sent + t.rto.value - core.now;
    if (rto_left.ns > 0) wait = std::min(wait, rto_left);
    core.arm(t, TimerPlace::Retransmit, TimerKind::TailLossProbe, core.now + std::min(wait, core.p.rto_max));
    return true;
}

void loss_probe_timeout(Core& core, Tcb& t) {
    // One probe at a time.
    if (t.rec.tlp_high_seq || t.sent.empty()) return rearm_rto(core, t);
    const std::uint32_t out = t.rec.packets_out;
    t.rec.tlp_retransmits = false;
    // Section 7.3: new data if the window allows, else the last segment again.
    const std::uint32_t length =
        t.unsent.empty() ? 0 : std::min(t.unsent.head().length, current_mss(core, t));
    if (!t.unsent.empty() && !after(t.snd.nxt + length, t.window_end()))
        write_out(core, t, {Hold::Off, false, true});
    if (t.rec.packets_out == out) {
        // A SACK may have come since the probe was scheduled: what arrived is not sent again.
        if (t.sent.back().sacked || !send_again(core, t, t.sent.size() - 1)) return rearm_rto(core, t);
        t.rec.tlp_retransmits = true;
    }
    ++core.counters.tail_loss_probes;
    t.rec.tlp_high_seq = t.snd.nxt;
    restart_rto(core, t, t.rto.value);
}

void loss_probe_acked(Core& core, Tcb& t, Seq32 ack, const AckWork& work) {
    if (before(ack, *t.rec.tlp_high_seq)) return;
    if (!t.rec.tlp_retransmits || work.dsack_of_probe) {
        t.rec.tlp_high_seq.reset();
    } else if (after(ack, *t.rec.tlp_high_seq)) {
        // Section 7.4.2: the probe repaired a loss that nobody saw: the window is reduced for it.
        begin_cwnd_reduction(core, t);
        set_recovery_state(core, t, Recovery::Cwr, "tail loss probe repaired a loss");
        end_cwnd_reduction(core, t);
        try_keep_open(core, t);
    } else if (!work.una_advanced && !work.not_duplicate() && !work.data_sacked) {
        t.rec.tlp_high_seq.reset();
    }
}

}  // namespace synscope::sim::tcp
