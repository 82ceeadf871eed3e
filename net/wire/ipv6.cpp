#include "net/wire/ipv6.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string Ipv6Header::text() const {
    const auto known = ip_protocol::name(next_header);
    return concat("IP6 ", source.text(), " > ", destination.text(), ": hlim ", hop_limit, ", next-header ",
                  known.empty() ? "unknown" : known, " (", next_header, "), payload length ", payload_length);
}

}  // namespace synscope::wire
