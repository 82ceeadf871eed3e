#include "net/wire/transport.hpp"

#include <algorithm>

#include "net/wire/ethernet.hpp"
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

std::optional<IpPacket> find_ipv4(ByteSpan frame, std::size_t at, std::uint32_t original_length) noexcept {
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
    packet.fragment = view->more_fragments() || view->fragment_offset() != 0;
    packet.first_fragment = view->more_fragments() && view->fragment_offset() == 0;
    packet.header_offset = at;
    set_payload(packet, frame, original_length, at + header, claimed);
    return packet;
}

std::optional<IpPacket> find_ipv6(ByteSpan frame, std::size_t at, std::uint32_t original_length) noexcept {
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
    for (int i = 0; ip_protocol::is_ipv6_extension(packet.protocol); ++i) {
        const auto extension = Ipv6ExtensionView::parse(packet.protocol, packet.payload);
        if (!extension || i == ip_protocol::kMaxExtensions) return std::nullopt;
        const std::size_t size = extension->size();
        packet.protocol = extension->next_header();
        packet.payload_offset += size;
        packet.payload_length -= static_cast<std::uint32_t>(size);
        packet.payload = packet.payload.subspan(size);
        if (extension->fragment()) {
            packet.fragment = true;
            packet.first_fragment = extension->fragment_offset() == 0;
            // Behind a later fragment's header come bytes from the middle of the datagram, not another
            // header.
            if (!packet.first_fragment) break;
        }
    }
    return packet;
}

}  // namespace

std::optional<IpPacket> find_ip(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto start = find_network(link, frame);
    if (!start) return std::nullopt;
    if (start->type == ethertype::kIpv4) return find_ipv4(frame, start->at, original_length);
    if (start->type == ethertype::kIpv6) return find_ipv6(frame, start->at, original_length);
    return std::nullopt;
}

std::optional<TcpSegment> find_tcp(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto packet = find_ip(link, frame, original_length);
    if (!packet || packet->protocol != ip_protocol::kTcp) return std::nullopt;
    if (packet->fragment && !packet->first_fragment) return std::nullopt;
    const auto view = TcpView::parse(packet->payload);
    if (!view) return std::nullopt;
    TcpSegment segment;
    segment.source = {packet->source, view->source_port()};
    segment.destination = {packet->destination, view->destination_port()};
    segment.seq = view->seq();
    segment.ack = view->ack();
    segment.flags = view->flags();
    segment.window = view->window();
    segment.urgent = view->urgent();
    segment.options = view->options();
    segment.payload_length = packet->payload_length - static_cast<std::uint32_t>(view->header_length());
    segment.payload_offset = packet->payload_offset + view->header_length();
    segment.payload = view->rest();
    return segment;
}

std::optional<UdpDatagram> find_udp(LinkType link, ByteSpan frame, std::uint32_t original_length) noexcept {
    const auto packet = find_ip(link, frame, original_length);
    if (!packet || packet->protocol != ip_protocol::kUdp) return std::nullopt;
    if (packet->fragment && !packet->first_fragment) return std::nullopt;
    const auto view = UdpView::parse(packet->payload);
    if (!view) return std::nullopt;
    UdpDatagram datagram;
    datagram.source = {packet->source, view->source_port()};
    datagram.destination = {packet->destination, view->destination_port()};
    datagram.payload_length = packet->payload_length - static_cast<std::uint32_t>(UdpView::kSize);
    // The UDP length may end the datagram before the IP payload does (RFC 768); it cannot lengthen it.
    if (view->length() >= UdpView::kSize)
        datagram.payload_length =
            std::min(datagram.payload_length, view->length() - static_cast<std::uint32_t>(UdpView::kSize));
    datagram.payload_offset = packet->payload_offset + UdpView::kSize;
    datagram.payload =
        view->rest().first(std::min<std::size_t>(view->rest().size(), datagram.payload_length));
    return datagram;
}

}  // namespace synscope::wire
