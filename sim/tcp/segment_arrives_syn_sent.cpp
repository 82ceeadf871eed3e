#include <algorithm>

#include "sim/tcp/ack.hpp"
#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/ecn.hpp"
#include "sim/tcp/fastopen.hpp"
#include "sim/tcp/keepalive.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/timestamps.hpp"
#include "sim/tcp/urgent.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// What the peer's SYN says: numbers, window, options.
void take_syn(Core& core, Tcb& t, const Incoming& in) {
    t.irs = in.seq;
    t.rcv.nxt = in.seq + 1;
    t.rcv.wup = in.seq + 1;
    t.rcv.read = in.seq + 1;
    t.rcv.space_seq = t.rcv.read;
    // RFC 7323 §2.2: the window of a SYN is never scaled.
    t.snd.wnd = in.wnd;
    t.snd.wl1 = in.seq;
    t.agreed.window_scaling = core.p.window_scaling && in.options.window_scale.has_value();
    t.snd.scale = in.options.window_scale.value_or(0);
    if (!t.agreed.window_scaling) {
        t.snd.scale = 0;
        t.rcv.scale = 0;
        t.rcv.clamp = std::min(t.rcv.clamp, 65535u);
    }
    t.agreed.sack = core.p.sack && in.options.sack_permitted;
    t.agreed.timestamps = core.p.timestamps && in.options.timestamps;
    if (t.agreed.timestamps) {
        t.ts.recent = in.options.ts_value;
        t.ts.has_recent = true;
        t.ts.recent_at = core.now;
    }
    take_peer_mss(core, t, in.options.mss);
    fit_buffers_to_segments(core, t);
}

/// RFC 7323 §5.2 in spirit: an echo of a time when no SYN was sent belongs to an older connection.
bool echo_is_foreign(const Core& core, const Tcb& t, const Incoming& in) noexcept {
    if (!core.p.timestamps || !in.options.timestamps || in.options.ts_echo == 0) return false;
    const std::uint32_t first = timestamp_at(core, t, t.syn_sent);
    const std::uint32_t since = timestamp_at(core, t, core.now) - first;
    return in.options.ts_echo - first > since;
}

// RFC 9293 §3.10.7.3, first: check the ACK bit.
Step syn_sent_ack(Core& core, Tcb& t, const Incoming& in) {
    if (!in.has_ack) return Step::Continue;
    const bool acceptable = after(in.ack, t.snd.una) && before_eq(in.ack, t.snd.nxt);
    if (acceptable && !echo_is_foreign(core, t, in)) return Step::Continue;
    send_reset_for(core, in, &t);
    return Step::Stop;
}

// RFC 9293 §3.10.7.3, second: check the RST bit.
Step syn_sent_rst(Core& core, Tcb& t, const Incoming& in) {
    if (!in.rst) return Step::Continue;
    // Without an ACK it may be anybody's (RFC 5961 leaves this as it is: the ACK is the check).
    if (in.has_ack) reset_by_peer(core, t);
    return Step::Stop;
}

/// Our SYN is acknowledged: ESTABLISHED.
void syn_acknowledged(Core& core, Tcb& t, Incoming& in) {
    take_syn(core, t, in);
    t.agreed.ecn = t.agreed.ecn && ecn_agreed(in);
    sync_mss(core, t);
    process_ack(core, t, in);
    t.snd.wnd = in.wnd;
    t.snd.max_wnd = std::max(t.snd.max_wnd, in.wnd);
    sync_mss(core, t);
    connection_established(core, t, in, "rcv SYN,ACK, snd ACK");
    const bool failed = fastopen_syn_ack(core, t, in);
    if (failed) return;
    if (core.p.text_of_syn_is_kept && !in.payload.empty() && t.rcv.nxt == in.seq + 1) {
        t.out_of_order.add(t.rcv.nxt, in.payload, false);
        deliver_text_of_syn(core, t);
    }
    if (t.write_pending || !t.unsent.empty() || t.options.defer_accept != 0 ||
        t.ack.pingpong >= core.p.pingpong_threshold) {
        // A request follows at once: the ACK rides on it.
        enter_quick_ack(core, t, kMostQuickAcks);
        t.ack.scheduled = true;
        core.arm(t, TimerPlace::Ack, TimerKind::DelayedAck, core.now + core.p.delayed_ack_max);
        t.write_pending = false;
    } else {
        send_ack(core, t);
    }
}

/// Both ends opened at once (RFC 9293 Figure 8).
void crossed_syn(Core& core, Tcb& t, const Incoming& in) {
    take_syn(core, t, in);
    t.agreed.ecn = t.agreed.ecn && ecn_asked(core, in);
    t.snd.max_wnd = in.wnd;
    sync_mss(core, t);
    enter(core, t, TcpState::SynReceived, "rcv SYN, snd SYN,ACK");
    send_syn_ack(core, t);
    // "If there are other controls or text in the segment, queue them for processing after the ESTABLISHED
    // state has been reached." Deviation: its FIN is left for the peer to send again.
    if (core.p.text_of_syn_is_kept && !in.payload.empty()) t.out_of_order.add(t.rcv.nxt, in.payload, false);
}

}  // namespace

