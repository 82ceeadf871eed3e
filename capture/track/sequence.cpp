#include "capture/track/sequence.hpp"

#include <algorithm>

namespace synscope::track {

namespace {
/// A capture with more losses than this at once forgets the oldest, and takes it for seen.
constexpr std::size_t kMaxHoles = 1024;
}  // namespace

std::int64_t SequenceSpace::relative(Seq32 seq) const noexcept {
    const std::int64_t checkpoint = std::max(next_.value_or(0), acked_.value_or(0));
    return Seq32::unwrap(seq, zero_.value_or(Seq32{}), checkpoint);
}

void SequenceSpace::add_hole(std::int64_t begin, std::int64_t end) {
    if (begin >= end) return;
    const auto at =
        std::find_if(holes_.begin(), holes_.end(), [&](const Hole& h) { return h.begin > begin; });
    holes_.insert(at, {begin, end});
    if (holes_.size() > kMaxHoles) holes_.erase(holes_.begin());
}

bool SequenceSpace::take(std::int64_t begin, std::int64_t end) {
    if (begin >= end) return false;
    if (!next_) {
        lowest_ = begin;
        next_ = end;
        return false;
    }
    const std::int64_t inside_begin = std::max(begin, *lowest_);
    const std::int64_t inside_end = std::min(end, *next_);
    std::int64_t fresh = 0;
    std::vector<Hole> left;
    for (const Hole& hole : holes_) {
        const std::int64_t first = std::max(hole.begin, begin);
        const std::int64_t last = std::min(hole.end, end);
        if (first >= last) {
            left.push_back(hole);
            continue;
        }
        fresh += last - first;
        if (hole.begin < first) left.push_back({hole.begin, first});
        if (last < hole.end) left.push_back({last, hole.end});
    }
    if (fresh > 0) holes_ = std::move(left);
    if (end < *lowest_) add_hole(end, *lowest_);
    if (begin > *next_) add_hole(*next_, begin);
    lowest_ = std::min(*lowest_, begin);
    next_ = std::max(*next_, end);
    return inside_begin < inside_end && fresh < inside_end - inside_begin;
}

void SequenceSpace::acknowledged(std::int64_t next) noexcept {
    if (!acked_ || next > *acked_) acked_ = next;
}

}  // namespace synscope::track
