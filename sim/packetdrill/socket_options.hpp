#pragma once
// setsockopt and getsockopt by the kernel's numbers, over the options of a simulated socket, with Linux's
// rounding, limits and errors. Thread rule: the lock of Turns is held.

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"
#include "sim/tcp/stack.hpp"

namespace synscope::packetdrill {

struct OptionName {
    int level = 0;
    int name = 0;
};

/// None, or the errno: NoProtocolOption for an option that is not known, Invalid for a value out of range.
[[nodiscard]] sim::tcp::Error set_option(sim::tcp::Stack& stack, Instant now, SocketId socket,
                                         OptionName option, ByteSpan value);
/// Writes the value to `out`; the bytes written, at most its size.
[[nodiscard]] Result<std::size_t, sim::tcp::Error> get_option(sim::tcp::Stack& stack, Instant now,
                                                              SocketId socket, OptionName option,
                                                              MutableByteSpan out);

/// struct tcp_info of a Linux 6.x kernel, as much as fits. The rest of `out` is 0.
void write_tcp_info(const sim::tcp::TcpInfo& info, MutableByteSpan out);

}  // namespace synscope::packetdrill
