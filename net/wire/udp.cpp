#include "net/wire/udp.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string UdpHeader::text() const {
    if (length < UdpView::kSize) return concat("UDP, bad length ", length);
    return concat("UDP, length ", length - UdpView::kSize);
}

}  // namespace synscope::wire