// RFC 9293 §3.10.7.3, SYN-SENT.
void syn_sent_state(Core& core, Tcb& t, Incoming& in) {
    if (syn_sent_ack(core, t, in) == Step::Stop) return;
    if (syn_sent_rst(core, t, in) == Step::Stop) return;
    // Third, check the security: not modelled. Fourth, check the SYN bit.
    if (!in.syn || (in.fin && core.p.syn_fin == SynFin::Dropped)) return;
    if (!in.has_ack) return crossed_syn(core, t, in);
    syn_acknowledged(core, t, in);
    // Deviation, as Linux: text in a SYN-ACK is taken with fast open only, unless the personality keeps it;
    // otherwise the peer sends it again.
    if (in.urg) urgent_arrived(core, t, in);
    push_pending(core, t);
    check_space(core, t);
}

namespace {

/// The SYN of a child is in no queue: its acknowledgement is counted here.
void syn_of_child_acknowledged(Core& core, Tcb& t, const Incoming& in) {
    core.stop(t, TimerPlace::Retransmit);
    if (t.rec.total_retrans == 0) {
        const auto rtt = static_cast<std::uint32_t>((core.now - t.created).ns / 1000);
        t.rto.sample(rtt, true, core.p.rto_min);
        t.rto.sample_min(core.now, std::max(rtt, 1u), core.p.min_rtt_window);
        t.rto.reset_backoff(core.p.rto_max);
        t.rec.rtt_seq = t.snd.nxt;
    } else if (t.agreed.timestamps && in.options.timestamps && in.options.ts_echo != 0) {
        t.ts.in_segment = true;
        t.ts.last_echo = in.options.ts_echo;
        if (const auto rtt = echo_rtt_us(core, t)) {
            t.rto.sample(*rtt, true, core.p.rto_min);
            t.rto.reset_backoff(core.p.rto_max);
        }
    }
    t.snd.una = t.iss + 1;
    ++t.rec.delivered;
    fit_buffers_to_segments(core, t);
}

}  // namespace

void connection_established(Core& core, Tcb& t, const Incoming& in, std::string_view why) {
    const bool from_syn_received = t.state == TcpState::SynReceived;
    if (from_syn_received) {
        if (t.passive) syn_of_child_acknowledged(core, t, in);
        t.snd.wnd = in.wnd << t.snd.scale;
        t.snd.wl1 = in.seq;
        t.snd.wl2 = in.ack;
        t.snd.max_wnd = t.tfo.server ? std::max(t.snd.max_wnd, t.snd.wnd) : t.snd.wnd;
        sync_mss(core, t);
    }
    if (t.state == TcpState::SynReceived || t.state == TcpState::SynSent)
        enter(core, t, TcpState::Established, why);
    t.established_at = core.now;
    t.rcv.last_heard = core.now;
    t.rcv.last_data = core.now;
    t.snd.pushed = t.snd.pushed == Seq32{} ? t.snd.una : t.snd.pushed;
    if (t.rto.srtt_us == 0) {
        // RFC 6298 §5.7: the SYN was retransmitted and no timestamp tells which one was acknowledged.
        t.rto.value = core.p.rto_fallback;
        t.rto.rttvar_us = t.rto.mdev_us = t.rto.mdev_max_us =
            static_cast<std::uint32_t>(core.p.rto_fallback.ns / 1000);
    }
    // RFC 6928 §2, RFC 5681 §3.1: a lost SYN starts with one segment.
    const bool syn_lost = t.rec.total_retrans > 1 && t.rec.undo_marker;
    if (!t.tfo.server) t.cc.cwnd = syn_lost ? 1 : core.p.initial_cwnd;
    t.cc.stamp = core.now;
    t.rec.retransmits = 0;
    if (t.tfo.server) {
        fastopen_child_established(core, t);
        rearm_rto(core, t);
    }
    t.rcv.mss_estimate = static_cast<std::uint16_t>(std::max<std::uint32_t>(
        std::min({std::uint32_t{t.agreed.advertised_mss}, t.mss_cache, t.rcv.wnd / 2, 536u}), 88u));
    expand_send_buffer(core, t);
    trust_buffer(core, t);
    t.rcv.space = std::min({t.rcv.ssthresh, t.rcv.wnd, 10u * t.agreed.advertised_mss});
    t.rcv.space_since = core.now;
    if (t.options.keep_alive) start_keepalive(core, t);
    if (from_syn_received && !t.passive) deliver_text_of_syn(core, t);
    core.wake(t);
}

}  // namespace synscope::sim::tcp
