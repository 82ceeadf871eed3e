#pragma once
// How every call is made and recorded: for the files calls_*.cpp alone. The order is the same for each: the
// kernel's word, entry, the call, return, the kernel's word again. Asking the kernel lies outside the
// measured time.

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/engine/plain_calls.hpp"
#include "net/engine/socket.hpp"

namespace synscope::engine {

/// As the kernel numbers it.
[[nodiscard]] ThreadId this_thread() noexcept;
/// After a fork(), in the child: its thread is another one.
void renew_this_thread() noexcept;

/// A call that waits for many sockets returned: what it reports was reported at this time.
inline thread_local std::int64_t last_report_ns = 0;
inline void reported_at(Syscall call, std::int64_t at_ns) noexcept {
    if (call == Syscall::EpollWait || call == Syscall::Poll || call == Syscall::Select)
        last_report_ns = at_ns;
}

inline bool Calls::may_sleep(Syscall call, const Socket* socket, std::int64_t timeout) noexcept {
    switch (call) {
        case Syscall::Connect:
        case Syscall::Accept:
        case Syscall::Send:
        case Syscall::Sendto:
        case Syscall::Recv:
        case Syscall::Recvfrom:
            return socket == nullptr || !socket->nonblocking;
        case Syscall::EpollWait:
        case Syscall::Poll:
            return timeout != 0;
        case Syscall::Select:
        case Syscall::IoUringEnter:
        case Syscall::Waitpid:
        case Syscall::Sigwait:
        case Syscall::Close:  // with SO_LINGER
        case Syscall::Fork:   // begins once and returns twice
            return true;
        default:
            return false;
    }
}

inline CallBegun Calls::begun(Syscall call, int fd, const Socket* socket, std::array<std::int64_t, 2> args,
                              Where where) noexcept {
    CallBegun out;
    out.call = call;
    out.has_socket = socket != nullptr;
    out.fd = fd;
    if (socket != nullptr) out.socket = socket->id;
    out.thread = this_thread();
    out.args = args;
    out.where = where;
    out.at_ns = monotonic_ns();
    return out;
}

template <class Call>
CallResult Calls::traced(Syscall call, int fd, Socket* socket, std::array<std::int64_t, 2> args, Where where,
                         Call&& make) {
    if (observer_ == nullptr) [[likely]] {
        const Outcome outcome = outcome_of(make());
        return {outcome.value, outcome.error};
    }
    return watched(call, fd, socket, args, where, make);
}

template <class Call>
CallResult Calls::watched(Syscall call, int fd, Socket* socket, std::array<std::int64_t, 2> args, Where where,
                          Call& make) {
    CallResult result;
    if (socket != nullptr) sample(*socket, std::nullopt);
    const CallBegun begin = begun(call, fd, socket, args, where);
    std::optional<EventId> event;
    if (may_sleep(call, socket, args[1])) event = observer_->begin_call(begin);
    CallEnded end;
    const Outcome outcome = outcome_of(make());
    end.at_ns = monotonic_ns();
    end.result = result.value = outcome.value;
    end.error = result.error = outcome.error;
    const bool moves_bytes = writes_stream(call) || reads_stream(call);
    if (socket != nullptr && result.value > 0 && moves_bytes) {
        std::uint64_t& offset = writes_stream(call) ? socket->bytes_written : socket->bytes_read;
        // A datagram's own length may be more than was asked for, and than was copied.
        const std::int64_t moved = std::min(result.value, args[0]);
        end.bytes = {offset, offset + static_cast<std::uint64_t>(moved)};
        offset = end.bytes.end;
    }
    reported_at(call, end.at_ns);
    // What moved bytes is nobody's cause; what made or changed a socket may be.
    const bool id_needed = socket != nullptr && (samples_ || !moves_bytes);
    result.event = observer_->end_call(begin, event, end, id_needed);
    if (socket != nullptr && call != Syscall::Close) sample(*socket, result.event);
    return result;
}

}  // namespace synscope::engine
