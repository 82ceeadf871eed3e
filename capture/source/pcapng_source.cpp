#include "capture/source/pcapng_source.hpp"

#include <utility>
#include <variant>

#include "net/base/text.hpp"

namespace synscope::source {

PcapngSource::PcapngSource(std::unique_ptr<ByteFeed> feed, std::string name, pcapng::BlockReader reader)
    : feed_(std::move(feed)), name_(std::move(name)), reader_(std::move(reader)) {}

Result<std::unique_ptr<PcapngSource>, UserError> PcapngSource::open(std::unique_ptr<ByteFeed> feed,
                                                                    std::string name) {
    const auto bytes = feed->peek(4);
    if (!bytes) return failure(bytes.error());
    auto reader = feed->mapped() ? pcapng::BlockReader(*bytes) : pcapng::BlockReader();
    const bool mapped = feed->mapped();
    std::unique_ptr<PcapngSource> source(
        new PcapngSource(std::move(feed), std::move(name), std::move(reader)));
    source->ended_ = mapped;
    auto first = source->next_item();
    if (!first) return failure(first.error());
    return source;
}

/// The next block of any kind, with more bytes fetched as it takes.
Result<std::optional<pcapng::Item>, UserError> PcapngSource::next_item() {
    for (;;) {
        auto item = reader_.next();
        if (!item)
            return failure(
                UserError{pcapng::block_error_text(item.error()), name_, "what came before it is kept"});
        if (*item || ended_) return std::move(*item);
        const auto bytes = feed_->peek(1);
        if (!bytes) return failure(bytes.error());
        ended_ = bytes->empty();
        if (ended_) {
            reader_.finish();
        } else {
            reader_.feed(*bytes);
            feed_->skip(bytes->size());
        }
    }
}

Result<std::optional<RawPacket>, UserError> PcapngSource::next() {
    for (;;) {
        const auto item = next_item();
        if (!item) return failure(item.error());
        if (!*item) return std::optional<RawPacket>{};
        const auto& content = (**item).content;
        if (const auto* interface = std::get_if<pcapng::InterfaceItem>(&content)) {
            interfaces_.push_back({interface->link_type, interface->snap_length, std::string(interface->name),
                                   std::string(interface->description), std::string(interface->filter)});
            if (interface->id == InterfaceId{0}) link_type_ = interface->link_type;
        } else if (const auto* statistics = std::get_if<pcapng::StatisticsItem>(&content)) {
            counters_.dropped_by_interface += statistics->dropped_by_interface.value_or(0);
            counters_.dropped_by_kernel += statistics->dropped_by_system.value_or(0);
        } else if (const auto* found = std::get_if<pcapng::PacketItem>(&content)) {
            link_type_ = found->link_type;
            ++counters_.received;
            RawPacket packet;
            packet.at = found->at;
            packet.original_length = found->original_length;
            packet.interface = found->interface.value;
            packet.offset = (**item).offset;
            packet.link_type = found->link_type;
            packet.bytes = found->bytes;
            packet.block = (**item).block;
            packet.big_endian = reader_.big_endian();
            return std::optional<RawPacket>{packet};
        }
    }
}

}  // namespace synscope::source
