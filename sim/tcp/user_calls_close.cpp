// RFC 9293 §3.10.4, CLOSE, and §3.10.5, ABORT.
#include "sim/tcp/listener.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/time_wait.hpp"
#include "sim/tcp/user_calls.hpp"

namespace synscope::sim::tcp {
namespace {

/// The user's side ends: a FIN behind the last byte.
void close_sending_side(Core& core, Tcb& t, std::string_view why) {
    switch (t.state) {
        case TcpState::SynReceived:
        case TcpState::Established:
            enter(core, t, TcpState::FinWait1, why);
            queue_fin(core, t);
            break;
        case TcpState::CloseWait:
            enter(core, t, TcpState::LastAck, why);
            queue_fin(core, t);
            break;
        default:
            break;
    }
}

/// RFC 9293 §3.10.5: these states owe the peer a RST.
bool owes_reset(const Tcb& t) noexcept {
    switch (t.state) {
        case TcpState::Established:
        case TcpState::FinWait1:
        case TcpState::FinWait2:
        case TcpState::CloseWait:
            return true;
        case TcpState::SynReceived:
            return true;
        case TcpState::Closing:
        case TcpState::LastAck:
            return !t.unsent.empty();
        default:
            return false;
    }
}

void forget_user(Core& core, Tcb& t) {
    t.orphan = true;
    if (t.state != TcpState::Closed || t.dead) return;
    t.dead = true;
    core.to_sweep.push_back(t.slot);
}

void leave_closed(Core& core, Tcb& t, std::string_view why) {
    if (t.state != TcpState::Closed) finish(core, t, why);
}

}  // namespace

Error shutdown_socket(Core& core, Tcb& t, ShutdownHow how) {
    switch (t.state) {
        case TcpState::Closed:
            return Error::NotConnected;
        case TcpState::Listen:
            if (how == ShutdownHow::Write) return Error::None;
            return disconnect_socket(core, t);
        case TcpState::SynSent:
            return disconnect_socket(core, t);
        case TcpState::TimeWait:
            return Error::NotConnected;
        default:
            break;
    }
    if (how != ShutdownHow::Write) {
        t.receive_shutdown = true;
        core.wake(t);
    }
    if (how != ShutdownHow::Read) {
        close_sending_side(core, t, "user shut down its side, snd FIN");
        core.wake(t);
    }
    return Error::None;
}

void begin_close(Core& core, Tcb& t) {
    t.close_begun = true;
    t.receive_shutdown = true;
    switch (t.state) {
        case TcpState::Listen:
            close_listener(core, t);
            finish(core, t, "CLOSE");
            break;
        case TcpState::SynSent:
            // "Delete the TCB."
            finish(core, t, "CLOSE");
            break;
        case TcpState::Closed:
        case TcpState::TimeWait:
            break;
        default:
            if (!t.received.empty() && core.p.rst_on_unread_close) {
                // SHLD-3: data that nobody will read: the peer is told that it is lost (RFC 2525 §2.17).
                core.note(&t, "closed with unread data: RST");
                send_active_reset(core, t);
                finish(core, t, "CLOSE with unread data");
            } else if (t.options.linger.on && t.options.linger.seconds == 0) {
                abort_socket(core, t);
            } else {
                close_sending_side(core, t, "CLOSE, snd FIN");
            }
            break;
    }
    t.received.clear();
}

bool is_closing(const Tcb& t) noexcept {
    return t.state == TcpState::FinWait1 || t.state == TcpState::Closing || t.state == TcpState::LastAck;
}

void close_socket(Core& core, Tcb& t) {
    if (!t.close_begun) begin_close(core, t);
    t.orphan = true;
    if (t.state == TcpState::FinWait2) {
        if (t.options.linger2 && t.options.linger2->ns < 0) {
            send_active_reset(core, t);
            finish(core, t, "CLOSE, TCP_LINGER2");
        } else {
            start_fin_wait_2_timer(core, t);
        }
    }
    forget_user(core, t);
}

void abort_socket(Core& core, Tcb& t) {
    if (t.state == TcpState::Listen) close_listener(core, t);
    if (owes_reset(t)) send_active_reset(core, t);
    if (t.error == Error::None && t.state == TcpState::SynSent) t.error = Error::ConnectionReset;
    leave_closed(core, t, "ABORT");
}

Error disconnect_socket(Core& core, Tcb& t) {
    abort_socket(core, t);
    // The socket may be used again, with its options and its own port.
    const bool keep_port = t.bound && !t.passive;
    Tcb fresh;
    fresh.id = t.id;
    fresh.slot = t.slot;
    fresh.options = t.options;
    fresh.rcv.buffer = t.rcv.buffer;
    fresh.send_buffer = t.send_buffer;
    fresh.error = Error::None;
    fresh.created = t.created;
    fresh.local = keep_port ? t.local : Endpoint{};
    fresh.bound = keep_port;
    core.unhash(t);
    t = std::move(fresh);
    core.wake(t);
    return Error::None;
}

}  // namespace synscope::sim::tcp
