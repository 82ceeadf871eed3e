#include "net/wire/transport.hpp"

#include <algorithm>
#include <cstring>

#include "net/wire/ethernet.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/icmpv6.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/ipv6.hpp"
#include "net/wire/network.hpp"
#include "net/wire/tcp.hpp"
#include "net/wire/udp.hpp"

namespace synscope::wire {
namespace {

/// Sets where the transport header starts, how long the IP payload is and how much of it was captured.
/// `claimed` is the payload length by the header, nothing when it does not say; the frame bounds it either
/// way, as padding and nonsense must not become payload.
void set_payload(IpPacket& packet, ByteSpan frame, std::uint32_t original_length, std::size_t at,
                 std::optional<std::uint32_t> claimed) noexcept {
    const std::uint32_t on_wire =
        std::max(original_length, static_cast<std::uint32_t>(frame.size())) - static_cast<std::uint32_t>(at);
    packet.payload_offset = at;
    packet.payload_length = claimed ? std::min(*claimed, on_wire) : on_wire;
    packet.payload = frame.subspan(at, std::min<std::size_t>(packet.payload_length, frame.size() - at));
}

std::optional<IpPacket> read_ipv4(ByteSpan frame, std::size_t at, std::uint32_t original_length) noexcept {
    const auto view = Ipv4View::parse(frame.subspan(at));
    if (!view) return std::nullopt;
    const auto header = static_cast<std::uint32_t>(view->header_length());
    std::optional<std::uint32_t> claimed;
    if (view->total_length() != 0) {
        if (view->total_length() < header) return std::nullopt;
        claimed = view->total_length() - header;
    }
    IpPacket packet;
    packet.source = view->source();
    packet.destination = view->destination();
    packet.protocol = view->protocol();
    packet.more_fragments = view->more_fragments();
    packet.fragment_offset = view->fragment_offset();
    packet.fragment = packet.more_fragments || packet.fragment_offset != 0;
    packet.first_fragment = packet.more_fragments && packet.fragment_offset == 0;
    packet.identification = view->identification();
    packet.header_offset = at;
    set_payload(packet, frame, original_length, at + header, claimed);
    if (packet.protocol == ip_protocol::kAuthentication) pass_extensions(packet);
    return packet;
}

std::optional<IpPacket> read_ipv6(ByteSpan frame, std::size_t at, std::uint32_t original_length) noexcept {
    const auto view = Ipv6View::parse(frame.subspan(at));
    if (!view) return std::nullopt;
    IpPacket packet;
    packet.source = view->source();
    packet.destination = view->destination();
    packet.protocol = view->next_header();
    packet.header_offset = at;
    std::optional<std::uint32_t> claimed;
    if (view->payload_length() != 0) claimed = view->payload_length();
    set_payload(packet, frame, original_length, at + Ipv6View::kSize, claimed);
    pass_extensions(packet);
    return packet;
}

/// Writes in place, and the address as one word: single octets would stall the loads of whoever copies it.
void set_endpoint(Endpoint& out, ByteSpan frame, std::size_t address_at, std::size_t port_at) noexcept {
    out.address.family = 4;
    std::memcpy(out.address.octets.data(), frame.data() + address_at, 4);
    out.port = load_be16(frame, port_at);
}

}  // namespace

void pass_extensions(IpPacket& packet) noexcept {
    for (int i = 0; i < ip_protocol::kMaxExtensions && ip_protocol::is_ipv6_extension(packet.protocol) &&
                    !packet.fragment;
         ++i) {
        const auto extension = Ipv6ExtensionView::parse(packet.protocol, packet.payload);
        if (!extension) return;
        const std::size_t size = extension->size();
        packet.protocol = extension->next_header();
        packet.payload_offset += size;
        packet.payload_length -= static_cast<std::uint32_t>(size);
        packet.payload = packet.payload.subspan(size);
        // What follows a fragment's header belongs to the datagram that is still to be put together.
        if (!extension->fragment()) continue;
        packet.fragment = true;
        packet.fragment_offset = extension->fragment_offset();
        packet.first_fragment = packet.fragment_offset == 0;
        packet.more_fragments = extension->more_fragments();
        packet.identification = extension->identification();
    }
}

std::optional<IpPacket> read_ip(std::uint16_t type, ByteSpan frame, std::size_t at,
                                std::uint32_t original_length) noexcept {
    if (at > frame.size()) return std::nullopt;
    if (type == ethertype::kIpv4) return read_ipv4(frame, at, original_length);
    if (type == ethertype::kIpv6) return read_ipv6(frame, at, original_length);
    return std::nullopt;
}

std::optional<IpPacket> find_ip(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto start = find_network(link, frame);
    if (!start) return std::nullopt;
    return read_ip(start->type, start->within(frame), start->at, start->within(original_length));
}

namespace {

/// A header that the capture cut (a snap length of 68 does that to the options of most SYNs) is one all the
/// same, as far as it is there. `wire_length` is the packet's own.
Parsed<TcpView> parse_cut_tcp(ByteSpan captured, std::uint32_t wire_length) noexcept {
    const auto view = TcpView::parse(captured);
    if (view || captured.size() >= wire_length) return view;
    return TcpView::parse_cut(captured, wire_length);
}

}  // namespace

std::optional<TcpSegment> read_tcp(const IpPacket& packet) noexcept {
    if (packet.fragment && !packet.first_fragment) return std::nullopt;
    const auto view = parse_cut_tcp(packet.payload, packet.payload_length);
    if (!view) return std::nullopt;
    TcpSegment segment;
    segment.source = {packet.source, view->source_port()};
    segment.destination = {packet.destination, view->destination_port()};
    segment.seq = view->seq();
    segment.ack = view->ack();
    segment.flags = view->flags();
    segment.window = view->window();
    const std::size_t header = std::min(view->header_length(), packet.payload.size());
    segment.header_cut = header < view->header_length();
    if (header >= TcpView::kMinSize) {
        segment.urgent = view->urgent();
        segment.options = packet.payload.subspan(TcpView::kMinSize, header - TcpView::kMinSize);
    }
    segment.payload_length = packet.payload_length - static_cast<std::uint32_t>(view->header_length());
    segment.payload_offset = packet.payload_offset + header;
    segment.payload = packet.payload.subspan(header);
    return segment;
}

std::optional<NamedTcp> read_named_tcp(const IpPacket& packet) noexcept {
    const ByteSpan bytes = packet.payload;
    const bool starts = !packet.fragment || packet.first_fragment;
    if (packet.protocol != ip_protocol::kTcp || !starts || bytes.size() < TcpView::kChecksumAt)
        return std::nullopt;
    NamedTcp named;
    named.source = {packet.source, load_be16(bytes, TcpView::kSourcePortAt)};
    named.destination = {packet.destination, load_be16(bytes, TcpView::kDestinationPortAt)};
    named.flags = TcpFlags{load_be16(bytes, TcpView::kOffsetAndFlagsAt)};
    return named;
}

std::optional<NamedTcp> read_quoted_tcp(const IpPacket& packet) noexcept {
    const auto quoted = [&](auto view, std::uint16_t type) -> std::optional<NamedTcp> {
        if (!view || !view->quotes_packet()) return std::nullopt;
        const ByteSpan rest = view->rest();
        // What was quoted may be longer than the quotation: its own header says how long.
        const auto ip = read_ip(type, rest, 0, static_cast<std::uint32_t>(rest.size()));
        return ip ? read_named_tcp(*ip) : std::nullopt;
    };
    if (packet.fragment) return std::nullopt;
    if (packet.protocol == ip_protocol::kIcmp)
        return quoted(IcmpView::parse(packet.payload), ethertype::kIpv4);
    if (packet.protocol == ip_protocol::kIcmpv6)
        return quoted(Icmpv6View::parse(packet.payload), ethertype::kIpv6);
    return std::nullopt;
}

std::optional<TcpSegment> find_usual_tcp(LinkType link, ByteSpan frame,
                                         std::uint32_t original_length) noexcept {
    std::optional<TcpSegment> out;
    constexpr std::size_t kIp = EthernetView::kSize;
    constexpr std::size_t kTcp = kIp + Ipv4View::kMinSize;
    if (link != LinkType::Ethernet || frame.size() < kTcp + TcpView::kMinSize) return out;
    const bool usual =
        // EtherType, version and header length; then protocol; then offset and "more fragments".
        load_be32(frame, EthernetView::kTypeAt) >> 8 == 0x080045 &&
        load_u8(frame, kIp + Ipv4View::kProtocolAt) == ip_protocol::kTcp &&
        (load_be16(frame, kIp + Ipv4View::kFragmentAt) & 0x3fff) == 0;
    const std::uint32_t total = load_be16(frame, kIp + Ipv4View::kTotalLengthAt);
    const std::uint32_t header = std::uint32_t{load_u8(frame, kTcp + TcpView::kOffsetAndFlagsAt)} >> 4 << 2;
    const auto captured = static_cast<std::uint32_t>(frame.size() - kIp);
    if (!usual || header < TcpView::kMinSize || Ipv4View::kMinSize + header > std::min(total, captured) ||
        total > std::max(original_length, static_cast<std::uint32_t>(frame.size())) - kIp)
        return out;
    TcpSegment& segment = out.emplace();
    set_endpoint(segment.source, frame, kIp + Ipv4View::kSourceAt, kTcp + TcpView::kSourcePortAt);
    set_endpoint(segment.destination, frame, kIp + Ipv4View::kDestinationAt,
                 kTcp + TcpView::kDestinationPortAt);
    segment.seq = Seq32{load_be32(frame, kTcp + TcpView::kSeqAt)};
    segment.ack = Seq32{load_be32(frame, kTcp + TcpView::kAckAt)};
    segment.flags = TcpFlags{load_be16(frame, kTcp + TcpView::kOffsetAndFlagsAt)};
    segment.window = load_be16(frame, kTcp + TcpView::kWindowAt);
    segment.urgent = load_be16(frame, kTcp + TcpView::kUrgentAt);
    segment.options = frame.subspan(kTcp + TcpView::kMinSize, header - TcpView::kMinSize);
    segment.payload_length = total - static_cast<std::uint32_t>(Ipv4View::kMinSize) - header;
    segment.payload_offset = kTcp + header;
    segment.payload = frame.subspan(kTcp + header, std::min(total, captured) - Ipv4View::kMinSize - header);
    return out;
}

std::optional<TcpSegment> find_tcp(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    if (auto usual = find_usual_tcp(link, frame, original_length)) return usual;
    auto packet = find_ip(link, frame, original_length);
    for (int depth = 0; packet && depth < kMaxIpHeaders; ++depth) {
        if (packet->protocol == ip_protocol::kTcp) return read_tcp(*packet);
        const ByteSpan inside = frame.first(packet->payload_offset + packet->payload.size());
        const auto length = static_cast<std::uint32_t>(packet->payload_offset) + packet->payload_length;
        const auto start = find_tunnelled(*packet);
        packet = start ? read_ip(start->type, start->within(inside), start->at, start->within(length))
                       : std::nullopt;
    }
    return std::nullopt;
}

std::optional<UdpDatagram> read_udp(const IpPacket& packet) noexcept {
    if (packet.fragment && !packet.first_fragment) return std::nullopt;
    const auto view = UdpView::parse(packet.payload);
    if (!view) return std::nullopt;
    UdpDatagram datagram;
    datagram.source = {packet.source, view->source_port()};
    datagram.destination = {packet.destination, view->destination_port()};
    datagram.payload_length = packet.payload_length - static_cast<std::uint32_t>(UdpView::kSize);
    // The UDP length may end the datagram before the IP payload does (RFC 768); it cannot lengthen it.
    if (view->length() >= UdpView::kSize)
        datagram.payload_length =
            std::min(datagram.payload_length, view->length() - static_cast<std::uint32_t>(UdpView::kSize));
    datagram.payload_offset = packet.payload_offset + UdpView::kSize;
    datagram.payload =
        view->rest().first(std::min<std::size_t>(view->rest().size(), datagram.payload_length));
    return datagram;
}

std::optional<UdpDatagram> find_udp(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto packet = find_ip(link, frame, original_length);
    if (!packet || packet->protocol != ip_protocol::kUdp) return std::nullopt;
    return read_udp(*packet);
}

}  // namespace synscope::wire
