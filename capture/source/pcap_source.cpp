#include "capture/source/pcap_source.hpp"

#include <utility>

#include "net/base/text.hpp"

namespace synscope::source {

PcapSource::PcapSource(std::unique_ptr<ByteFeed> feed, std::string name, PcapHeader header)
    : feed_(std::move(feed)), name_(std::move(name)), header_(header) {
    interface_.link_type = header.link_type;
    interface_.snap_length = header.snap_length;
}

Result<std::unique_ptr<PcapSource>, UserError> PcapSource::open(std::unique_ptr<ByteFeed> feed,
                                                                std::string name) {
    const auto bytes = feed->peek(kPcapFileHeaderSize);
    if (!bytes) return failure(bytes.error());
    const auto header = parse_pcap_header(*bytes);
    if (!header) {
        switch (header.error()) {
            case PcapProblem::TooShort:
                return failure(UserError{"the capture ends inside its file header",
                                         concat(name, ", byte ", bytes->size()), ""});
            case PcapProblem::UnknownVersion:
                return failure(UserError{"a pcap version that is not known", concat(name, ", byte 4"), ""});
            case PcapProblem::NotPcap:
            case PcapProblem::RecordTooLarge:
                return failure(UserError{"this is not a pcap file", concat(name, ", byte 0"), ""});
        }
    }
    feed->skip(kPcapFileHeaderSize);
    return std::unique_ptr<PcapSource>(new PcapSource(std::move(feed), std::move(name), *header));
}

UserError PcapSource::damaged(std::string what) {
    damage_ =
        UserError{std::move(what), concat(name_, ", byte ", feed_->offset()), "what came before it is kept"};
    return *damage_;
}

Result<std::optional<RawPacket>, UserError> PcapSource::next() {
    if (damage_) return failure(*damage_);
    feed_->skip(std::exchange(pending_, 0));
    const std::size_t header_size = header_.record_header_size;
    auto bytes = feed_->peek(header_size);
    if (!bytes) return failure(bytes.error());
    if (bytes->empty()) return std::optional<RawPacket>{};
    const auto record = parse_pcap_record(header_, *bytes);
    if (!record && record.error() == PcapProblem::TooShort)
        return failure(damaged("the capture is cut off inside a packet header"));
    if (!record) return failure(damaged("the capture is damaged: a packet claims an impossible length"));
    bytes = feed_->peek(header_size + record->captured_length);
    if (!bytes) return failure(bytes.error());
    if (bytes->size() < header_size + record->captured_length)
        return failure(damaged("the capture is cut off inside a packet"));

    RawPacket packet;
    packet.link_type = header_.link_type;
    packet.at = record->at;
    packet.original_length = record->original_length;
    packet.offset = feed_->offset();
    packet.bytes = bytes->subspan(header_size, record->captured_length);
    pending_ = header_size + record->captured_length;
    ++packets_;
    return std::optional<RawPacket>{packet};
}

}  // namespace synscope::source
