#include "net/wire/ipv4.hpp"

#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::wire {

std::string Ipv4Header::text() const {
    std::string out =
        concat("IP ", source.text(), " > ", destination.text(), ": ttl ", ttl, ", id ", identification);
    if (dont_fragment) out += ", DF";
    if (more_fragments || fragment_offset != 0)
        append(out, concat(", offset ", fragment_offset, more_fragments ? ", MF" : ""));
    const auto known = ip_protocol::name(protocol);
    return concat(out, ", proto ", known.empty() ? "unknown" : known, " (", protocol, "), length ",
                  total_length);
}

}  // namespace synscope::wire
