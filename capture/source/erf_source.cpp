#include "capture/source/erf_source.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace synscope::source {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::size_t kExtension = 8;
constexpr std::size_t kEthernetPad = 2;  // an offset and a reserved byte before the frame
constexpr std::uint8_t kLastType = 27;
constexpr std::uint8_t kPadding = 48;
constexpr std::uint8_t kMore = 0x80;  // of a type: an extension header follows
constexpr std::size_t kRecordsToBelieve = 16;
constexpr std::uint32_t kEarliest = 631'152'000;  // 1990: there was no such card before

constexpr auto kCiscoHdlc = static_cast<wire::LinkType>(104);
constexpr auto kErf = static_cast<wire::LinkType>(197);

unsigned type_of(ByteSpan record) {
    return load_u8(record, 8) & 0x7fu;
}

/// Seconds and their binary fraction, little-endian, unlike all the rest. To the nearest nanosecond.
Instant time_of(ByteSpan record) {
    const std::uint64_t fraction = load_le32(record, 0);
    return Instant{std::int64_t{load_le32(record, 4)} * 1'000'000'000 +
                   static_cast<std::int64_t>((fraction * 1'000'000'000 + (std::uint64_t{1} << 31)) >> 32)};
}

struct Content {
    wire::LinkType link_type = kErf;
    ByteSpan bytes;
};

wire::LinkType hdlc_kind(ByteSpan bytes) {
    // Cisco HDLC begins with the address 0x0f (unicast) or 0x8f (broadcast), PPP (RFC 1662) with anything
    // else.
    const std::uint8_t address = bytes.empty() ? 0 : load_u8(bytes, 0);
    return address == 0x0f || address == 0x8f ? kCiscoHdlc : wire::LinkType::Ppp;
}

Content content_of(ByteSpan record) {
    std::size_t at = kHeader;
    for (bool more = (load_u8(record, 8) & kMore) != 0; more && at + kExtension <= record.size();
         at += kExtension)
        more = (load_u8(record, at) & kMore) != 0;
    const ByteSpan bytes = record.subspan(std::min(at, record.size()));
    switch (type_of(record)) {
        case 1:   // HDLC
        case 10:  // with a color
        case 15:
        case 19:
            return {hdlc_kind(bytes), bytes};
        case 2:   // Ethernet
        case 11:  // with a color
        case 16:
        case 20:
            return {wire::LinkType::Ethernet, bytes.subspan(std::min(kEthernetPad, bytes.size()))};
        case 22:
            return {wire::LinkType::Ipv4, bytes};
        case 23:
            return {wire::LinkType::Ipv6, bytes};
        default:
            return {kErf, record};
    }
}

bool believable(ByteSpan record) {
    const unsigned type = type_of(record);
    return ((type >= 1 && type <= kLastType) || type == kPadding) && load_be16(record, 10) >= kHeader;
}

}  // namespace

bool ErfSource::matches(ByteSpan bytes) noexcept {
    std::int64_t last_s = 0;
    std::size_t records = 0;
    for (; records < kRecordsToBelieve && bytes.size() >= kHeader; ++records) {
        constexpr std::int64_t kWeek = 7 * 24 * 3600;
        const std::int64_t second = load_le32(bytes, 4);
        if (!believable(bytes) || second < kEarliest) return false;
        if (records > 0 && std::abs(second - last_s) > kWeek) return false;
        last_s = second;
        bytes = bytes.subspan(std::min<std::size_t>(load_be16(bytes, 10), bytes.size()));
    }
    return records > 0;
}

Result<std::unique_ptr<ErfSource>, UserError> ErfSource::open(std::unique_ptr<ByteFeed> feed,
                                                              std::string name) {
    return std::unique_ptr<ErfSource>(new ErfSource(std::move(feed), std::move(name)));
}

std::uint16_t ErfSource::interface_of(wire::LinkType link_type) {
    const auto known = std::find_if(interfaces_.begin(), interfaces_.end(),
                                    [&](const trace::Interface& i) { return i.link_type == link_type; });
    const auto index = static_cast<std::uint16_t>(known - interfaces_.begin());
    if (known == interfaces_.end()) interfaces_.push_back({link_type, 0, "", "", ""});
    return index;
}

RecordSource::Found ErfSource::find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) {
    Found found;
    while (found.packets < batch.size()) {
        const ByteSpan rest = window.subspan(found.consumed);
        found.needed = kHeader;
        if (rest.size() < kHeader) break;
        if (!believable(rest)) {
            found.damage = "the capture is damaged: this is no ERF record";
            break;
        }
        found.needed = load_be16(rest, 10);
        if (rest.size() < found.needed) break;
        const ByteSpan record = rest.first(found.needed);
        const std::uint64_t at = offset + found.consumed;
        found.consumed += record.size();
        if (type_of(record) == kPadding) continue;
        const Content content = content_of(record);
        const std::size_t on_wire = load_be16(record, 14);
        RawPacket& packet = batch[found.packets++];
        packet = {};
        packet.at = time_of(record);
        packet.link_type = content.link_type;
        packet.interface = interface_of(content.link_type);
        packet.offset = at;
        // The record is padded to 64 bits; what is behind the packet's length on the wire is not the
        // packet's.
        packet.bytes = content.link_type == kErf
                           ? content.bytes
                           : content.bytes.first(std::min(content.bytes.size(), on_wire));
        packet.original_length = static_cast<std::uint32_t>(std::max(on_wire, packet.bytes.size()));
    }
    return found;
}

}  // namespace synscope::source
