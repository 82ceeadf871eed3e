// RFC 9293 §3.10.2, SEND, and §3.10.3, RECEIVE.
#include <algorithm>

#include "sim/tcp/fastopen.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/urgent.hpp"
#include "sim/tcp/user_calls.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// What a send answers before a byte is looked at.
std::optional<Error> cannot_send(Tcb& t) noexcept {
    if (t.error != Error::None) return consume_error(t);
    switch (t.state) {
        case TcpState::Closed:
        case TcpState::Listen:
        case TcpState::FinWait1:
        case TcpState::FinWait2:
        case TcpState::Closing:
        case TcpState::LastAck:
        case TcpState::TimeWait:
            return Error::BrokenPipe;
        // "Queue the data for transmission after entering ESTABLISHED." Deviation, as Linux: the caller
        // waits.
        case TcpState::SynSent:
            return Error::Again;
        case TcpState::SynReceived:
            if (!t.tfo.server) return Error::Again;
            break;
        default:
            break;
    }
    if (t.fin_queued) return Error::BrokenPipe;
    return std::nullopt;
}

/// The SYN that TCP_FASTOPEN_CONNECT or MSG_FASTOPEN held back goes with what fits of the first write.
IoResult open_with_data(Core& core, Tcb& t, const Payload& bytes, SendFlags flags) {
    const bool with_data = fastopen_prepare(core, t);
    const std::uint32_t room = with_data ? fastopen_room(t) : 0;
    t.connecting = true;
    const std::size_t taken = send_first_syn(core, t, bytes.slice(0, room));
    t.write_pending = flags.waits && taken < bytes.size();
    return taken != 0 ? IoResult{taken, Error::None} : IoResult{0, Error::InProgress};
}

}  // namespace

Error consume_error(Tcb& t) noexcept {
    const Error error = t.error;
    t.error = Error::None;
    return error;
}

IoResult send_bytes(Core& core, Tcb& t, const Payload& bytes, SendFlags flags) {
    if (t.state == TcpState::SynSent && t.tfo.defer_connect) return open_with_data(core, t, bytes, flags);
    if (const auto error = cannot_send(t)) {
        if (t.state == TcpState::SynSent && flags.waits) t.write_pending = true;
        return {0, *error};
    }
    if (bytes.empty()) return {};
    const std::size_t accepted = queue_bytes(core, t, bytes, flags);
    return accepted != 0 ? IoResult{accepted, Error::None} : IoResult{0, Error::Again};
}

IoResult send_with_open(Core& core, Tcb& t, const Endpoint& remote, const Payload& bytes, SendFlags flags) {
    if (t.state != TcpState::Closed || t.connecting) {
        if (t.state == TcpState::SynSent && t.tfo.defer_connect) return send_bytes(core, t, bytes, flags);
        if (t.state == TcpState::SynSent || t.state == TcpState::SynReceived) return {0, Error::Already};
        if (t.state != TcpState::Closed) {
            if (flags.fast_open && !t.connecting) return {0, Error::IsConnected};
            t.connecting = false;  // the open is told by this call
            return send_bytes(core, t, bytes, flags);
        }
    }
    if ((core.p.fastopen & kFastOpenClient) == 0) return {0, Error::NotSupported};
    if (t.error != Error::None) return {0, consume_error(t)};
    // As a connect() that waits for its first write, and the write.
    const Error error = active_open(core, t, remote, Syn::WaitsForData);
    if (error != Error::None) return {0, error};
    return open_with_data(core, t, bytes, flags);
}

std::optional<IoResult> read_answer_without_bytes(Tcb& t) noexcept {
    if (t.fin_received) return IoResult{};
    if (t.error != Error::None) return IoResult{0, consume_error(t)};
    if (t.receive_shutdown && t.ever_established) return IoResult{};
    if (t.state == TcpState::Closed) return IoResult{0, Error::NotConnected};
    if (t.state == TcpState::Listen) return IoResult{0, Error::NotConnected};
    if (t.receive_shutdown) return IoResult{};
    return std::nullopt;
}

IoResult receive_bytes(Core& core, Tcb& t, MutableByteSpan out, ReceiveFlags flags) {
    if (t.state == TcpState::Listen) return {0, Error::NotConnected};
    if (flags.out_of_band) return receive_urgent(t, out, flags.peek);
    // The urgent octet is no part of the stream: a read that begins at it steps over it.
    if (t.rcv.urgent_pending && t.rcv.up == t.rcv.read && !t.options.oob_inline && !t.received.empty() &&
        !flags.peek) {
        t.received.drop(1);
        t.rcv.read = t.rcv.read + 1;
    }
    const std::size_t available = std::min(out.size(), t.received.bytes());
    if (available == 0) {
        if (out.empty()) return {};
        if (const auto answer = read_answer_without_bytes(t)) return *answer;
        return {0, Error::Again};
    }
    const std::size_t count = readable_before_mark(t, available);
    if (!flags.truncate) (void)t.received.peek(0, out.first(count));
    if (flags.peek) return {count, Error::None};
    t.received.drop(count);
    t.rcv.read = t.rcv.read + static_cast<std::uint32_t>(count);
    if (t.rcv.urgent_pending && after(t.rcv.read, t.rcv.up)) {
        t.rcv.urgent_pending = false;
        t.rcv.urgent_byte.reset();
    }
    adjust_receive_buffer(core, t);
    window_update_after_read(core, t, count);
    return {count, Error::None};
}

Result<SocketId, Error> accept_connection(Core& core, Tcb& listener) {
    if (listener.state != TcpState::Listen) return failure(Error::Invalid);
    auto& queue = listener.listen.accept_queue;
    if (queue.empty()) return failure(Error::Again);
    const SocketId id = queue.front();
    queue.erase(queue.begin());
    Tcb* child = core.find(id);
    if (child == nullptr) return failure(Error::ConnectionAborted);
    child->listener.reset();
    if (child->state == TcpState::SynReceived) child->tfo_listener = listener.id;
    return id;
}

}  // namespace synscope::sim::tcp
