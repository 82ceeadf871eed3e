#pragma once
// Byte provenance: which call wrote a byte, which segments carried it, when it was acknowledged, which call
// read it, which message it is part of. Made by joining lists of ranges; nothing is guessed.
//
// Each direction of a connection is one axis of bytes, offset 0 being the first byte after SYN.
// Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "capture/track/tracker.hpp"

namespace synscope::track {

/// A run of bytes with one origin and one fate: no list changes inside it.
struct ByteRun {
    ByteRange bytes;
    std::optional<std::size_t> write;   ///< index into Connection::calls
    std::vector<std::size_t> segments;  ///< indexes into Connection::segments, first transmission first
    std::optional<std::size_t>
        acknowledged;                 ///< the first segment of the other direction whose ACK covered it
    std::optional<std::size_t> read;  ///< index into Connection::calls
    std::optional<std::size_t> sent_message;  ///< indexes into Connection::messages
    std::optional<std::size_t> received_message;
};
/// Runs in order, from offset 0 to the last byte that any call, segment or message speaks of, without a hole.
/// A run names at most kMaxTransmissions segments, against captures made to be hostile.
inline constexpr std::size_t kMaxTransmissions = 256;
[[nodiscard]] std::vector<ByteRun> provenance(const Connection& connection, Direction direction);

/// What became of one write (or one message, where there are messages) on its way to the reader.
enum class FateVerdict : std::uint8_t {
    Whole,             ///< one segment, one read, alone in both
    MergedAtSender,    ///< shared a segment with its neighbour
    MergedAtReceiver,  ///< came out of a read together with its neighbour
    SplitOverSegments,
    SplitOverReads,
    NotYetRead,
};
[[nodiscard]] std::string_view verdict_text(FateVerdict verdict) noexcept;

struct Fate {
    ByteRange bytes;
    std::optional<std::size_t> write;    ///< the unit: a write, or ...
    std::optional<std::size_t> message;  ///< ... an outgoing message
    std::vector<std::size_t> segments;
    std::vector<std::size_t> reads;
    std::vector<FateVerdict>
        verdicts;  ///< judged on first transmissions; every one that applies, in the order of the enumeration
};
/// The fate of every unit of a direction: outgoing messages where the sender framed any, else writes.
[[nodiscard]] std::vector<Fate> fates(const Connection& connection, Direction direction);

/// Bytes in each place at one instant, from the same lists.
struct Occupancy {
    Instant at;
    std::uint64_t send_queue = 0;     ///< written, not yet acknowledged
    std::uint64_t flight = 0;         ///< sent, not yet acknowledged
    std::uint64_t receive_queue = 0;  ///< arrived in order, not yet read
};
/// A byte counts as written from the return of its write, or from its first transmission when that was seen
/// earlier (a call may transmit before it returns). Where the writer's calls are unknown the send queue is
/// the flight; where the reader's socket is unknown the receive queue stays 0. A step function: one entry for
/// each moment at which a number changed.
[[nodiscard]] std::vector<Occupancy> occupancy(const Connection& connection, Direction direction);

}  // namespace synscope::track
