#include "sim/tcp/timers.hpp"

namespace synscope::sim::tcp {
namespace {
constexpr std::size_t kChildren = 4;
}  // namespace

void DeadlineHeap::place(std::size_t at, const Entry& entry) noexcept {
    heap_[at] = entry;
    position_[entry.slot] = static_cast<std::uint32_t>(at) + 1;
}

void DeadlineHeap::sift(std::size_t at, const Entry& entry) noexcept {
    while (at > 0) {
        const std::size_t parent = (at - 1) / kChildren;
        if (!sooner(entry, heap_[parent])) break;
        place(at, heap_[parent]);
        at = parent;
    }
    for (;;) {
        const std::size_t first = at * kChildren + 1;
        std::size_t least = at;
        for (std::size_t child = first; child < first + kChildren && child < heap_.size(); ++child)
            if (sooner(heap_[child], least == at ? entry : heap_[least])) least = child;
        if (least == at) break;
        place(at, heap_[least]);
        at = least;
    }
    place(at, entry);
}

void DeadlineHeap::update(std::uint32_t slot, Instant deadline) {
    if (slot >= position_.size()) position_.resize(slot + std::size_t{1}, 0);
    const std::uint32_t position = position_[slot];
    if (deadline == kNever) {
        if (position == 0) return;
        position_[slot] = 0;
        const Entry last = heap_.back();
        heap_.pop_back();
        if (last.slot != slot) sift(position - 1, last);
        return;
    }
    if (position == 0) {
        heap_.push_back({deadline, slot});
        sift(heap_.size() - 1, {deadline, slot});
    } else if (heap_[position - 1].at != deadline) {
        sift(position - 1, {deadline, slot});
    }
}

}  // namespace synscope::sim::tcp
