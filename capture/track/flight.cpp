#include "capture/track/flight.hpp"

#include <algorithm>

namespace synscope::track {

std::uint32_t FlightPool::acquire() {
    if (free_ != kNone) {
        const std::uint32_t index = free_;
        free_ = (*this)[index].next;
        return index;
    }
    if (used_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Node[]>(kChunk));
    return used_++;
}

void FlightPool::release(std::uint32_t index) noexcept {
    (*this)[index].next = free_;
    free_ = index;
}

/// The node before which a segment ending at `end` belongs; kNone: at the end of the list.
std::uint32_t Flight::place_for(const FlightPool& pool, Seq32 end) const noexcept {
    if (count_ == 0 || !Seq32::before(end, pool[tail_].end)) return FlightPool::kNone;
    const bool near_head = Seq32::distance(pool[head_].end, end) < Seq32::distance(end, pool[tail_].end);
    if (near_head) {
        std::uint32_t place = head_;
        while (place != FlightPool::kNone && !Seq32::after(pool[place].end, end))
            place = pool[place].next;
        return place;
    }
    std::uint32_t place = tail_;
    while (pool[place].previous != FlightPool::kNone && Seq32::after(pool[pool[place].previous].end, end))
        place = pool[place].previous;
    return place;
}

void Flight::link_before(FlightPool& pool, std::uint32_t place, std::uint32_t node) noexcept {
    const std::uint32_t previous = place == FlightPool::kNone ? tail_ : pool[place].previous;
    pool[node].previous = previous;
    pool[node].next = place;
    (previous == FlightPool::kNone ? head_ : pool[previous].next) = node;
    (place == FlightPool::kNone ? tail_ : pool[place].previous) = node;
    ++count_;
}

void Flight::sent(FlightPool& pool, Seq32 begin, Seq32 end, Instant at) {
    if (count_ >= kMaxUnacknowledged) return;
    const std::uint32_t place = place_for(pool, end);
    const std::uint32_t node = pool.acquire();
    pool[node].at = at;
    pool[node].begin = begin;
    pool[node].end = end;
    if (count_ == 0) {
        first_ = begin;
        longest_ = 0;
    } else if (Seq32::before(begin, first_)) {
        first_ = begin;
    }
    longest_ = std::max(longest_, end.raw() - begin.raw());
    link_before(pool, place, node);
}

std::optional<Instant> Flight::acknowledged(FlightPool& pool, Seq32 ack) noexcept {
    std::optional<Instant> answered;
    while (count_ != 0 && !Seq32::after(pool[head_].end, ack)) {
        const std::uint32_t node = head_;
        if (pool[node].end == ack && !answered) answered = pool[node].at;
        head_ = pool[node].next;
        (head_ == FlightPool::kNone ? tail_ : pool[head_].previous) = FlightPool::kNone;
        pool.release(node);
        --count_;
    }
    if (count_ == 0 || !Seq32::after(ack, first_)) return answered;
    // Only a segment that ends within `longest_` of the ACK can begin before it, and only one that ends
    // within `longest_` of the lowest number can begin there.
    bool first = true;
    for (std::uint32_t i = head_; i != FlightPool::kNone; i = pool[i].next) {
        FlightPool::Node& node = pool[i];
        if (Seq32::before(node.begin, ack)) node.begin = ack;
        if (first || Seq32::before(node.begin, first_)) first_ = node.begin;
        first = false;
        if (Seq32::after(node.end - longest_, ack) && !Seq32::after(first_, node.end - longest_)) break;
    }
    return answered;
}

std::uint32_t Flight::span(const FlightPool& pool) const noexcept {
    if (count_ == 0) return 0;
    const std::int32_t bytes = Seq32::distance(first_, pool[tail_].end);
    return bytes > 0 ? static_cast<std::uint32_t>(bytes) : 0;
}

}  // namespace synscope::track
