#pragma once
// Made-up TCP conversations that look like real ones to whoever captures them: handshake, flights, delayed
// and duplicate acknowledgements with SACK, loss before or behind the point of capture, fast retransmission
// and retransmission after a timeout, teardown. Everything follows from the seed. Thread rule: values.

#include <cstdint>
#include <random>
#include <vector>

namespace synscope::bench {

/// A packet as the capture shows it. Sequence numbers are absolute.
struct MadePacket {
    std::int64_t at_ns = 0;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t sack_begin = 0;  ///< both 0: no SACK block
    std::uint32_t sack_end = 0;
    std::uint32_t ts_value = 0;
    std::uint32_t ts_echo = 0;
    std::uint16_t length = 0;  ///< of the payload
    std::uint16_t window = 0;
    std::uint8_t flags = 0;
    bool from_client = true;
};

struct ConversationPlan {
    std::int64_t start_ns = 0;
    std::uint32_t seed = 0;
    /// The server answers one request with this many bytes in full segments; 0: both exchange small messages
    /// until `packets` were captured.
    std::uint64_t bulk_bytes = 0;
    std::uint32_t packets = 0;
    std::int64_t longest_pause_ns = 0;  ///< between small messages
    double loss = 0.01;                 ///< of the segments with payload, each transmission
};

/// All its packets, in the order of their times.
[[nodiscard]] std::vector<MadePacket> make_conversation(const ConversationPlan& plan);

}  // namespace synscope::bench
