#include "net/wire/link_type.hpp"

namespace synscope::wire {

std::string_view link_type_name(LinkType type) noexcept {
    switch (type) {
        case LinkType::Null:
            return "BSD loopback";
        case LinkType::Ethernet:
            return "Ethernet";
        case LinkType::Ppp:
            return "PPP";
        case LinkType::RawBsd:
        case LinkType::RawOpenBsd:
        case LinkType::Raw:
            return "raw IP";
        case LinkType::PppSerial:
            return "PPP in HDLC-like framing";
        case LinkType::PppEther:
            return "PPPoE";
        case LinkType::CiscoHdlc:
            return "Cisco HDLC";
        case LinkType::Loop:
            return "OpenBSD loopback";
        case LinkType::LinuxSll:
            return "Linux cooked v1";
        case LinkType::Ipv4:
            return "raw IPv4";
        case LinkType::Ipv6:
            return "raw IPv6";
        case LinkType::LinuxSll2:
            return "Linux cooked v2";
    }
    return {};
}

}  // namespace synscope::wire
