#include "sim/core/scheduler.hpp"

#include <cassert>

#include "sim/core/random.hpp"

namespace synscope::sim {
namespace {

constexpr std::size_t kChildren = 4;

}  // namespace

std::uint64_t Scheduler::next_order() noexcept {
    const std::uint64_t number = inserted_++;
    // A bijection, so no two entries are ever equal.
    return options_.shuffle_seed ? splitmix64_mix(number ^ *options_.shuffle_seed) : number;
}

Scheduler::Handle Scheduler::at(Instant when, const Entry& entry) {
    assert(when >= now_ && "nothing happens in the past");
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].entry = entry;
    ++slots_[slot].generation;
    heap_.emplace_back();
    sift_up(heap_.size() - 1, {when, next_order(), slot});
    return {slot, slots_[slot].generation};
}

bool Scheduler::pending(Handle handle) const noexcept {
    return handle.generation % 2 == 1 && handle.slot < slots_.size() &&
           slots_[handle.slot].generation == handle.generation;
}

bool Scheduler::move(Handle handle, Instant when) {
    assert(when >= now_ && "nothing happens in the past");
    if (!pending(handle)) return false;
    settle(slots_[handle.slot].position, {when, next_order(), handle.slot});
    return true;
}

bool Scheduler::cancel(Handle handle) {
    if (!pending(handle)) return false;
    remove(slots_[handle.slot].position);
    release(handle.slot);
    return true;
}

std::optional<Scheduler::Entry> Scheduler::pop_until(Instant end) {
    if (heap_.empty() || heap_.front().at > end) return std::nullopt;
    const Node next = heap_.front();
    now_ = next.at;
    remove(0);
    const Entry entry = slots_[next.slot].entry;
    release(next.slot);
    return entry;
}

void Scheduler::idle_until(Instant when) noexcept {
    assert(when >= now_ && (heap_.empty() || heap_.front().at >= when));
    now_ = when;
}

void Scheduler::release(std::uint32_t slot) {
    ++slots_[slot].generation;
    free_.push_back(slot);
}

void Scheduler::sift_up(std::size_t position, const Node& node) noexcept {
    while (position > 0) {
        const std::size_t parent = (position - 1) / kChildren;
        if (!earlier(node, heap_[parent])) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, node);
}

void Scheduler::sift_down(std::size_t position, const Node& node) noexcept {
    const std::size_t size = heap_.size();
    for (;;) {
        const std::size_t first = position * kChildren + 1;
        if (first >= size) break;
        std::size_t least = first;
        const std::size_t end = first + kChildren < size ? first + kChildren : size;
        for (std::size_t child = first + 1; child < end; ++child)
            if (earlier(heap_[child], heap_[least])) least = child;
        if (!earlier(heap_[least], node)) break;
        place(position, heap_[least]);
        position = least;
    }
    place(position, node);
}

void Scheduler::settle(std::size_t position, const Node& node) noexcept {
    const bool up = position > 0 && earlier(node, heap_[(position - 1) / kChildren]);
    if (up)
        sift_up(position, node);
    else
        sift_down(position, node);
}

void Scheduler::remove(std::size_t position) noexcept {
    const Node last = heap_.back();
    heap_.pop_back();
    if (position < heap_.size()) settle(position, last);
}

}  // namespace synscope::sim
