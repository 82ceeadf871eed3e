#include "sim/tcp/listener.hpp"

#include <algorithm>

#include "sim/tcp/ecn.hpp"
#include "sim/tcp/fastopen.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/syn_cookies.hpp"
#include "sim/tcp/user_timeout.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// Linux counts a SYN queue as long as the backlog as full.
bool syn_queue_full(const Tcb& listener) noexcept {
    return listener.listen.syn_queue >= std::max(listener.listen.backlog, 1u);
}

Duration syn_ack_wait(const Core& core, std::uint32_t timeouts) noexcept {
    Duration wait = core.p.rto_initial;
    for (std::uint32_t i = 0; i < timeouts && wait < core.p.rto_max; ++i)
        wait = wait * 2;
    return std::min(wait, core.p.rto_max);
}

void join_syn_queue(Core& core, Tcb& listener, Tcb& child) {
    child.listener = listener.id;
    listener.listen.children.push_back(child.id);
    ++listener.listen.syn_queue;
    core.arm(child, TimerPlace::Retransmit, TimerKind::Retransmission, core.now + syn_ack_wait(core, 0));
}

void leave_syn_queue(Tcb& listener, const Tcb& child) {
    auto& children = listener.listen.children;
    const auto found = std::find(children.begin(), children.end(), child.id);
    if (found == children.end()) return;
    children.erase(found);
    --listener.listen.syn_queue;
}

// RFC 9293 §3.10.7.2, third: check for a SYN.
void open_child(Core& core, Tcb& listener, Incoming& in, std::optional<Seq32> isn) {
    const bool cookies = core.p.syncookies == 2 || (syn_queue_full(listener) && !isn);
    if (cookies && core.p.syncookies == 0) {
        ++core.counters.listen_drops;
        return core.note(&listener, "SYN dropped: the SYN queue is full");
    }
    if (accept_queue_full(core, listener)) {
        ++core.counters.listen_overflows;
        ++core.counters.listen_drops;
        return core.note(&listener, "SYN dropped: the accept queue is full");
    }
    if (cookies) return answer_with_cookie(core, listener, in);
    Tcb& child = make_child(core, listener, in, isn.value_or(Seq32{}));
    if (!isn) {
        choose_numbers(core, child);
    }
    child.snd.una = child.iss;
    child.snd.nxt = child.snd.written = child.snd.pushed = child.snd.up = child.snd.small_end = child.iss + 1;
    enter(core, child, TcpState::SynReceived, "rcv SYN, snd SYN,ACK");
    join_syn_queue(core, listener, child);
    fastopen_syn(core, listener, child, in);
    send_syn_ack(core, child);
    child.tfo.cookie_reply = false;
}

}  // namespace

void choose_numbers(Core& core, Tcb& t) {
    t.iss = initial_sequence(core.isn_key, core.now, t.local, t.remote);
    t.ts.offset = core.p.timestamp_offset
                      ? static_cast<std::uint32_t>(pair_hash(core.timestamp_key, t.local, t.remote, 0))
                      : 0;
}

bool accept_queue_full(const Core&, const Tcb& listener) noexcept {
    return listener.listen.accept_queue.size() > listener.listen.backlog;
}

Tcb& make_child(Core& core, Tcb& listener, const Incoming& in, Seq32 iss) {
    Tcb& t = core.create();
    t.options = listener.options;
    t.options.fastopen_queue = 0;
    t.local = {in.segment.destination, in.segment.header.destination_port};
    t.remote = {in.segment.source, in.segment.header.source_port};
    t.passive = true;
    t.bound = true;
    t.iss = iss;
    t.irs = in.seq;
    t.rcv.buffer = listener.rcv.buffer;
    t.send_buffer = listener.send_buffer;
    t.path_mtu = core.p.mtu;
    t.rec.reordering = core.p.reordering;
    t.rto.value = core.p.rto_initial;
    t.agreed.advertised_mss = own_mss(core, t);
    take_peer_mss(core, t, in.options.mss);
    t.agreed.timestamps = core.p.timestamps && in.options.timestamps;
    t.agreed.sack = core.p.sack && in.options.sack_permitted;
    t.agreed.ecn = ecn_asked(core, in);
    t.agreed.window_scaling = core.p.window_scaling && in.options.window_scale.has_value();
    if (t.agreed.timestamps) {
        t.ts.recent = in.options.ts_value;
        t.ts.has_recent = true;
        t.ts.recent_at = core.now;
    }
    choose_initial_window(core, t, t.agreed.advertised_mss - (t.agreed.timestamps ? 12u : 0u));
    t.snd.scale = in.options.window_scale.value_or(0);
    if (!t.agreed.window_scaling) {
        t.snd.scale = 0;
        t.rcv.scale = 0;
        t.rcv.clamp = std::min(t.rcv.clamp, 65535u);
    }
    t.snd.wnd = in.wnd;
    t.snd.wl1 = in.seq;
    t.rcv.nxt = t.rcv.wup = t.rcv.read = t.rcv.space_seq = in.seq + 1;
    t.congestion = make_congestion(t.options.congestion.value_or(core.p.congestion), core.p.slow_start_exit);
    t.cc.cwnd = core.p.initial_cwnd;
    core.hash(t);
    return t;
}

