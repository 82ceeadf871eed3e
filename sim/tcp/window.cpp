#include "sim/tcp/window.hpp"

#include <algorithm>

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr std::uint32_t kLargestWindow = 65535;

std::uint32_t aligned_up(std::uint32_t value, std::uint8_t shift) noexcept {
    const std::uint32_t unit = 1u << shift;
    return (value + unit - 1) & ~(unit - 1);
}

std::uint8_t scale_for(std::uint32_t space) noexcept {
    std::uint8_t scale = 0;
    while (scale < 14 && space > kLargestWindow) {
        space >>= 1;
        ++scale;
    }
    return scale;
}

}  // namespace

std::uint32_t window_of_buffer(const Core& core, std::uint32_t buffer) noexcept {
    return static_cast<std::uint32_t>(std::uint64_t{buffer} * core.p.window_share >> 8);
}

std::uint32_t free_window(const Core& core, const Tcb& t) noexcept {
    const std::size_t used = t.received.bytes() + t.out_of_order.bytes();
    const std::uint32_t whole = window_of_buffer(core, t.rcv.buffer);
    return used >= whole ? 0 : whole - static_cast<std::uint32_t>(used);
}

std::uint32_t acceptance_window(const Core& core, const Tcb& t) noexcept {
    const std::uint32_t offered = t.receive_window();
    // A listener's child has no buffer before its handshake is done, one in TIME-WAIT none any more.
    const bool no_buffer = (t.state == TcpState::SynReceived && t.passive) || t.state == TcpState::TimeWait;
    return core.p.accepts_whole_buffer && !no_buffer ? std::max(offered, free_window(core, t)) : offered;
}

void choose_initial_window(const Core& core, Tcb& t, std::uint32_t mss) noexcept {
    std::uint32_t space = window_of_buffer(core, t.rcv.buffer);
    std::uint32_t clamp = t.options.window_clamp != 0 ? t.options.window_clamp : kLargestWindow << 14;
    // A buffer that the user fixed below the clamp is the clamp.
    if (t.options.receive_buffer && (clamp > space || clamp == 0)) clamp = space;
    space = std::min(space, clamp);
    if (core.p.round_initial_window_to_mss && mss != 0 && space > mss) space -= space % mss;
    t.rcv.wnd = std::min(space, core.p.initial_window_limit);
    t.rcv.scale = 0;
    if (core.p.window_scaling) {
        // The window may grow to the largest buffer there can be: the scale is chosen now, for ever.
        std::uint32_t most = std::max({space, core.p.rmem.most, core.p.rmem_max});
        if (core.p.option_order == OptionOrder::FreeBsd) {
            most = core.p.rmem.most;
        }
        t.rcv.scale = scale_for(std::min(most, clamp));
    }
    t.rcv.clamp = std::min(kLargestWindow << t.rcv.scale, clamp);
    t.rcv.ssthresh = t.rcv.wnd;
}

void fit_buffers_to_segments(const Core& core, Tcb& t) noexcept {
    if (!core.p.buffers_hold_whole_segments) return;
    const auto fit = [&](std::uint32_t& buffer, std::uint32_t most) {
        const std::uint32_t mss = std::min(t.agreed.mss_clamp, t.agreed.advertised_mss);
        if (buffer > mss) buffer = std::max(buffer, std::min((buffer + mss - 1) / mss * mss, most));
    };
    fit(t.rcv.buffer, core.p.rmem.most);
    fit(t.send_buffer, core.p.wmem.most);
    if (!core.p.window_slow_start) t.rcv.ssthresh = t.rcv.clamp;
}

void trust_buffer(const Core& core, Tcb& t) noexcept {
    if (!core.p.window_slow_start) return;
    const std::uint32_t most = std::min(t.rcv.clamp, window_of_buffer(core, t.rcv.buffer));
    const std::uint32_t mss = t.agreed.advertised_mss;
    t.rcv.ssthresh = most > 2 * mss ? std::max(2 * mss, most - mss) : std::min(t.rcv.ssthresh, most);
}

namespace {

/// RFC 9293 §3.8.6.2.2 as a BSD reads it: what the user has not read is what fills the buffer, and less than
/// a quarter of it or a segment, whichever is less, is not worth telling.
std::uint32_t plain_window(const Core& core, const Tcb& t) noexcept {
    const std::uint32_t whole = window_of_buffer(core, t.rcv.buffer);
    const std::size_t unread = t.received.bytes();
    const std::uint32_t free = unread >= whole ? 0 : whole - static_cast<std::uint32_t>(unread);
    if (free < whole / 4 && free < t.agreed.mss_clamp) return 0;
    return aligned_up(std::min(free, t.rcv.clamp), t.rcv.scale);
}

}  // namespace

