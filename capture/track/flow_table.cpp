#include "capture/track/flow_table.hpp"

#include <utility>

namespace synscope::track {

namespace {

constexpr std::size_t kFirstSlots = 1024;

std::array<std::uint64_t, 2> words_of(const IpAddress& address) noexcept {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), address.octets.data(), sizeof(words));
    return words;
}

}  // namespace

OrientedFlow OrientedFlow::of(const Endpoint& source, const Endpoint& destination) noexcept {
    const auto from = words_of(source.address);
    const auto to = words_of(destination.address);
    const bool swapped = from[0] != to[0]   ? from[0] > to[0]
                         : from[1] != to[1] ? from[1] > to[1]
                         : source.address.family != destination.address.family
                             ? source.address.family > destination.address.family
                             : source.port > destination.port;
    const Endpoint& low = swapped ? destination : source;
    const Endpoint& high = swapped ? source : destination;
    OrientedFlow oriented;
    oriented.flow.low = swapped ? to : from;
    oriented.flow.high = swapped ? from : to;
    oriented.flow.ports = std::uint32_t{low.port} << 16 | high.port;
    oriented.flow.family = std::uint32_t{low.address.family} << 16 | high.address.family;
    oriented.from_high = swapped;
    return oriented;
}

FlowTable::FlowTable() : slots_(kFirstSlots), mask_(kFirstSlots - 1) {}

void FlowTable::insert(std::uint32_t hash, std::uint32_t number) {
    if (used_ * 2 >= slots_.size()) grow();
    std::size_t at = hash & mask_;
    while (slots_[at].number != kEmpty)
        at = (at + 1) & mask_;
    slots_[at] = {hash, number};
    ++used_;
}

void FlowTable::replace(std::uint32_t hash, std::uint32_t number, std::uint32_t newer) noexcept {
    for (std::size_t at = hash & mask_; slots_[at].number != kEmpty; at = (at + 1) & mask_)
        if (slots_[at].number == number) {
            slots_[at].number = newer;
            return;
        }
}

void FlowTable::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    std::swap(old, slots_);
    mask_ = slots_.size() - 1;
    used_ = 0;
    for (const Slot& slot : old)
        if (slot.number != kEmpty) insert(slot.hash, slot.number);
}

}  // namespace synscope::track
