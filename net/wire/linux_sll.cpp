#include "net/wire/linux_sll.hpp"

#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::wire {

std::string_view sll_packet_type_name(std::uint16_t type) noexcept {
    switch (type) {
        case 0:
            return "in";
        case 1:
            return "broadcast";
        case 2:
            return "multicast";
        case 3:
            return "other host";
        case 4:
            return "out";
        default:
            return "?";
    }
}

std::string LinuxSllHeader::text() const {
    const auto known = ethertype::name(protocol);
    return concat("cooked ", sll_packet_type_name(packet_type), ", ethertype ",
                  known.empty() ? "unknown" : known, " (0x", Hex{protocol, 4}, ')');
}

}  // namespace synscope::wire
