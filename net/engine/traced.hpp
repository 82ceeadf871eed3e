#pragma once
// How every call is made and recorded: for the files calls_*.cpp alone. The order is the same for each: the
// kernel's word, entry, the call, return, the kernel's word again. Asking the kernel lies outside the
// measured time.

#include <array>
#include <cerrno>

#include "net/engine/socket.hpp"

namespace synscope::engine {

/// As the kernel numbers it.
[[nodiscard]] ThreadId this_thread() noexcept;
/// After a fork(), in the child: its thread is another one.
void renew_this_thread() noexcept;

template <class Call>
CallResult Calls::traced(Syscall call, int fd, Socket* socket, std::array<std::int64_t, 2> args, Where where,
                         Call&& make) {
    CallResult result;
    if (observer_ == nullptr) [[likely]] {
        result.value = make();
        if (result.value < 0) result.error = errno;
        return result;
    }
    const auto id = socket != nullptr ? std::optional{socket->id} : std::nullopt;
    if (socket != nullptr) sample(*socket, std::nullopt);
    const EventId entry = entered(call, fd, id, args, where);
    result.value = make();
    if (result.value < 0) result.error = errno;
    const std::int64_t at = monotonic_ns();

    ByteRange bytes;
    if (socket != nullptr && result.value > 0 && (writes_stream(call) || reads_stream(call))) {
        std::uint64_t& offset = writes_stream(call) ? socket->bytes_written : socket->bytes_read;
        bytes = {offset, offset + static_cast<std::uint64_t>(result.value)};
        offset = bytes.end;
    }
    const EventId exit = returned(at, entry, call, fd, id, result, bytes);
    if (socket != nullptr && call != Syscall::Close) sample(*socket, exit);
    result.event = exit;
    return result;
}

}  // namespace synscope::engine
