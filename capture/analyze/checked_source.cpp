#include "capture/analyze/checked_source.hpp"

#include <utility>

namespace synscope::analyze {

std::unique_ptr<source::PacketSource> CheckedSource::watch(std::unique_ptr<source::PacketSource> source,
                                                           trace::SessionCheck& check) {
    std::unique_ptr<CheckedSource> checked(new CheckedSource(check));
    if (!source->listen(checked.get())) return source;
    checked->source_ = std::move(source);
    return checked;
}

Result<std::optional<source::RawPacket>, UserError> CheckedSource::next() {
    source::RawPacket packet;
    const auto count = next_batch(std::span(&packet, 1));
    if (!count) return failure(count.error());
    return *count == 0 ? std::optional<source::RawPacket>{} : std::optional{packet};
}

/// The blocks that the source shows in the meantime stand before the packets that it gives.
Result<std::size_t, UserError> CheckedSource::next_batch(std::span<source::RawPacket> batch) {
    const auto count = source_->next_batch(batch);
    if (!count || *count == 0) {
        check_.end(count.has_value());
        return count;
    }
    for (const source::RawPacket& packet : batch.first(*count))
        check_.packet(packet.block, packet.big_endian);
    return count;
}

}  // namespace synscope::analyze
