#pragma once
// A TCP segment between the TCP and the layer below it: what of the IP header matters to TCP, the TCP header
// as a value, and its text. Nobody serialises it unless somebody wants bytes (a capture, a TAP device, a
// corrupting link): checksum fields are filled in then. Thread rule: one thread per simulation (payload.hpp).

#include "net/base/address.hpp"
#include "net/wire/tcp.hpp"
#include "sim/core/payload.hpp"

namespace synscope::sim::tcp {

/// The ECN field of the IP header (RFC 3168 section 5).
enum class Ecn : std::uint8_t { NotEct = 0, Ect1 = 1, Ect0 = 2, Ce = 3 };

struct Segment {
    IpAddress source;
    IpAddress destination;
    Ecn ecn = Ecn::NotEct;
    std::uint8_t dscp = 0;  ///< differentiated services (RFC 2474), as the program set it
    std::uint8_t ttl = 64;
    bool dont_fragment = true;  ///< path MTU discovery (RFC 1191 section 3)
    wire::TcpHeader header;     ///< the checksum field means nothing
    Payload payload;

    /// RFC 9293 section 4, SEG.LEN: payload, SYN and FIN.
    [[nodiscard]] std::uint32_t length() const noexcept {
        return static_cast<std::uint32_t>(payload.size()) +
               (header.flags.has(wire::TcpFlags::kSyn) ? 1u : 0u) +
               (header.flags.has(wire::TcpFlags::kFin) ? 1u : 0u);
    }
};

}  // namespace synscope::sim::tcp
