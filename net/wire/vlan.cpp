#include "net/wire/vlan.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string VlanHeader::text() const {
    return concat("vlan ", vlan, ", p ", priority, drop_eligible ? ", DEI" : "");
}

}  // namespace synscope::wire
