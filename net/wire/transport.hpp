#pragma once
// The short way through a frame: from link layer to the transport header in one pass, no allocation, no text.
//
// The tracker runs on this; the dissectors (capture/dissect) take the long way and show every field. Both use
// the same checked views. Nothing here judges: a packet that is cut short or malformed yields nothing, and
// stays displayable. Fragments are put together by segment_finder.hpp, which is what a capture is read with;
// the functions here see one frame at a time. Thread rule: pure functions; spans point into `frame`.

#include <cstdint>
#include <optional>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/seq32.hpp"
#include "net/wire/link_type.hpp"
#include "net/wire/tcp_flags.hpp"

namespace synscope::wire {

/// An IP packet inside a frame, its header fields that matter for tracking.
struct IpPacket {
    IpAddress source;
    IpAddress destination;
    /// Of the payload, behind IPv6 extension headers. Of an IPv6 fragment: what its fragment header names.
    std::uint8_t protocol = 0;
    bool fragment = false;              ///< a fragment; `payload` is then only part of the datagram
    bool first_fragment = false;        ///< fragment with offset 0
    bool more_fragments = false;        ///< not the last fragment
    std::uint32_t fragment_offset = 0;  ///< of `payload` in the datagram, in bytes
    std::uint32_t identification = 0;   ///< of IPv4, or of an IPv6 fragment header
    std::size_t header_offset = 0;      ///< of the IP header in the frame
    std::size_t payload_offset = 0;     ///< of the transport header in the frame
    std::uint32_t payload_length = 0;   ///< by the IP header (or the frame, when the header says 0: offload)
    ByteSpan payload;                   ///< the captured part of it
};
/// The outermost one.
[[nodiscard]] std::optional<IpPacket> find_ip(LinkType link, ByteSpan frame,
                                              std::uint32_t original_length) noexcept;
/// The IP packet whose header lies at `at` in the frame; `type` is its EtherType. Nothing for other types.
[[nodiscard]] std::optional<IpPacket> read_ip(std::uint16_t type, ByteSpan frame, std::size_t at,
                                              std::uint32_t original_length) noexcept;
/// Goes behind the IPv6 extension headers (and AH) that `packet` starts with, up to a fragment's.
void pass_extensions(IpPacket& packet) noexcept;

/// A TCP segment inside a frame.
struct TcpSegment {
    Endpoint source;
    Endpoint destination;
    Seq32 seq;
    Seq32 ack;
    TcpFlags flags;
    std::uint16_t window = 0;  ///< as on the wire, not scaled
    std::uint16_t urgent = 0;
    ByteSpan options;  ///< raw; see tcp_options.hpp
    std::uint32_t payload_length =
        0;  ///< by the IP and TCP headers; may exceed `payload` when the capture was cut
    std::size_t payload_offset = 0;  ///< in the frame, or in the datagram when `reassembled`
    ByteSpan payload;                ///< the captured part
    /// Came in IP fragments: `options` and `payload` lie in the bytes that were put together.
    bool reassembled = false;
    /// The capture ends within its header: the end of `options`, and perhaps `urgent`, are missing.
    bool header_cut = false;

    /// Sequence numbers this segment takes: payload, plus one each for SYN and FIN.
    [[nodiscard]] constexpr std::uint32_t sequence_length() const noexcept {
        return payload_length + (flags.has(TcpFlags::kSyn) ? 1u : 0u) + (flags.has(TcpFlags::kFin) ? 1u : 0u);
    }
};
/// The ends of a TCP connection that a frame names by a header that is no segment of it.
struct NamedTcp {
    Endpoint source;
    Endpoint destination;
    TcpFlags flags;
};
/// From the first 16 bytes of a TCP header (up to its window), however long it says to be.
[[nodiscard]] std::optional<NamedTcp> read_named_tcp(const IpPacket& packet) noexcept;
/// Of an ICMP or ICMPv6 error: from the TCP header that it quotes (RFC 792, RFC 4443 section 2.4). Errors
/// that quote only the 8 bytes that RFC 792 asks for say too little.
[[nodiscard]] std::optional<NamedTcp> read_quoted_tcp(const IpPacket& packet) noexcept;
/// The innermost one, through tunnels (network.hpp); not one that an ICMP message quotes. Nothing when the
/// frame holds no TCP header (20 bytes at least; of one that the capture cut, 16), or a fragment
/// other than a first one with a whole header.
[[nodiscard]] std::optional<TcpSegment> find_tcp(LinkType link, ByteSpan frame,
                                                 std::uint32_t original_length) noexcept;
/// Of one IP packet whose protocol is TCP.
[[nodiscard]] std::optional<TcpSegment> read_tcp(const IpPacket& packet) noexcept;
/// Exactly what find_tcp() would say, for the frame that nearly every frame is (Ethernet, IPv4 without
/// options or fragments, TCP) and at a fraction of the cost; nothing for all others.
[[nodiscard]] std::optional<TcpSegment> find_usual_tcp(LinkType link, ByteSpan frame,
                                                       std::uint32_t original_length) noexcept;

/// The ports of a UDP datagram inside a frame, and what it carries.
struct UdpDatagram {
    Endpoint source;
    Endpoint destination;
    std::uint32_t payload_length = 0;
    std::size_t payload_offset = 0;
    ByteSpan payload;
};
/// Of the outermost IP packet.
[[nodiscard]] std::optional<UdpDatagram> find_udp(LinkType link, ByteSpan frame,
                                                  std::uint32_t original_length) noexcept;

/// Of one IP packet whose protocol is UDP.
[[nodiscard]] std::optional<UdpDatagram> read_udp(const IpPacket& packet) noexcept;

}  // namespace synscope::wire
