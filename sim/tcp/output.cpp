#include "sim/tcp/output.hpp"

#include <algorithm>

#include "sim/tcp/chrono.hpp"
#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/nagle.hpp"
#include "sim/tcp/persist.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/tso.hpp"

namespace synscope::sim::tcp {
namespace {

/// Structures around a run of bytes in a kernel's send buffer.
constexpr std::uint32_t kRunOverhead = 1280;
constexpr std::uint32_t kLargestRun = 65215;

/// Segments that the congestion window has room for; one burst takes at most half of the window.
std::uint32_t congestion_quota(const Core& core, const Tcb& t) noexcept {
    std::uint32_t flight = t.in_flight();
    // RFC 3042: the first duplicates make room for new data.
    if (!core.p.limited_transmit && t.rec.state == Recovery::Disorder) flight += t.rec.sacked_out;
    return flight >= t.cc.cwnd ? 0 : std::min(std::max(t.cc.cwnd / 2, 1u), t.cc.cwnd - flight);
}

bool window_allows(const Tcb& t, std::uint32_t length, bool fin) noexcept {
    return !after(t.snd.nxt + length + (fin ? 1u : 0u), t.window_end());
}

void mark_push(Tcb& t) noexcept {
    t.unsent.tail().push = true;
    t.snd.pushed = t.snd.written;
}
/// More than half the peer's window was written since PSH was last asked for.
bool push_is_overdue(const Tcb& t) noexcept {
    return after(t.snd.written, t.snd.pushed + t.snd.max_wnd / 2);
}

/// Sends `bytes` of the head run; the segments sent. PSH ends a burst of several: the receiver's card passes
/// it up.
std::uint32_t send_burst(Core& core, Tcb& t, std::uint32_t bytes, std::uint32_t mss) {
    if (bytes % mss != 0 || bytes == 0) t.snd.small_end = t.snd.nxt + bytes;
    std::uint32_t count = 1;
    for (; bytes > mss; bytes -= mss, ++count)
        send_head(core, t, mss, false);
    send_head(core, t, bytes, count > 1).ends_burst = true;
    return count;
}

}  // namespace

/// RFC 9293 §3.8.6.2.1: half of the largest window ever offered is the most a run may hold, so that a small
/// window is not waited for as one piece.
std::uint32_t run_goal(const Core& core, const Tcb& t, std::uint32_t mss) noexcept {
    if (!core.p.tso) return mss;
    std::uint32_t goal = kLargestRun;
    const std::uint32_t cutoff = t.snd.max_wnd > 536 ? t.snd.max_wnd / 2 : t.snd.max_wnd;
    if (cutoff != 0 && goal > cutoff) goal = std::max(cutoff, 68u - 40u);
    return std::max(goal / mss * mss, mss);
}

SentSegment& send_head(Core& core, Tcb& t, std::uint32_t length, bool push) {
    Run& head = t.unsent.head();
    SentSegment segment;
    segment.seq = t.snd.nxt;
    const bool whole = length == head.length;
    segment.fin = whole && head.fin;
    segment.push = whole && head.push;
    segment.end_of_record = whole && head.end_of_record;
    segment.length = length + (segment.fin ? 1u : 0u);
    segment.delivered = t.rec.delivered;
    const bool fin_only = length == 0;
    if (!fin_only) {
        if (segment.fin) head.fin = false;
        segment.payload = t.unsent.take(length);
    } else {
        t.unsent.take_fin();
    }
    SentSegment& queued = t.sent.push_back(std::move(segment));
    t.snd.nxt = queued.end();
    ++t.rec.packets_out;
    transmit(core, t, queued, push);
    // RFC 6298 §5.1: the timer runs while data is in flight.
    if (t.rec.packets_out == 1 || t.timers.runs(TimerPlace::Retransmit, TimerKind::TailLossProbe) ||
        t.timers.runs(TimerPlace::Retransmit, TimerKind::Persist))
        rearm_rto(core, t);
    return queued;
}

bool write_out(Core& core, Tcb& t, WriteLimits limits) {
    bool cwnd_limited = false;
    bool window_limited = false;
    std::uint32_t sent = 0;
    while (!t.unsent.empty()) {
        const std::uint32_t mss = current_mss(core, t);
        const Run& head = t.unsent.head();
        const std::uint32_t first = std::min(head.length, mss);
        std::uint32_t quota = congestion_quota(core, t);
        if (quota == 0 && limits.probe) quota = 1;
        if (quota == 0) {
            cwnd_limited = true;
            break;
        }
        window_limited = !window_allows(t, first, head.fin && first == head.length);
        if (window_limited) break;
        // The last run alone may be small for want of more: any other was closed by what follows it.
        const Hold hold = t.unsent.run_count() == 1 ? limits.hold : Hold::Push;
        if (first < mss && nagle_holds(core, t, first, head.fin, hold)) break;
        if (core.link_refuses) break;
        sent += send_burst(core, t, burst_bytes(core, t, mss, quota, hold), mss);
        if (limits.only_one || limits.probe) break;
    }
    if (window_limited) {
        chrono_start(core, t, Activity::WindowLimited);
    } else {
        chrono_stop(core, t, Activity::WindowLimited);
    }
    if (sent != 0) {
        if (t.rec.state == Recovery::Cwr || t.rec.state == Recovery::Recovery) t.rec.prr_out += sent;
        if (!limits.probe) schedule_loss_probe(core, t, false);
        cwnd_limited = cwnd_limited || t.in_flight() >= t.cc.cwnd;
        validate_cwnd(core, t, cwnd_limited);
        return false;
    }
    return t.rec.packets_out == 0 && !t.unsent.empty();
}

void push_pending(Core& core, Tcb& t, Hold hold) {
    if (t.state == TcpState::Closed || t.unsent.empty()) return;
    if (write_out(core, t, {hold, false, false})) start_persist(core, t);
}
void push_pending(Core& core, Tcb& t) {
    push_pending(core, t, hold_of(t));
}

Hold hold_of(const Tcb& t) noexcept {
    if (t.options.cork) return Hold::Cork;
    return t.options.no_delay ? Hold::Off : Hold::Nagle;
}

std::size_t queue_bytes(Core& core, Tcb& t, const Payload& bytes, SendFlags flags) {
    std::size_t at = 0;
    bool first = true;
    while (at < bytes.size()) {
        const std::uint32_t mss = current_mss(core, t);
        const std::uint32_t goal = flags.out_of_band ? mss : run_goal(core, t, mss);
        const bool joins = !t.unsent.empty() && !t.unsent.tail().end_of_record && !t.unsent.tail().fin &&
                           t.unsent.tail().length < goal;
        if (!joins) {
            if (send_room(core, t) == 0) break;
            if (t.unsent.empty() && t.rec.packets_out == 0) restart_after_idle(core, t);
            if (t.unsent.empty()) chrono_start(core, t, Activity::Busy);
            t.unsent.push_run();
        }
        if (first) t.unsent.tail().push = false;
        first = false;
        const std::size_t count = std::min<std::size_t>(bytes.size() - at, goal - t.unsent.tail().length);
        t.unsent.append(bytes.slice(at, count));
        t.snd.written = t.snd.written + static_cast<std::uint32_t>(count);
        at += count;
        if (at == bytes.size() || t.unsent.tail().length < goal || flags.out_of_band) continue;
        if (push_is_overdue(t)) {
            mark_push(t);
            push_pending(core, t, Hold::Push);
        } else if (t.unsent.run_count() == 1) {
            write_out(core, t, {Hold::Push, true, false});
        }
    }
    const bool whole = at == bytes.size();
    if (!whole) t.no_space = true;
    if (t.unsent.empty() || at == 0) return at;
    const bool more = flags.more && whole;
    if (!more || push_is_overdue(t)) mark_push(t);
    if (flags.end_of_record && whole) t.unsent.tail().end_of_record = true;
    if (flags.out_of_band && whole) {
        t.snd.up = t.snd.written;
        t.snd.urgent = true;
    }
    // A writer that waits for room pushes what there is.
    push_pending(core, t, !whole ? Hold::Push : more ? Hold::Cork : hold_of(t));
    return at;
}

void queue_fin(Core& core, Tcb& t) {
    t.fin_queued = true;
    if (t.unsent.empty()) {
        t.unsent.push_run();
        t.unsent.tail().push = false;
    }
    t.unsent.tail().fin = true;
    t.snd.written = t.snd.written + 1;
    push_pending(core, t, Hold::Off);
}

std::uint32_t send_room(const Core& core, const Tcb& t) noexcept {
    const std::uint32_t used =
        span(t.snd.una, t.snd.written) + kRunOverhead * static_cast<std::uint32_t>(t.unsent.run_count());
    if (used >= t.send_buffer) return 0;
    const std::uint32_t lowat = t.options.notsent_lowat.value_or(core.p.notsent_lowat);
    if (t.unsent.bytes() >= lowat) return 0;
    return t.send_buffer - used;
}

bool writable(const Core& core, const Tcb& t) noexcept {
    const std::uint32_t used =
        span(t.snd.una, t.snd.written) + kRunOverhead * static_cast<std::uint32_t>(t.unsent.run_count());
    const std::uint32_t lowat = t.options.notsent_lowat.value_or(core.p.notsent_lowat);
    if (std::uint64_t{t.unsent.bytes()} * 2 >= lowat) return false;
    return used < t.send_buffer && t.send_buffer - used >= used / 2;
}

void expand_send_buffer(const Core& core, Tcb& t) noexcept {
    if (t.options.send_buffer) return;
    // Two windows of segments with their structures: what a kernel reserves for each.
    std::uint32_t per_segment = 1024;
    while (per_segment < t.mss_cache + 640u)
        per_segment *= 2;
    const std::uint64_t segments = std::max({core.p.initial_cwnd, t.cc.cwnd, t.rec.reordering + 1});
    const std::uint64_t wanted = 2 * segments * (per_segment + 256);
    if (wanted > t.send_buffer)
        t.send_buffer = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, core.p.wmem.most));
}

void check_space(Core& core, Tcb& t) {
    if (!t.no_space) return;
    if (t.in_flight() < t.cc.cwnd) expand_send_buffer(core, t);
    if (!writable(core, t)) return;
    t.no_space = false;
    chrono_stop(core, t, Activity::BufferLimited);
    core.wake(t);
}

}  // namespace synscope::sim::tcp
