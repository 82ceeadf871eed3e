#include "net/wire/arp.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string ArpHeader::text() const {
    switch (operation) {
        case ArpView::kRequest:
            return concat("ARP, Request who-has ", target_ip.text(), " tell ", sender_ip.text());
        case ArpView::kReply:
            return concat("ARP, Reply ", sender_ip.text(), " is-at ", sender_mac.text());
        default:
            return concat("ARP, operation ", operation);
    }
}

}  // namespace synscope::wire
