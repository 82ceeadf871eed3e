#pragma once
// One direction of a TCP connection put back in order (RFC 9293 section 3.10.7.4, as an observer sees it).
//
//     StreamReassembler stream;
//     for (each packet of the connection, in capture order) {
//         stream.segment({...}, sink);              // when it was sent in this direction
//         stream.acknowledged(ack, syn, sink);      // when it was sent in the other one
//     }
//     stream.finish(sink);
//
// Bytes go to the sink as soon as nothing is missing before them, and are not kept but for what the limits
// allow: segments that wait for missing ones, and the latest bytes, to tell a retransmission from a forgery.
// Offsets are 64 bits wide, 0 being the first byte behind the SYN, or the first one seen on a connection
// joined midway; the wrap of sequence numbers is undone here, any number of times.
//
// What is missing becomes a gap once something proves that it will not come: the receiver acknowledged bytes
// behind it, the stream ended, or the limit is reached. Bytes cut off by the snap length are a gap at once.
// A gap hands over nothing. Where a byte was sent twice the first one stands. Nothing here judges whether a
// receiver accepted a segment: windows are not looked at, but for numbers more than 2^30 (the largest window,
// RFC 7323 section 2.3) away from the stream, which are left out until a second segment goes on from them.
// Thread rule: pure; one thread per object.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "capture/track/stream_history.hpp"
#include "net/base/bytes.hpp"
#include "net/base/seq32.hpp"
#include "net/wire/tcp_flags.hpp"

namespace synscope::track {

enum class GapReason : std::uint8_t {
    Acknowledged,  ///< the receiver acknowledged them: they were sent, the capture missed them
    NotCaptured,   ///< their packet was captured, but cut before them by the snap length
    NeverSeen,     ///< the capture ended, and nobody acknowledged them
    Limit,         ///< waiting longer would have kept more than StreamLimits allows
    Jump,          ///< the numbers went on elsewhere; how many bytes is known modulo 2^32 only
};
struct StreamGap {
    ByteRange bytes;
    GapReason reason = GapReason::Acknowledged;
    friend bool operator==(const StreamGap&, const StreamGap&) = default;
};

enum class StreamOddity : std::uint8_t {
    Conflict,  ///< sent again with other bytes, of which the first stand; `bytes`: first to last difference
    Late,      ///< came after they had become a gap: left out
    BeforeStart,  ///< before offset 0: left out; `bytes` begins at 0, only its size means something
    AfterFin,     ///< behind the FIN: handed over all the same
    OffRange,     ///< more than 2^30 away from the stream: left out; `bytes` as BeforeStart
    ResetText,    ///< payload of a RST (RFC 9293 section 3.5.3, a diagnostic): no part of the stream
};
struct StreamNotice {
    StreamOddity kind = StreamOddity::Conflict;
    ByteRange bytes;
    std::uint64_t differing = 0;  ///< Conflict: how many of `bytes` differ
    friend bool operator==(const StreamNotice&, const StreamNotice&) = default;
};

/// Who takes the bytes. Calls come in stream order: runs and gaps together cover the stream without a hole
/// and without overlap. Spans hold during the call.
class StreamSink {
  public:
    virtual ~StreamSink() = default;
    virtual void bytes(std::uint64_t offset, ByteSpan run) = 0;
    virtual void gap(const StreamGap& gap) = 0;
    virtual void notice(const StreamNotice& notice) = 0;
};

/// A segment as the reassembler needs it. `payload` may be shorter than `length` when the capture was cut.
struct StreamSegment {
    Seq32 seq;
    wire::TcpFlags flags;
    std::uint32_t length = 0;
    ByteSpan payload;
};

struct StreamLimits {
    /// Bytes that wait for missing ones, with kPieceCost for each segment. Beyond it the first thing missing
    /// becomes a gap.
    std::size_t waiting = std::size_t{16} << 20;
    /// The latest bytes handed over, kept to compare retransmissions with. Older ones are not compared.
    std::size_t remembered = std::size_t{1} << 20;
};

class StreamReassembler {
  public:
    /// What keeping one segment costs beside its bytes, at most.
    static constexpr std::size_t kPieceCost = 128;

    explicit StreamReassembler(StreamLimits limits = {}) : limits_(limits), history_(limits.remembered) {}

    void segment(const StreamSegment& segment, StreamSink& sink);
    /// The other direction acknowledged everything before `ack`; `with_syn` when that packet was its SYN, so
    /// that `ack` is where this direction begins.
    void acknowledged(Seq32 ack, bool with_syn, StreamSink& sink);
    /// Nothing more will come: hands over what waits, with the gaps between.
    void finish(StreamSink& sink);

    /// One behind the last byte handed over or given up.
    [[nodiscard]] std::uint64_t position() const noexcept { return static_cast<std::uint64_t>(next_); }
    /// Where the FIN ended the stream; nothing before one is seen.
    [[nodiscard]] std::optional<std::uint64_t> fin() const noexcept;
    /// What is kept for missing segments now, as StreamLimits counts it.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_bytes_; }

  private:
    /// Out of order bytes. `claimed` is where its segment said to end: behind the bytes when it was cut.
    struct Piece {
        std::vector<std::byte> bytes;
        std::int64_t claimed = 0;
    };
    using Pieces = std::map<std::int64_t, Piece>;  ///< by offset; bytes never overlap

    /// No byte of the stream was seen yet.
    [[nodiscard]] bool untouched() const noexcept;
    void start(const StreamSegment& segment);
    [[nodiscard]] bool is_keep_alive(const StreamSegment& segment, std::int64_t begin) const noexcept;
    bool off_range(const StreamSegment& segment, std::int64_t begin, StreamSink& sink);
    void note_fin(std::int64_t at) noexcept;
    void compare_past(std::int64_t begin, ByteSpan bytes, StreamSink& sink);
    void compare_waiting(std::int64_t at, ByteSpan kept, ByteSpan again, StreamSink& sink);
    void keep(std::int64_t begin, ByteSpan bytes, StreamSink& sink);
    void claim(std::int64_t from, std::int64_t end);
    void fill(std::int64_t at, ByteSpan bytes);
    void emit(ByteSpan bytes, StreamSink& sink);
    void emit_gap(std::int64_t end, GapReason reason, StreamSink& sink);
    void drain(StreamSink& sink);
    void give_up_proven(StreamSink& sink);
    void flush(StreamSink& sink);

    StreamLimits limits_;
    StreamHistory history_;
    Pieces waiting_;
    std::size_t waiting_bytes_ = 0;
    Seq32 zero_;               ///< the number of offset 0, once started_
    std::int64_t next_ = 0;    ///< the offset wanted next
    std::int64_t seen_ = 0;    ///< one behind the highest offset any segment had
    std::int64_t cut_to_ = 0;  ///< up to here bytes were sent and cut off; may lie behind next_
    bool started_ = false;
    bool provisional_ = false;  ///< started by a segment without bytes: it may have been a keep-alive
    std::optional<std::int64_t> fin_;
    std::optional<std::int64_t> acked_;
    std::optional<Seq32> stray_next_;  ///< where a second off-range segment would go on
    std::optional<Seq32> first_ack_;   ///< before the direction was seen
    Seq32 last_ack_;
};

}  // namespace synscope::track
