#include "net/wire/icmp.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string_view icmp_type_name(std::uint8_t type) noexcept {
    switch (type) {
        case IcmpView::kEchoReply:
            return "echo reply";
        case IcmpView::kUnreachable:
            return "destination unreachable";
        case 4:
            return "source quench";
        case IcmpView::kRedirect:
            return "redirect";
        case IcmpView::kEchoRequest:
            return "echo request";
        case 9:
            return "router advertisement";
        case 10:
            return "router solicitation";
        case IcmpView::kTimeExceeded:
            return "time exceeded";
        case IcmpView::kParameterProblem:
            return "parameter problem";
        case 13:
            return "timestamp request";
        case 14:
            return "timestamp reply";
        default:
            return {};
    }
}

std::string_view icmp_code_name(std::uint8_t type, std::uint8_t code) noexcept {
    if (type == IcmpView::kUnreachable) {
        switch (code) {
            case 0:
                return "net unreachable";
            case 1:
                return "host unreachable";
            case 2:
                return "protocol unreachable";
            case 3:
                return "port unreachable";
            case 4:
                return "fragmentation needed but DF set";
            case 5:
                return "source route failed";
            case 9:
                return "net prohibited";
            case 10:
                return "host prohibited";
            case 13:
                return "administratively prohibited";
            default:
                return {};
        }
    }
    if (type == IcmpView::kTimeExceeded) {
        if (code == 0) return "in transit";
        if (code == 1) return "while reassembling";
    }
    return {};
}

std::string IcmpTypes::text(std::uint8_t type, std::uint8_t code, std::uint32_t word) {
    const auto kind = icmp_type_name(type);
    const auto detail = icmp_code_name(type, code);
    if (kind.empty()) return concat("ICMP type ", type, ", code ", code);
    std::string out = concat("ICMP ", kind);
    if (!detail.empty()) append(out, concat(", ", detail));
    if (type == IcmpView::kEchoRequest || type == IcmpView::kEchoReply)
        append(out, concat(", id ", word >> 16, ", seq ", word & 0xffff));
    if (type == IcmpView::kUnreachable && code == 4) append(out, concat(", mtu ", word & 0xffff));
    return out;
}

}  // namespace synscope::wire
