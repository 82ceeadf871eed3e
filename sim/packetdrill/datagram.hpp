#pragma once
// Between TCP segments and IP datagrams as bytes: packetdrill speaks in whole datagrams, IPv4 (RFC 791) or
// IPv6 (RFC 8200), with every checksum right. No fragments. Thread rule: pure functions.

#include <cstdint>
#include <variant>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"
#include "sim/tcp/segment.hpp"

namespace synscope::packetdrill {

/// An ICMP or ICMPv6 message that quotes the start of a TCP segment that its receiver sent.
struct QuotedError {
    std::uint8_t family = 4;  ///< 4: ICMP, 6: ICMPv6; `type` and `code` are numbers of that protocol
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t word = 0;  ///< bytes 4 to 7: the next hop's MTU
    Endpoint source;         ///< of the quoted segment: the receiver of this message
    Endpoint destination;
    Seq32 seq;
};

/// Why a datagram does not reach the TCP.
enum class Refused : std::uint8_t { Malformed, WrongChecksum, NotTcp };

using Inbound = std::variant<sim::tcp::Segment, QuotedError>;
[[nodiscard]] Result<Inbound, Refused> read_datagram(ByteSpan datagram);

/// The family of the source address says which IP it is. `traffic_class`: DSCP, its ECN bits are not used.
[[nodiscard]] std::vector<std::byte> write_datagram(const sim::tcp::Segment& segment,
                                                    std::uint8_t traffic_class);

}  // namespace synscope::packetdrill
