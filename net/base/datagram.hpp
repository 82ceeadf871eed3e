#pragma once
// What the record of a call says of the datagram that it moved. Thread rule: pure functions.

#include <cstdint>

#include "net/base/event.hpp"

namespace synscope {

/// Bytes of a datagram that the room given was too short for. The result of the call is the datagram's whole
/// length (MSG_TRUNC, recv(2)), the range what was copied of it.
[[nodiscard]] constexpr std::uint64_t lost_bytes(const SyscallReturned& call) noexcept {
    if (call.call != Syscall::Recvfrom || call.result <= 0) return 0;
    const auto length = static_cast<std::uint64_t>(call.result);
    const std::uint64_t copied = call.bytes.size();
    return length > copied ? length - copied : 0;
}

}  // namespace synscope