void join_accept_queue(Core& core, Tcb& listener, Tcb& child) {
    listener.listen.accept_queue.push_back(child.id);
    child.listener = listener.id;
    core.wake(listener);
}

// RFC 9293 §3.10.7.2, LISTEN.
void listen_for(Core& core, Tcb& listener, Incoming& in, std::optional<Seq32> isn) {
    // First, a RST: ignored.
    if (in.rst) return;
    // Second, an ACK: bad, unless it returns a SYN cookie.
    if (in.has_ack) {
        if (!in.syn && take_cookie(core, listener, in)) return;
        if (in.syn && core.p.listener_ignores_syn_ack) return;
        return send_reset_for(core, in, &listener);
    }
    // Third, a SYN. Fourth, anything else is dropped; Deviation, as Linux: a SYN with FIN too.
    if (!in.syn || (in.fin && core.p.syn_fin != SynFin::Taken)) return;
    open_child(core, listener, in, isn);
}

bool listener_takes(Core& core, Tcb& child, const Incoming& in) {
    Tcb* listener = child.listener ? core.find(*child.listener) : nullptr;
    if (listener == nullptr) {
        send_reset_for(core, in, &child);
        finish(core, child, "the listener is gone");
        return false;
    }
    // TCP_DEFER_ACCEPT: the program is not woken by a handshake alone; the SYN-ACK timer decides when it is
    // after all.
    if (child.rec.retransmits < listener->options.defer_accept && in.payload.empty() && !in.fin &&
        in.seq == child.irs + 1) {
        child.defer_acked = true;
        core.note(&child, "bare ACK ignored: TCP_DEFER_ACCEPT");
        return false;
    }
    if (accept_queue_full(core, *listener)) {
        ++core.counters.listen_overflows;
        listener->listen.overflowed = core.now;
        if (core.p.abort_on_overflow) {
            send_reset_for(core, in, &child);
            finish(core, child, "the accept queue is full");
        } else {
            child.defer_acked = true;
            core.note(&child, "ACK ignored: the accept queue is full");
        }
        return false;
    }
    leave_syn_queue(*listener, child);
    join_accept_queue(core, *listener, child);
    return true;
}

void retransmit_syn_ack(Core& core, Tcb& child, bool timeout) {
    send_syn_ack(core, child);
    ++child.rec.total_retrans;
    if (!timeout) return;
    ++child.rec.retransmits;
    core.arm(child, TimerPlace::Retransmit, TimerKind::Retransmission,
             core.now + syn_ack_wait(core, child.rec.retransmits));
}

void syn_ack_timeout(Core& core, Tcb& child) {
    Tcb* listener = child.listener ? core.find(*child.listener) : nullptr;
    std::uint32_t most = core.p.synack_retries;
    if (listener != nullptr && listener->options.syn_count) most = *listener->options.syn_count;
    if (child.tfo.server) ++most;
    if (listener != nullptr) most = std::max(most, listener->options.defer_accept);
    if (child.rec.retransmits >= most) {
        if (child.tfo.server) return abort_timed_out(core, child);
        return finish(core, child, "SYN-ACK was not acknowledged");
    }
    // A handshake that is complete but deferred needs no SYN-ACK until the last moment.
    const bool quiet = child.defer_acked && listener != nullptr && listener->options.defer_accept != 0 &&
                       child.rec.retransmits + 1 < listener->options.defer_accept;
    if (quiet) {
        ++child.rec.retransmits;
        core.arm(child, TimerPlace::Retransmit, TimerKind::Retransmission,
                 core.now + syn_ack_wait(core, child.rec.retransmits));
        return;
    }
    ++core.counters.timeouts;
    if (child.tfo.server) fastopen_syn_ack_timeout(core, child);
    retransmit_syn_ack(core, child, true);
}

void close_listener(Core& core, Tcb& listener) {
    const std::vector<SocketId> waiting = listener.listen.accept_queue;
    const std::vector<SocketId> half_open = listener.listen.children;
    listener.listen.accept_queue.clear();
    for (const SocketId id : waiting) {
        Tcb* child = core.find(id);
        if (child == nullptr) continue;
        child->listener.reset();
        child->orphan = true;
        if (child->state != TcpState::Closed && child->state != TcpState::TimeWait) {
            send_active_reset(core, *child);
            finish(core, *child, "the listener closed");
        } else if (child->state == TcpState::Closed) {
            child->dead = true;
            core.to_sweep.push_back(child->slot);
        }
    }
    for (const SocketId id : half_open)
        if (Tcb* child = core.find(id)) finish(core, *child, "the listener closed");
}

}  // namespace synscope::sim::tcp
