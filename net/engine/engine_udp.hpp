#pragma once
// The engine udp with other limits than its own: for tests, which cannot wait a minute for a peer's silence.

#include <chrono>

#include "net/engine/engine.hpp"

namespace synscope::engine {

struct UdpLimits {
    /// A peer that sent nothing for so long has left.
    std::chrono::milliseconds silence = std::chrono::seconds{60};
    /// Peers at once. Whoever comes then is not answered: anybody can write any sender on a datagram, and
    /// those who talk already should not have to leave for that.
    std::size_t peers = 1024;
};
[[nodiscard]] std::unique_ptr<Engine> make_udp(UdpLimits limits);

}  // namespace synscope::engine
