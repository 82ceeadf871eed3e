#include "sim/tcp/delayed_ack.hpp"

#include <algorithm>

#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// The peer's segment size: what decides how many quick ACKs a window is worth, and when two segments are
/// two.
void measure_peer_mss(Tcb& t, const Incoming& in) noexcept {
    const auto length = static_cast<std::uint32_t>(in.payload.size());
    const std::uint16_t last = t.rcv.last_length;
    t.rcv.last_length = 0;
    if (length >= t.rcv.mss_estimate) {
        t.rcv.mss_estimate =
            static_cast<std::uint16_t>(std::min<std::uint32_t>(length, t.agreed.advertised_mss));
        // A PSH is the end of a write: no more follows to make two segments.
        if (in.psh && length < t.agreed.advertised_mss) t.ack.pushed = true;
        return;
    }
    // Smaller: twice the same size without PSH in between is a segment size too.
    const bool plausible = length + 40 >= 536u + 40 || (length + 40 >= 88 && !in.psh);
    if (plausible) {
        t.rcv.last_length = static_cast<std::uint16_t>(length);
        if (length == last) {
            t.rcv.mss_estimate = static_cast<std::uint16_t>(length);
            return;
        }
    }
    if (t.ack.pushed) t.ack.pushed2 = true;
    t.ack.pushed = true;
}

/// The receiver's own round trip: from TSecr, or the time a window takes to fill.
void measure_receiver_rtt(const Core& core, Tcb& t, const Incoming& in) noexcept {
    const auto add = [&](std::uint32_t us) {
        t.rcv.rtt_us = t.rcv.rtt_us == 0 ? us << 3 : t.rcv.rtt_us - (t.rcv.rtt_us >> 3) + us;
    };
    if (t.agreed.timestamps && in.options.timestamps) {
        if (in.options.ts_echo == t.rcv.rtt_last_echo) return;
        t.rcv.rtt_last_echo = in.options.ts_echo;
        if (in.payload.size() < t.rcv.mss_estimate) return;
    }
    if (t.rcv.rtt_since.ns == 0) {
        t.rcv.rtt_since = core.now;
        t.rcv.rtt_seq = t.rcv.nxt + t.rcv.wnd;
        return;
    }
    if (t.agreed.timestamps && t.rto.srtt_us != 0) {
        add(t.rto.srtt_us >> 3);
        return;
    }
    if (before(t.rcv.nxt, t.rcv.rtt_seq)) return;
    add(static_cast<std::uint32_t>(std::max<std::int64_t>((core.now - t.rcv.rtt_since).ns / 1000, 1)));
    t.rcv.rtt_since = core.now;
    t.rcv.rtt_seq = t.rcv.nxt + t.rcv.wnd;
}

void grant_quick_acks(Tcb& t, std::uint32_t most) noexcept {
    std::uint32_t count = t.rcv.wnd / (2u * std::max<std::uint32_t>(t.rcv.mss_estimate, 1));
    if (count == 0) count = 2;
    t.ack.quick = std::max(t.ack.quick, std::min(count, most));
}

}  // namespace

void enter_quick_ack(Core& core, Tcb& t, std::uint32_t most) noexcept {
    if (!core.p.quickack) return;
    grant_quick_acks(t, most);
    leave_ping_pong(t);
    t.ack.ato = core.p.delayed_ack_min;
}

bool in_quick_ack(const Core& core, const Tcb& t) noexcept {
    return core.p.quickack && t.ack.quick != 0 && t.ack.pingpong < core.p.pingpong_threshold;
}
void enter_ping_pong(const Core& core, Tcb& t) noexcept {
    t.ack.pingpong = core.p.pingpong_threshold;
}
void leave_ping_pong(Tcb& t) noexcept {
    t.ack.pingpong = 0;
}

