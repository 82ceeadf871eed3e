// RFC 9293 §3.10.6, STATUS: what the user may know, and the options it may set.
#include <algorithm>

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/keepalive.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/user_calls.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

std::uint8_t linux_state(TcpState state) noexcept {
    switch (state) {
        case TcpState::Established:
            return 1;
        case TcpState::SynSent:
            return 2;
        case TcpState::SynReceived:
            return 3;
        case TcpState::FinWait1:
            return 4;
        case TcpState::FinWait2:
            return 5;
        case TcpState::TimeWait:
            return 6;
        case TcpState::Closed:
            return 7;
        case TcpState::CloseWait:
            return 8;
        case TcpState::LastAck:
            return 9;
        case TcpState::Listen:
            return 10;
        case TcpState::Closing:
            return 11;
    }
    return 7;
}

std::uint32_t us(Duration d) noexcept {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(d.ns, 0) / 1000);
}
std::uint32_t ms_since(Instant now, Instant then) noexcept {
    return static_cast<std::uint32_t>(std::max<std::int64_t>((now - then).ns, 0) / 1'000'000);
}

std::uint8_t option_bits(const Tcb& t) noexcept {
    unsigned bits = 0;
    if (t.agreed.timestamps) bits |= 1;
    if (t.agreed.sack) bits |= 2;
    if (t.agreed.window_scaling) bits |= 4;
    if (t.agreed.ecn) bits |= 8;
    if (t.ecn.seen) bits |= 16;
    if (t.tfo.syn_data_acked || (t.tfo.server && t.tfo.data_in_syn)) bits |= 32;
    return static_cast<std::uint8_t>(bits);
}

void counters(const Tcb& t, TcpInfo& info) noexcept {
    info.unacked = t.state == TcpState::Listen ? static_cast<std::uint32_t>(t.listen.accept_queue.size())
                                               : t.rec.packets_out;
    info.sacked = t.state == TcpState::Listen ? t.listen.backlog : t.rec.sacked_out;
    info.lost = t.rec.lost_out;
    info.retrans = t.rec.retrans_out;
    info.total_retrans = t.rec.total_retrans;
    info.bytes_acked = t.bytes_acked;
    info.bytes_received = t.bytes_received;
    info.segs_out = t.segments_out;
    info.segs_in = t.segments_in;
    info.data_segs_in = t.data_segments_in;
    info.data_segs_out = t.data_segments_out;
    info.notsent_bytes = t.unsent.bytes();
    info.delivered = t.rec.delivered;
    info.delivered_ce = t.rec.delivered_ce;
    info.bytes_sent = t.bytes_sent;
    info.bytes_retrans = t.rec.bytes_retrans;
    info.dsack_dups = t.rec.dsack_dups;
    info.reord_seen = t.rec.reord_seen;
    info.rcv_ooopack = t.out_of_order_packets;
}

}  // namespace

TcpInfo status(const Core& core, const Tcb& t) noexcept {
    TcpInfo info;
    info.state = linux_state(t.state);
    info.ca_state = static_cast<std::uint8_t>(t.rec.state);
    info.retransmits = static_cast<std::uint8_t>(std::min(t.rec.retransmits, 255u));
    info.probes = static_cast<std::uint8_t>(std::min(t.rec.probes_out, 255u));
    info.backoff = static_cast<std::uint8_t>(std::min(t.rec.backoff, 255u));
    info.options = option_bits(t);
    info.snd_wscale = t.snd.scale;
    info.rcv_wscale = t.rcv.scale;
    info.fastopen_client_fail = t.tfo.fail;
    info.rto = us(t.rto.value);
    info.ato = us(t.ack.ato);
    info.snd_mss = t.mss_cache;
    info.rcv_mss = t.rcv.mss_estimate;
    info.last_data_sent = ms_since(core.now, t.snd.last_sent);
    info.last_data_recv = ms_since(core.now, t.rcv.last_data);
    info.last_ack_recv = ms_since(core.now, t.rcv.last_heard);
    info.pmtu = t.path_mtu;
    info.rcv_ssthresh = t.rcv.ssthresh;
    info.rtt = t.rto.srtt_us >> 3;
    info.rttvar = t.rto.mdev_us >> 2;
    info.snd_ssthresh = t.cc.ssthresh;
    info.snd_cwnd = t.cc.cwnd;
    info.advmss = t.agreed.advertised_mss;
    info.reordering = t.rec.reordering;
    info.rcv_rtt = t.rcv.rtt_us >> 3;
    info.rcv_space = t.rcv.space;
    info.min_rtt = t.rto.min_rtt_us().value_or(~0u);
    const auto spent = [&](Activity what) {
        return static_cast<std::uint64_t>(t.chrono.spent_until(what, core.now).ns / 1000);
    };
    info.rwnd_limited = spent(Activity::WindowLimited);
    info.sndbuf_limited = spent(Activity::BufferLimited);
    info.busy_time = spent(Activity::Busy) + info.rwnd_limited + info.sndbuf_limited;
    info.snd_wnd = t.snd.wnd;
    info.rcv_wnd = t.rcv.wnd;
    counters(t, info);
    return info;
}

