#include "sim/host/observer.hpp"

#include "net/base/text.hpp"

namespace synscope::sim {

std::string BoxEvent::detail() const {
    switch (action) {
        case BoxAction::MacLearned:
        case BoxAction::MacMoved:
            return concat(mac.text(), " on port ", port);
        case BoxAction::MacForgotten:
            return mac.text();
        case BoxAction::Forwarded:
            return concat(mac.text(), " to port ", number);
        case BoxAction::Flooded:
            return concat(mac.text(), " to ", number, number == 1 ? " port" : " ports");
        case BoxAction::Filtered:
            return concat(mac.text(), " is on port ", port);
        case BoxAction::Routed:
            return concat("next hop ", address.text(), " on port ", number);
        case BoxAction::TtlDecreased:
            return concat(number + 1, " > ", number);
        case BoxAction::MacRewritten:
            return concat(was.source.text(), " > ", was.destination.text(), " to ", is.source.text(), " > ",
                          is.destination.text());
        case BoxAction::Fragmented:
        case BoxAction::Reassembled:
            return concat(number, number == 1 ? " fragment" : " fragments");
        case BoxAction::ReassemblyTimedOut:
            return concat(number, number == 1 ? " fragment" : " fragments", " from ", address.text());
        case BoxAction::ArpLearned:
            return concat(address.text(), " is at ", mac.text());
        case BoxAction::AddressConflict:
            return concat(address.text(), " is used by ", mac.text());
        case BoxAction::ArpExpired:
        case BoxAction::ArpFailed:
        case BoxAction::ArpQueued:
        case BoxAction::AddressTaken:
        case BoxAction::AddressGiven:
            return address.text();
    }
    return {};
}

}  // namespace synscope::sim