void data_arrived(Core& core, Tcb& t, const Incoming& in) {
    t.ack.scheduled = true;
    measure_peer_mss(t, in);
    measure_receiver_rtt(core, t, in);
    if (core.p.quickack) {
        const Duration least = core.p.delayed_ack_min;
        if (t.ack.ato.ns == 0) {
            grant_quick_acks(t, kMostQuickAcks);
            t.ack.ato = least;
        } else {
            const Duration gap = core.now - t.rcv.last_data;
            if (gap <= least / 2) {
                t.ack.ato = t.ack.ato / 2 + least / 2;
            } else if (gap < t.ack.ato) {
                t.ack.ato = std::min(t.ack.ato / 2 + gap, t.rto.value);
            } else if (gap > t.rto.value) {
                // Too long a pause: the sender may have restarted slow start.
                grant_quick_acks(t, kMostQuickAcks);
            }
        }
    }
    t.rcv.last_data = core.now;
    if (in.payload.size() >= 128) grow_window(core, t, static_cast<std::uint32_t>(in.payload.size()));
}

void acknowledge(Core& core, Tcb& t, bool out_of_order_possible) {
    if (!t.ack.scheduled && !t.ack.now) return;
    const std::uint32_t unacknowledged = span(t.rcv.wup, t.rcv.nxt);
    // RFC 9293 SHLD-19: at least every second full-sized segment, as long as the window can follow.
    const bool second = unacknowledged > t.rcv.mss_estimate &&
                        (!core.p.quickack || t.received.bytes() < t.options.receive_low_water ||
                         desired_window(core, t) >= t.rcv.wnd);
    if (second || t.ack.now || in_quick_ack(core, t)) return send_ack(core, t);
    // RFC 5681 §4.2: out of order, or filling a gap: at once.
    if (out_of_order_possible && !t.out_of_order.empty()) return send_ack(core, t);
    delay_ack(core, t);
}

void delay_ack(Core& core, Tcb& t) {
    Duration wait = core.p.delayed_ack_max;
    if (core.p.quickack) {
        wait = t.ack.ato;
        if (wait > core.p.delayed_ack_min) {
            Duration most = Duration::milliseconds(500);
            if (t.ack.pingpong >= core.p.pingpong_threshold || t.ack.pushed) most = core.p.delayed_ack_max;
            if (t.rto.srtt_us != 0) most = std::min(most, std::max(t.rto.srtt(), core.p.delayed_ack_min));
            wait = std::min(wait, most);
        }
        wait = std::min(wait, core.p.delayed_ack_max);
    }
    Instant at = core.now + wait;
    t.ack.scheduled = true;
    if (const Timer* running = t.timers.in(TimerPlace::Ack)) {
        // A BSD answers every second segment, however small.
        if (!core.p.quickack || running->at <= core.now + wait / 4) return send_ack(core, t);
        at = std::min(at, running->at);
    }
    core.arm(t, TimerPlace::Ack, TimerKind::DelayedAck, at);
}

void delayed_ack_timeout(Core& core, Tcb& t) {
    if (!t.ack.scheduled || t.state == TcpState::Closed || t.state == TcpState::Listen) return;
    if (core.p.quickack) {
        if (t.ack.pingpong < core.p.pingpong_threshold) {
            // Nothing came to make it two: wait longer next time.
            t.ack.ato = std::min(t.ack.ato * 2, t.rto.value);
        } else {
            leave_ping_pong(t);
            t.ack.ato = core.p.delayed_ack_min;
        }
    }
    ++core.counters.delayed_acks;
    send_ack(core, t);
}

void ack_was_sent(Core& core, Tcb& t) {
    if (t.ack.quick != 0 && --t.ack.quick == 0) t.ack.ato = core.p.delayed_ack_min;
    t.ack.scheduled = t.ack.now = t.ack.pushed = t.ack.pushed2 = false;
    t.ack.last_sent_ack = t.rcv.nxt;
    core.stop(t, TimerPlace::Ack);
}

void data_was_sent(Core& core, Tcb& t) {
    t.snd.last_sent = core.now;
    // A reply within the delay of the ACK: the two ends take turns.
    if (t.ack.ato.ns != 0 && core.now - t.rcv.last_data < t.ack.ato &&
        t.ack.pingpong < core.p.pingpong_threshold)
        ++t.ack.pingpong;
}

}  // namespace synscope::sim::tcp
