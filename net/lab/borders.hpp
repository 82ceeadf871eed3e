#pragma once
// What became of the borders between messages on their way: which of them one recv() took together, which
// came in pieces, and what a buffer that was too short for a datagram lost. From the recorded calls of both
// sides, so it holds for exactly this run. Thread rule: pure functions.

#include <cstdint>
#include <vector>

namespace synscope::trace {
class Store;
}

namespace synscope::lab {

/// One direction. What one send() gave is a message here.
struct Borders {
    std::uint64_t sent = 0;         ///< messages
    std::uint64_t arrived = 0;      ///< of these: read to their end, or by UDP at least begun
    std::uint64_t receives = 0;     ///< calls that read something
    std::uint64_t most_in_one = 0;  ///< messages of which one such call had at least a part
    std::uint64_t in_pieces = 0;    ///< messages that took more than one
    std::uint64_t lost_bytes = 0;   ///< of datagrams, for which the buffer was too short
    friend bool operator==(const Borders&, const Borders&) = default;
};
struct BordersBothWays {
    Borders to_server;
    Borders to_clients;
    friend bool operator==(const BordersBothWays&, const BordersBothWays&) = default;
};

/// From the events of a server and of its clients, each written by one program.
[[nodiscard]] BordersBothWays borders_of(const trace::Store& server,
                                         const std::vector<const trace::Store*>& clients);

}  // namespace synscope::lab
