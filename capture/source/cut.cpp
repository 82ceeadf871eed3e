#include "capture/source/cut.hpp"

#include <algorithm>
#include <optional>

#include "net/wire/transport.hpp"

namespace synscope::source {
namespace {

constexpr std::uint8_t kProtocolIcmp = 1;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolUdp = 17;
constexpr std::uint8_t kProtocolIcmpV6 = 58;

/// The fixed part of a transport header, whatever state it is in. RFC 9293 section 3.1, RFC 768, RFC 792, RFC
/// 4443.
std::size_t fixed_header(std::uint8_t protocol) {
    switch (protocol) {
        case kProtocolTcp:
            return 20;
        case kProtocolUdp:
        case kProtocolIcmp:
        case kProtocolIcmpV6:
            return 8;
        default:
            return 0;
    }
}

/// The link header, and where the EtherType in it lies; nothing for links that carry IP only.
struct LinkShape {
    std::size_t length = 0;
    std::optional<std::size_t> ethertype_at;
};
LinkShape link_shape(wire::LinkType link) {
    switch (link) {
        case wire::LinkType::Ethernet:
            return {14, 12};
        case wire::LinkType::LinuxSll:
            return {16, 14};
        case wire::LinkType::LinuxSll2:
            return {20, 0};
        case wire::LinkType::Null:
        case wire::LinkType::Loop:
            return {4, std::nullopt};
        default:
            return {0, std::nullopt};
    }
}

constexpr std::uint16_t kEtherTypeArp = 0x0806;

}  // namespace

std::size_t headers_length(wire::LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto ip = wire::find_ip(link, frame, original_length);
    if (!ip) {
        const LinkShape shape = link_shape(link);
        const bool arp = shape.ethertype_at && frame.size() >= shape.length &&
                         load_be16(frame, *shape.ethertype_at) == kEtherTypeArp;
        return arp ? frame.size() : std::min(shape.length, frame.size());
    }
    std::size_t end = ip->payload_offset;
    if (!ip->fragment || ip->first_fragment) {
        end += fixed_header(ip->protocol);
        if (const auto tcp = wire::find_tcp(link, frame, original_length)) end = tcp->payload_offset;
    }
    return std::min(end, frame.size());
}

}  // namespace synscope::source
