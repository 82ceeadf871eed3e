#include "net/wire/linux_sll2.hpp"

#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/linux_sll.hpp"

namespace synscope::wire {

std::string LinuxSll2Header::text() const {
    const auto known = ethertype::name(protocol);
    return concat("cooked ", sll_packet_type_name(packet_type), ", interface ", interface_index,
                  ", ethertype ", known.empty() ? "unknown" : known, " (0x", Hex{protocol, 4}, ')');
}

}  // namespace synscope::wire
