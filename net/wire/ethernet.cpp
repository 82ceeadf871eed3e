#include "net/wire/ethernet.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string_view ethertype::name(std::uint16_t type) noexcept {
    switch (type) {
        case kIpv4:
            return "IPv4";
        case kArp:
            return "ARP";
        case kVlan:
            return "802.1Q";
        case kServiceVlan:
            return "802.1ad";
        case kOldQinq:
            return "802.1QinQ";
        case kIpv6:
            return "IPv6";
        case kBridged:
            return "bridged Ethernet";
        case kPpp:
            return "PPP";
        case kErspan2:
        case kErspan3:
            return "ERSPAN";
        case 0x8035:
            return "RARP";
        case kMpls:
            return "MPLS";
        case kMplsMulticast:
            return "MPLS multicast";
        case kPppoeDiscovery:
            return "PPPoE discovery";
        case kPppoeSession:
            return "PPPoE session";
        case 0x888e:
            return "802.1X";
        case 0x88cc:
            return "LLDP";
        case 0x88e5:
            return "MACsec";
        default:
            return {};
    }
}

std::string MacAddress::text() const {
    std::string out;
    for (const std::uint8_t octet : octets) {
        if (!out.empty()) out += ':';
        append(out, Hex{octet, 2});
    }
    return out;
}

std::string EthernetHeader::text() const {
    std::string out = concat(source.text(), " > ", destination.text());
    if (type < ethertype::kSmallest) return concat(out, ", 802.3, length ", type);
    const auto known = ethertype::name(type);
    return concat(out, ", ethertype ", known.empty() ? "unknown" : known, " (0x", Hex{type, 4}, ')');
}

}  // namespace synscope::wire
