#include "capture/source/pcapng_source.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace synscope::source {
namespace {

const char* damage_text(pcapng::BlockFault fault) {
    switch (fault) {
        case pcapng::BlockFault::NotPcapng:
            return "this is not a pcapng file";
        case pcapng::BlockFault::BadLength:
            return "the capture is damaged: a block has a length that cannot be";
        case pcapng::BlockFault::BadMagic:
            return "the capture is damaged: a section header of no byte order";
        case pcapng::BlockFault::BadVersion:
            return "a section of a pcapng version that is not known";
        case pcapng::BlockFault::Malformed:
            return "the capture is damaged: a block holds lengths that exceed it";
        case pcapng::BlockFault::NoInterface:
            return "the capture is damaged: a packet of an interface that was not described";
        case pcapng::BlockFault::InterfaceLimit:
            return "the capture describes more than the 65535 interfaces that can be told apart";
        case pcapng::BlockFault::Truncated:
            break;
    }
    return "the capture ends inside a block: cut off, or still being written";
}

}  // namespace

Result<std::unique_ptr<PcapngSource>, UserError> PcapngSource::open(std::unique_ptr<ByteFeed> feed,
                                                                    std::string name) {
    std::unique_ptr<PcapngSource> source(new PcapngSource(std::move(feed), std::move(name)));
    // Only looked at: it is read, and shown to a listener, in its turn.
    for (std::size_t needed = 1;;) {
        const auto window = source->feed().peek(needed);
        if (!window) return failure(window.error());
        pcapng::BlockParser probe;
        const auto first = probe.next(*window);
        if (first && *first) return source;
        if (!first || window->size() < needed)
            return failure(UserError{damage_text(first ? pcapng::BlockFault::Truncated : first.error()),
                                     source->name() + place_in(source->feed(), first ? window->size() : 0),
                                     ""});
        needed = std::max(probe.needed(), window->size() + 1);
    }
}

bool PcapngSource::listen(BlockListener* listener) {
    listener_ = listener;
    return true;
}

CaptureCounters PcapngSource::stats() const {
    CaptureCounters counters = lost_;
    counters.received = RecordSource::stats().received;
    return counters;
}

void PcapngSource::take(const pcapng::Item& item) {
    if (listener_ != nullptr) listener_->block(item);
    if (const auto* found = std::get_if<pcapng::InterfaceItem>(&item.content)) {
        nanoseconds_ = nanoseconds_ || found->nanoseconds;
        interfaces_.push_back(texts_.interface_of(*found));
    } else if (const auto* statistics = std::get_if<pcapng::StatisticsItem>(&item.content)) {
        lost_.dropped_by_interface += statistics->dropped_by_interface.value_or(0);
        lost_.dropped_by_kernel += statistics->dropped_by_system.value_or(0);
    }
}

/// A custom block has a frame number like a packet, but no time.
std::size_t PcapngSource::list_custom(const pcapng::Item& item, const pcapng::OtherItem& other,
                                      RawPacket& packet) {
    const auto content = pcapng::custom_content(other);
    if (!content) return 0;
    packet = {};
    packet.original_length = static_cast<std::uint32_t>(content->size());
    packet.interface = kCustomInterface;
    packet.link_type = pcapng::kCustomBlockLink;
    packet.offset = item.offset;
    packet.bytes = *content;
    packet.block = item.block;
    packet.big_endian = other.big_endian;
    return 1;
}

/// One block of any kind, the slow and careful way.
RecordSource::Found PcapngSource::find_block(ByteSpan window, std::uint64_t offset, RawPacket& packet) {
    Found found;
    auto item = parser_.next(window);
    if (!item) {
        found.damage = damage_text(item.error());
        return found;
    }
    found.needed = parser_.needed();
    if (!*item) return found;
    (*item)->offset = offset;
    found.consumed = (*item)->block.size();
    if (const auto* read = std::get_if<pcapng::PacketItem>(&(*item)->content)) {
        packet.at = read->at;
        packet.original_length = read->original_length;
        packet.interface = read->interface.value;
        packet.link_type = read->link_type;
        packet.offset = offset;
        packet.bytes = read->bytes;
        packet.block = (*item)->block;
        packet.big_endian = parser_.big_endian();
        found.packets = 1;
    } else {
        take(**item);
        if (const auto* other = std::get_if<pcapng::OtherItem>(&(*item)->content))
            found.packets = list_custom(**item, *other, packet);
    }
    return found;
}

RecordSource::Found PcapngSource::find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) {
    const auto run = parser_.packets(window, offset, batch);
    if (run.packets > 0) return {run.packets, run.consumed, 1, nullptr};
    return find_block(window, offset, batch[0]);
}

}  // namespace synscope::source
