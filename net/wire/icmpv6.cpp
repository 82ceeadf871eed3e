#include "net/wire/icmpv6.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string_view icmpv6_type_name(std::uint8_t type) noexcept {
    switch (type) {
        case Icmpv6View::kUnreachable:
            return "destination unreachable";
        case Icmpv6View::kPacketTooBig:
            return "packet too big";
        case Icmpv6View::kTimeExceeded:
            return "time exceeded";
        case Icmpv6View::kParameterProblem:
            return "parameter problem";
        case Icmpv6View::kEchoRequest:
            return "echo request";
        case Icmpv6View::kEchoReply:
            return "echo reply";
        case 130:
            return "multicast listener query";
        case 131:
            return "multicast listener report";
        case 132:
            return "multicast listener done";
        case 133:
            return "router solicitation";
        case 134:
            return "router advertisement";
        case Icmpv6View::kNeighborSolicitation:
            return "neighbor solicitation";
        case Icmpv6View::kNeighborAdvertisement:
            return "neighbor advertisement";
        case 137:
            return "redirect";
        case 143:
            return "multicast listener report v2";
        default:
            return {};
    }
}

std::string_view icmpv6_code_name(std::uint8_t type, std::uint8_t code) noexcept {
    if (type == Icmpv6View::kUnreachable) {
        switch (code) {
            case 0:
                return "no route";
            case 1:
                return "administratively prohibited";
            case 2:
                return "beyond scope";
            case 3:
                return "address unreachable";
            case 4:
                return "port unreachable";
            default:
                return {};
        }
    }
    if (type == Icmpv6View::kTimeExceeded) {
        if (code == 0) return "in transit";
        if (code == 1) return "while reassembling";
    }
    return {};
}

std::string Icmpv6Types::text(std::uint8_t type, std::uint8_t code, std::uint32_t word) {
    const auto kind = icmpv6_type_name(type);
    const auto detail = icmpv6_code_name(type, code);
    if (kind.empty()) return concat("ICMP6, type ", type, ", code ", code);
    std::string out = concat("ICMP6, ", kind);
    if (!detail.empty()) append(out, concat(", ", detail));
    if (type == Icmpv6View::kEchoRequest || type == Icmpv6View::kEchoReply)
        append(out, concat(", id ", word >> 16, ", seq ", word & 0xffff));
    if (type == Icmpv6View::kPacketTooBig) append(out, concat(", mtu ", word));
    return out;
}

}  // namespace synscope::wire
