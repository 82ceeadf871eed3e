#include "net/wire/ip_protocol.hpp"

namespace synscope::wire {

std::string_view ip_protocol::name(std::uint8_t number) noexcept {
    switch (number) {
        case kHopByHop:
            return "hop-by-hop options";
        case kIcmp:
            return "ICMP";
        case kIgmp:
            return "IGMP";
        case kIpv4:
            return "IPv4";
        case kTcp:
            return "TCP";
        case kUdp:
            return "UDP";
        case kIpv6:
            return "IPv6";
        case kRouting:
            return "routing header";
        case kFragment:
            return "fragment header";
        case kGre:
            return "GRE";
        case kEsp:
            return "ESP";
        case kAuthentication:
            return "AH";
        case kIcmpv6:
            return "ICMPv6";
        case kNoNextHeader:
            return "no next header";
        case kDestinationOptions:
            return "destination options";
        case 89:
            return "OSPF";
        case kEtherIp:
            return "EtherIP";
        case 103:
            return "PIM";
        case 112:
            return "VRRP";
        case kSctp:
            return "SCTP";
        case kMplsInIp:
            return "MPLS in IP";
        case kMobility:
            return "mobility header";
        default:
            return {};
    }
}

}  // namespace synscope::wire
