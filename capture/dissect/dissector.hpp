#pragma once
// What one dissector is: a function that shows one layer and says what follows it. The tables that map
// numbers to functions are in dissectors.cpp; none registers itself, none calls another. Thread rule: pure
// functions.

#include <cstdint>
#include <optional>

#include "capture/dissect/dissection.hpp"
#include "net/base/address.hpp"
#include "net/base/instant.hpp"
#include "net/wire/header.hpp"
#include "net/wire/ip_fragments.hpp"

namespace synscope::dissect {

/// The bytes from a layer's start to the end of what encloses it.
struct Piece {
    ByteSpan bytes;            ///< as far as captured
    std::size_t at = 0;        ///< in the frame, or in the bytes that were put together
    std::uint32_t length = 0;  ///< on the wire; at least bytes.size()

    [[nodiscard]] bool cut() const noexcept { return bytes.size() < length; }
    /// Without its first `size` bytes, which are there.
    [[nodiscard]] Piece behind(std::size_t size) const noexcept;
    /// Its first `size` bytes at most.
    [[nodiscard]] Piece first(std::uint32_t size) const noexcept;
};

/// What outer layers tell inner ones.
struct State {
    IpAddress source;  ///< of the innermost IP header so far
    IpAddress destination;
    bool fragment = false;                   ///< what follows is not a whole datagram
    bool quoted = false;                     ///< inside the packet that an ICMP error quotes
    std::optional<std::size_t> network_end;  ///< where the outermost network layer ends, in the frame
    std::uint16_t source_port = 0;           ///< of the innermost transport header so far
    std::uint16_t destination_port = 0;
    wire::FragmentTable* fragments = nullptr;  ///< none: fragments are shown as they are
    Instant at;
    /// Nobody looks at more than which layers follow each other: fields, titles and notes may be left out.
    bool names_only = false;
};

enum class NextBy : std::uint8_t {
    Nothing,
    EtherType,
    IpProtocol,
    Link,  ///< a link layer inside a tunnel; the number is a link type
    Tcp,   ///< what a TCP segment carries: by State's ports and its first bytes
    Udp,   ///< the same for UDP
    Llc,
    Data,
};
struct Next {
    NextBy by = NextBy::Nothing;
    std::uint16_t number = 0;
    Piece piece;
    /// When not empty, what follows is this instead of `piece`.
    DerivedBytes derived = {};
};

/// Of a fragment: what follows it, the whole datagram if this was its last missing piece and somebody keeps
/// the pieces (State::fragments), else bytes. `packet` says all but payload and addresses.
[[nodiscard]] Next behind_fragment(wire::IpPacket packet, const Piece& inside, State& state, Layer& layer);

using Dissector = Next (*)(const Piece&, State&, Layer&);

Next dissect_ethernet(const Piece& piece, State& state, Layer& layer);
Next dissect_vlan(const Piece& piece, State& state, Layer& layer);
Next dissect_loopback(const Piece& piece, State& state, Layer& layer);
Next dissect_linux_sll(const Piece& piece, State& state, Layer& layer);
Next dissect_linux_sll2(const Piece& piece, State& state, Layer& layer);
Next dissect_ppp(const Piece& piece, State& state, Layer& layer);
Next dissect_raw_ip(const Piece& piece, State& state, Layer& layer);
Next dissect_arp(const Piece& piece, State& state, Layer& layer);
Next dissect_ipv4(const Piece& piece, State& state, Layer& layer);
Next dissect_ipv6(const Piece& piece, State& state, Layer& layer);
Next dissect_hop_by_hop(const Piece& piece, State& state, Layer& layer);
Next dissect_routing(const Piece& piece, State& state, Layer& layer);
Next dissect_fragment(const Piece& piece, State& state, Layer& layer);
Next dissect_authentication(const Piece& piece, State& state, Layer& layer);
Next dissect_destination_options(const Piece& piece, State& state, Layer& layer);
Next dissect_icmp(const Piece& piece, State& state, Layer& layer);
Next dissect_icmpv6(const Piece& piece, State& state, Layer& layer);
Next dissect_udp(const Piece& piece, State& state, Layer& layer);
Next dissect_tcp(const Piece& piece, State& state, Layer& layer);
Next dissect_gre(const Piece& piece, State& state, Layer& layer);
Next dissect_erspan(const Piece& piece, State& state, Layer& layer);
Next dissect_vxlan(const Piece& piece, State& state, Layer& layer);
Next dissect_geneve(const Piece& piece, State& state, Layer& layer);
Next dissect_teredo(const Piece& piece, State& state, Layer& layer);
Next dissect_pppoe(const Piece& piece, State& state, Layer& layer);
Next dissect_mpls(const Piece& piece, State& state, Layer& layer);
Next dissect_cisco_hdlc(const Piece& piece, State& state, Layer& layer);
Next dissect_dns(const Piece& piece, State& state, Layer& layer);
Next dissect_dns_over_tcp(const Piece& piece, State& state, Layer& layer);
Next dissect_dhcp(const Piece& piece, State& state, Layer& layer);
Next dissect_http(const Piece& piece, State& state, Layer& layer);
Next dissect_tls(const Piece& piece, State& state, Layer& layer);
Next dissect_data(const Piece& piece, State& state, Layer& layer);

/// Where the tables lead. Null function: not dissected.
struct Row {
    std::string_view protocol;
    std::string_view path;
    Dissector dissect = nullptr;
};
[[nodiscard]] Row row_for_link(std::uint16_t link) noexcept;
[[nodiscard]] Row row_for(NextBy by, std::uint16_t number) noexcept;
/// For NextBy::Tcp and NextBy::Udp.
[[nodiscard]] Row row_for_payload(NextBy by, const State& state, const Piece& piece) noexcept;

// Whether bytes look like these protocols.
[[nodiscard]] bool looks_like_dns_over_tcp(ByteSpan bytes) noexcept;
[[nodiscard]] bool looks_like_http(ByteSpan bytes) noexcept;
[[nodiscard]] bool looks_like_tls(ByteSpan bytes) noexcept;

}  // namespace synscope::dissect