std::uint32_t poll_socket(const Core& core, Tcb& t) noexcept {
    using namespace readiness;
    if (t.state == TcpState::Listen) return t.listen.accept_queue.empty() ? 0 : kIn | kRdNorm;
    std::uint32_t bits = 0;
    const bool read_closed = t.receive_shutdown || t.fin_received;
    const bool write_closed = t.fin_queued || t.state == TcpState::Closed;
    if (t.state == TcpState::Closed || (read_closed && write_closed)) bits |= kHup;
    if (read_closed) bits |= kIn | kRdNorm | kRdHup;
    const bool open = t.state != TcpState::SynSent && (t.state != TcpState::SynReceived || t.tfo.server);
    if (open) {
        if (t.received.bytes() >= t.options.receive_low_water) bits |= kIn | kRdNorm;
        if (t.fin_queued || t.state == TcpState::Closed || writable(core, t)) {
            bits |= kOut | kWrNorm;
        } else {
            t.no_space = true;
        }
        if (t.rcv.urgent_byte) bits |= kPri;
    } else if (t.state == TcpState::SynSent && t.tfo.defer_connect) {
        bits |= kOut | kWrNorm;
    }
    if (t.error != Error::None) bits |= kErr;
    return bits;
}

void apply_options(Core& core, Tcb& t, const SocketOptions& options) {
    const SocketOptions old = t.options;
    t.options = options;
    if (options.receive_buffer && options.receive_buffer != old.receive_buffer)
        t.rcv.buffer = *options.receive_buffer;
    if (options.send_buffer && options.send_buffer != old.send_buffer) {
        t.send_buffer = *options.send_buffer;
        core.wake(t);
    }
    if (options.window_clamp != old.window_clamp && options.window_clamp != 0 &&
        t.state != TcpState::Closed) {
        t.rcv.clamp = options.window_clamp;
        t.rcv.ssthresh = std::min(t.rcv.wnd, t.rcv.clamp);
    }
    if (options.congestion && options.congestion != old.congestion && t.congestion != nullptr)
        t.congestion = make_congestion(*options.congestion, core.p.slow_start_exit);
    if (options.keep_alive && !old.keep_alive) start_keepalive(core, t);
    if (!options.keep_alive && old.keep_alive) core.stop(t, TimerPlace::Life, TimerKind::KeepAlive);
    if (options.keep_alive && options.keep_idle != old.keep_idle) start_keepalive(core, t);
    if (options.notsent_lowat != old.notsent_lowat) core.wake(t);
    // What Nagle or the cork held back is pushed.
    const bool released = (options.no_delay && !old.no_delay) || (!options.cork && old.cork);
    const bool may_send = t.state == TcpState::Established || t.state == TcpState::CloseWait;
    if (released && may_send)
        push_pending(core, t, options.no_delay && !old.no_delay ? Hold::Push : hold_of(t));
}

void set_no_delay(Core& core, Tcb& t) {
    t.options.no_delay = true;
    const bool may_send = t.state == TcpState::Established || t.state == TcpState::CloseWait;
    if (may_send) push_pending(core, t, Hold::Push);
}

void set_quick_ack(Core& core, Tcb& t, bool on) {
    if (!on) return enter_ping_pong(core, t);
    leave_ping_pong(t);
    const bool open = t.state == TcpState::Established || t.state == TcpState::CloseWait;
    if (!open || !t.ack.scheduled) return;
    t.ack.pushed = true;
    window_update_after_read(core, t, 1);
}

}  // namespace synscope::sim::tcp
