#pragma once
// A frame on a simulated wire, as a value: link addresses, and ARP, an IPv4 datagram, or bytes.
//
// Nobody computes a checksum or lays out bytes on the fast path: encode() does when bytes are wanted (a
// capture, a TAP device, a link that corrupts), with every length and checksum right, whatever the headers'
// fields say. decode() reads bytes from outside, which may be anything, and says what is wrong with them.
// What has come as bytes stays bytes until a host or router opens it: a switch does not look inside.
//
// Ownership: values; payloads share their blocks (sim/core/payload.hpp). Thread rule: one thread per
// simulation.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/base/event.hpp"
#include "net/wire/arp.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/udp.hpp"
#include "sim/core/payload.hpp"
#include "sim/core/rules.hpp"
#include "sim/tcp/segment.hpp"

namespace synscope::sim {

using wire::MacAddress;

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// Behind an IP header, not taken apart: a fragment, or a protocol that nobody here speaks.
struct RawTransport {
    Payload bytes;
};
struct UdpMessage {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Payload payload;
};
struct IcmpMessage {
    wire::IcmpHeader header;
    Payload rest;
};
/// Of a TCP segment the addresses, ECN, TTL and DF of its IP header count, not its own.
using Transport = std::variant<RawTransport, tcp::Segment, UdpMessage, IcmpMessage>;

struct Datagram {
    wire::Ipv4Header header;
    Transport transport;

    [[nodiscard]] bool fragment() const noexcept {
        return header.more_fragments || header.fragment_offset != 0;
    }
};
/// Anything else, and whatever came as bytes.
struct OtherFrame {
    std::uint16_t type = 0;  ///< EtherType, or the length of an 802.3 frame
    Payload bytes;           ///< behind the Ethernet header
};

struct Frame {
    MacAddress destination;
    MacAddress source;
    std::variant<OtherFrame, wire::ArpHeader, Datagram> body;
};

/// The protocol number; `otherwise` for bytes.
[[nodiscard]] constexpr std::uint8_t protocol_of(const Transport& transport,
                                                 std::uint8_t otherwise) noexcept {
    constexpr std::uint8_t kNumbers[] = {0, 6, 17, 1};  // TCP, UDP, ICMP
    return transport.index() == 0 ? otherwise : kNumbers[transport.index()];
}
/// Header and contents, as encoded.
[[nodiscard]] std::uint32_t transport_bytes(const Transport& transport) noexcept;
[[nodiscard]] std::uint32_t datagram_bytes(const Datagram& datagram) noexcept;
/// On the wire, Ethernet header included, without padding and frame check sequence.
[[nodiscard]] std::uint32_t frame_bytes(const Frame& frame) noexcept;

/// TCP, UDP or ICMP with its checksum; `header` gives the addresses of the pseudo header.
[[nodiscard]] Payload encode_transport(const wire::Ipv4Header& header, const Transport& transport);
/// The IP header alone, with length and checksum, for contents of so many bytes.
void encode_ip_header(wire::Ipv4Header header, std::uint32_t contents, MutableByteSpan out);
/// Appends the whole frame.
void encode(const Frame& frame, std::vector<std::byte>& out);
[[nodiscard]] Payload encode(const Frame& frame);

/// The Ethernet header read, the rest left as bytes; nothing when not even that is there.
[[nodiscard]] std::optional<Frame> frame_of(ByteSpan bytes);
/// Opens what came as bytes: ARP and IPv4 become values, other types stay as they are. The reason why a
/// receiver must drop it otherwise: Malformed, or Corrupted when a checksum is wrong.
[[nodiscard]] std::optional<DropReason> open(Frame& frame);
/// What a reassembled datagram carries.
[[nodiscard]] std::optional<DropReason> open_transport(const wire::Ipv4Header& header,
                                                       const Payload& contents, Transport& out);

/// What rules may ask about a frame. `with_flow`: TCP directions are named.
[[nodiscard]] PacketFacts facts_of(const Frame& frame, bool with_flow);

}  // namespace synscope::sim
