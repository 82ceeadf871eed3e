#pragma once
// The segments of one direction that nobody acknowledged yet, as an observer sees them: what answers "how
// many bytes are in flight" and "which segment does this ACK answer".
//
// All flights share one pool of nodes, so that a segment costs no allocation. A flight is a list sorted by
// the number behind its segments' last byte, equal ones in the order they were sent: new data goes to the
// end, an acknowledgement takes from the front, and a retransmission finds its place from the nearer end.
// Thread rule: one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"

namespace synscope::track {

/// A direction of which no acknowledgement is ever seen (a one-sided capture) stops remembering here; its
/// later segments are judged all the same, only flight and RTT then speak of those remembered.
inline constexpr std::uint32_t kMaxUnacknowledged = 10'000;

class FlightPool {
  public:
    static constexpr std::uint32_t kNone = 0xffffffff;
    struct Node {
        Instant at;
        Seq32 begin;
        Seq32 end;
        std::uint32_t previous = kNone;
        std::uint32_t next = kNone;
    };
    [[nodiscard]] std::uint32_t acquire();
    void release(std::uint32_t index) noexcept;
    [[nodiscard]] Node& operator[](std::uint32_t index) noexcept {
        return chunks_[index / kChunk][index % kChunk];
    }
    [[nodiscard]] const Node& operator[](std::uint32_t index) const noexcept {
        return chunks_[index / kChunk][index % kChunk];
    }

  private:
    static constexpr std::size_t kChunk = 4096;
    std::vector<std::unique_ptr<Node[]>> chunks_;
    std::uint32_t used_ = 0;
    std::uint32_t free_ = kNone;
};

class Flight {
  public:
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
    /// A segment with sequence numbers [begin, end) was sent; forgotten when there are too many.
    void sent(FlightPool& pool, Seq32 begin, Seq32 end, Instant at);
    /// Everything below `ack` arrived. When a segment ended exactly there: when it was first sent.
    std::optional<Instant> acknowledged(FlightPool& pool, Seq32 ack) noexcept;
    /// From the lowest unacknowledged number to the highest sent one.
    [[nodiscard]] std::uint32_t span(const FlightPool& pool) const noexcept;
    /// Ask the memory for what an acknowledgement, and what a new segment, will touch. Always inline: see
    /// Connections::prefetch.
    [[gnu::always_inline]] void prefetch_first(const FlightPool& pool) const noexcept {
        if (count_ != 0) __builtin_prefetch(&pool[head_], 1);
    }
    [[gnu::always_inline]] void prefetch_last(const FlightPool& pool) const noexcept {
        if (count_ != 0) __builtin_prefetch(&pool[tail_], 1);
    }

  private:
    void link_before(FlightPool& pool, std::uint32_t place, std::uint32_t node) noexcept;
    [[nodiscard]] std::uint32_t place_for(const FlightPool& pool, Seq32 end) const noexcept;

    std::uint32_t head_ = FlightPool::kNone;
    std::uint32_t tail_ = FlightPool::kNone;
    std::uint32_t count_ = 0;
    Seq32 first_;                ///< the lowest number of any segment
    std::uint32_t longest_ = 0;  ///< of the segments since the list was last empty
};

}  // namespace synscope::track
