#include "capture/source/snoop_source.hpp"

#include <optional>
#include <utility>

#include "capture/source/pcap_format.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::uint64_t kMagic = 0x736e6f6f70000000;  // "snoop" and three zeros
constexpr std::size_t kFileHeader = 16;
constexpr std::size_t kRecordHeader = 24;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint16_t kFddi = 10;      // LINKTYPE_FDDI
constexpr std::uint16_t kTokenRing = 6;  // LINKTYPE_IEEE802_5

/// RFC 1761's data link types, of which 0 (IEEE 802.3) and 4 (Ethernet) are the same frames.
std::optional<wire::LinkType> link_type_of(std::uint32_t type) {
    switch (type) {
        case 0:
        case 4:
            return wire::LinkType::Ethernet;
        case 2:
            return static_cast<wire::LinkType>(kTokenRing);
        case 8:
            return static_cast<wire::LinkType>(kFddi);
        default:
            return std::nullopt;
    }
}

}  // namespace

bool SnoopSource::matches(ByteSpan bytes) noexcept {
    return bytes.size() >= 8 && load_be64(bytes, 0) == kMagic;
}

Result<std::unique_ptr<SnoopSource>, UserError> SnoopSource::open(std::unique_ptr<ByteFeed> feed,
                                                                  std::string name) {
    const auto bytes = feed->peek(kFileHeader);
    if (!bytes) return failure(bytes.error());
    if (bytes->size() < kFileHeader)
        return failure(
            UserError{"the capture ends inside its file header", name + place_in(*feed, bytes->size()), ""});
    if (load_be32(*bytes, 8) != kVersion)
        return failure(UserError{"a snoop version that is not known", name + place_in(*feed, 8), ""});
    const std::uint32_t type = load_be32(*bytes, 12);
    const auto link_type = link_type_of(type);
    if (!link_type)
        return failure(UserError{concat("snoop's data link type ", type, " is not known"),
                                 name + place_in(*feed, 12), ""});
    feed->skip(kFileHeader);
    std::unique_ptr<SnoopSource> source(new SnoopSource(std::move(feed), std::move(name)));
    source->interface_.link_type = *link_type;
    return source;
}

/// Each record says its own length, padding included.
RecordSource::Found SnoopSource::find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) {
    Found found;
    while (found.packets < batch.size()) {
        const ByteSpan rest = window.subspan(found.consumed);
        found.needed = kRecordHeader;
        if (rest.size() < kRecordHeader) break;
        const std::uint32_t captured = load_be32(rest, 4);
        const std::uint32_t length = load_be32(rest, 8);
        if (length < kRecordHeader || captured > length - kRecordHeader || captured > kPcapMaxCaptured ||
            length - captured > kPcapMaxCaptured) {
            found.damage = "the capture is damaged: a packet claims an impossible length";
            break;
        }
        found.needed = length;
        if (rest.size() < length) break;
        RawPacket& packet = batch[found.packets++];
        packet = {};
        packet.at = Instant{std::int64_t{load_be32(rest, 16)} * 1'000'000'000 +
                            std::int64_t{load_be32(rest, 20)} * 1'000};
        packet.original_length = load_be32(rest, 0);
        packet.link_type = interface_.link_type;
        packet.offset = offset + found.consumed;
        packet.bytes = rest.subspan(kRecordHeader, captured);
        found.consumed += length;
    }
    return found;
}

}  // namespace synscope::source
