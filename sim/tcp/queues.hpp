#pragma once
// What waits inside a connection: bytes written and not sent, segments sent and not acknowledged, bytes
// arrived out of order, bytes arrived and not read. All hold Payload slices; none copies but where a segment
// joins several writes. Thread rule: one thread per simulation.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"
#include "sim/core/payload.hpp"
#include "sim/core/ring.hpp"

namespace synscope::sim::tcp {

/// A run of bytes that belong together: what one write, or several that joined, left to be sent. PSH stands
/// at its end. Deviation from RFC 9293 section 3.9.1.2 that Linux makes: PSH marks the end of what was
/// written, not a call.
struct Run {
    std::uint32_t length = 0;
    bool push = false;
    bool end_of_record = false;
    bool fin = false;  ///< the FIN follows
};

/// Bytes between SND.NXT and the end of what was written.
class UnsentQueue {
  public:
    [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
    [[nodiscard]] const Run& head() const noexcept { return runs_.front(); }
    [[nodiscard]] Run& head() noexcept { return runs_.front(); }
    [[nodiscard]] Run& tail() noexcept { return runs_.back(); }
    [[nodiscard]] const Run& tail() const noexcept { return runs_.back(); }
    [[nodiscard]] std::size_t run_count() const noexcept { return runs_.size(); }
    [[nodiscard]] std::uint32_t bytes() const noexcept { return bytes_; }
    void push_run() { runs_.push_back(Run{}); }
    /// Joins the last run.
    void append(Payload bytes);
    /// The first `length` bytes of the head run, without taking them.
    [[nodiscard]] Payload peek(std::uint32_t length) const;
    /// Takes them out; the run goes when it is empty and has no FIN left.
    Payload take(std::uint32_t length);
    /// The run at the head is done with its FIN too.
    void take_fin() noexcept;
    /// Cuts the head run behind its first `length` bytes; the rest, or its FIN alone, becomes a run of its
    /// own.
    void split_head(std::uint32_t length);
    void clear() noexcept;

  private:
    Ring<Run> runs_;
    Ring<Payload> pieces_;
    std::uint32_t bytes_ = 0;
};

/// A segment in flight (or that was). Bits as RFC 6675's scoreboard has them, and RFC 8985's times.
struct SentSegment {
    Seq32 seq;
    std::uint32_t length = 0;  ///< with SYN and FIN
    Instant sent;              ///< last transmission
    Instant first_sent;
    Payload payload;
    bool syn = false;
    bool fin = false;
    bool push = false;
    bool end_of_record = false;
    bool urgent = false;
    bool sacked = false;
    bool lost = false;
    bool retransmitted = false;       ///< a retransmission of it is in flight
    bool ever_retransmitted = false;  ///< Karn's algorithm: no round-trip sample without timestamps
    bool transmitted = false;         ///< left at least once
    bool ends_burst = false;          ///< the last of those that left as one run (PSH, output.cpp)
    std::uint32_t delivered = 0;      ///< the connection's count when it was sent

    [[nodiscard]] Seq32 end() const noexcept { return seq + length; }
};

/// Segments sent and not cumulatively acknowledged, by sequence number.
class RetransmitQueue {
  public:
    [[nodiscard]] bool empty() const noexcept { return segments_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return segments_.size(); }
    [[nodiscard]] SentSegment& operator[](std::size_t i) noexcept { return segments_[i]; }
    [[nodiscard]] const SentSegment& operator[](std::size_t i) const noexcept { return segments_[i]; }
    [[nodiscard]] SentSegment& front() noexcept { return segments_.front(); }
    [[nodiscard]] const SentSegment& front() const noexcept { return segments_.front(); }
    [[nodiscard]] SentSegment& back() noexcept { return segments_.back(); }
    [[nodiscard]] const SentSegment& back() const noexcept { return segments_.back(); }
    SentSegment& push_back(SentSegment segment) { return segments_.push_back(std::move(segment)); }
    void pop_front() noexcept { segments_.pop_front(); }
    void pop_back() noexcept { segments_.pop_back(); }
    void erase(std::size_t at) noexcept { segments_.erase(at); }
    void clear() noexcept { segments_.clear(); }
    /// The first segment whose end lies after `seq`; size() when there is none.
    [[nodiscard]] std::size_t find(Seq32 seq) const noexcept;
    /// Cuts segment i behind its first `length` bytes; the rest is segment i + 1 with the same marks.
    void split(std::size_t i, std::uint32_t length);

  private:
    Ring<SentSegment> segments_;
};

/// Bytes that arrived out of order: blocks by sequence number that neither overlap nor touch in memory, but
/// may be neighbours in the stream.
class OutOfOrderQueue {
  public:
    struct Block {
        Seq32 seq;
        Payload payload;
        bool fin = false;
        [[nodiscard]] Seq32 end() const noexcept {
            return seq + static_cast<std::uint32_t>(payload.size()) + (fin ? 1u : 0u);
        }
    };
    struct Added {
        /// The whole run of bytes the segment lies in now: a SACK block.
        Seq32 run_begin;
        Seq32 run_end;
        /// The part that was there already (RFC 2883).
        std::optional<std::pair<Seq32, Seq32>> duplicate;
        bool nothing_new = false;
    };
    [[nodiscard]] bool empty() const noexcept { return blocks_.empty(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    Added add(Seq32 seq, Payload payload, bool fin);
    /// The block at the front, if it begins at or before `next`.
    [[nodiscard]] std::optional<Block> take(Seq32 next);
    [[nodiscard]] Seq32 last_end() const noexcept { return blocks_.back().end(); }
    void clear() noexcept {
        blocks_.clear();
        bytes_ = 0;
    }

  private:
    std::vector<Block> blocks_;
    std::size_t bytes_ = 0;
};

/// Bytes in order that nobody has read. `taken` bytes of the front piece are read already.
class ReceiveQueue {
  public:
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
    void push(Payload piece);
    /// Copies up to out.size() bytes from `skip` on, without taking them.
    [[nodiscard]] std::size_t peek(std::size_t skip, MutableByteSpan out) const noexcept;
    void drop(std::size_t count) noexcept;
    /// The bytes from the front up to `most`, as far as they lie in one block. Taken out.
    [[nodiscard]] Payload take(std::size_t most);
    void clear() noexcept {
        pieces_.clear();
        bytes_ = 0;
    }

  private:
    Ring<Payload> pieces_;
    std::size_t bytes_ = 0;
};

}  // namespace synscope::sim::tcp