std::uint32_t desired_window(const Core& core, Tcb& t) noexcept {
    if (!core.p.window_slow_start) return plain_window(core, t);
    // RFC 9293 §3.8.6.2.2: the window opens by at least min(Fr * buffer, Eff.snd.MSS). Here Fr is 1/2.
    const std::uint32_t allowed = window_of_buffer(core, t.rcv.buffer);
    const std::uint32_t full = std::min(t.rcv.clamp, allowed);
    const std::uint32_t mss = std::min<std::uint32_t>(t.rcv.mss_estimate, full);
    if (mss == 0) return 0;
    std::uint32_t free = free_window(core, t);
    if (free < full / 2) {
        t.ack.quick = 0;
        free &= ~((1u << t.rcv.scale) - 1);
        if (free < allowed >> 4 || free < mss) return 0;
    }
    free = std::min(free, t.rcv.ssthresh);
    if (t.rcv.scale != 0) return aligned_up(free, t.rcv.scale);
    const std::uint32_t window = t.rcv.wnd;
    if (free < mss || window <= free - mss || window > free) return free - free % mss;
    if (mss == full && free > window + full / 2) return free;
    return window;
}

std::uint32_t select_window(const Core& core, Tcb& t) noexcept {
    const std::uint32_t current = t.receive_window();
    std::uint32_t fresh = desired_window(core, t);
    // SHLD-14: the right edge does not move left.
    if (fresh < current) fresh = aligned_up(current, t.rcv.scale);
    fresh = std::min(fresh, kLargestWindow << t.rcv.scale);
    t.rcv.wnd = fresh;
    t.rcv.wup = t.rcv.nxt;
    return fresh;
}

void grow_window(const Core& core, Tcb& t, std::uint32_t length) noexcept {
    const std::uint32_t most = std::min(t.rcv.clamp, free_window(core, t));
    if (most <= t.rcv.ssthresh) return;
    const std::uint32_t step = std::max(2u * t.agreed.advertised_mss, 2 * length);
    t.rcv.ssthresh += std::min(most - t.rcv.ssthresh, step);
    t.ack.quick |= 1;
}

void adjust_receive_buffer(const Core& core, Tcb& t) noexcept {
    if (t.rcv.rtt_us == 0 || core.now - t.rcv.space_since < Duration::microseconds(t.rcv.rtt_us >> 3)) return;
    const std::uint32_t copied = span(t.rcv.space_seq, t.rcv.read);
    if (copied > t.rcv.space) {
        if (core.p.receive_autotuning && !t.options.receive_buffer) {
            // Twice what one round trip brought, and as much again as it grew: slow start doubles per round
            // trip.
            std::uint64_t window = 2 * std::uint64_t{copied} + 16 * std::uint64_t{t.agreed.advertised_mss};
            if (t.rcv.space != 0) window += window * (copied - t.rcv.space) / t.rcv.space * 2 / 2;
            const std::uint64_t buffer =
                std::min<std::uint64_t>(window * 256 / core.p.window_share, core.p.rmem.most);
            if (buffer > t.rcv.buffer) {
                t.rcv.buffer = static_cast<std::uint32_t>(buffer);
                t.rcv.clamp = std::min(window_of_buffer(core, t.rcv.buffer), kLargestWindow << t.rcv.scale);
            }
        }
        t.rcv.space = copied;
    }
    t.rcv.space_seq = t.rcv.read;
    t.rcv.space_since = core.now;
}

void window_update_after_read(Core& core, Tcb& t, std::size_t read) {
    if (t.state == TcpState::Closed || t.state == TcpState::Listen || t.state == TcpState::TimeWait) return;
    bool ack = false;
    if (t.ack.scheduled && core.p.quickack) {
        // More than one segment was read in one go, or everything was: the peer is not kept waiting.
        ack = span(t.rcv.wup, t.rcv.nxt) > t.rcv.mss_estimate ||
              (read > 0 && t.received.empty() &&
               (t.ack.pushed2 || (t.ack.pushed && t.ack.pingpong < core.p.pingpong_threshold)));
    }
    if (!ack && read > 0 && !t.receive_shutdown) {
        const std::uint32_t now_open = t.receive_window();
        // Only a window that at least doubles is worth a segment of its own.
        if (2 * now_open <= t.rcv.clamp) {
            const std::uint32_t wanted = desired_window(core, t);
            ack = wanted != 0 && wanted >= 2 * now_open;
        }
    }
    if (ack) send_ack(core, t);
}

}  // namespace synscope::sim::tcp
