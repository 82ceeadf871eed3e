#include "sim/host/frame.hpp"

#include "net/base/hash.hpp"
#include "net/wire/checksum.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/tcp.hpp"

namespace synscope::sim {
namespace {

void encode_transport_into(const wire::Ipv4Header& ip, const Transport& transport, MutableByteSpan out) {
    std::visit(
        Overload{[&](const RawTransport& raw) { wire::copy_bytes(raw.bytes.span(), out); },
                 [&](const tcp::Segment& segment) {
                     wire::TcpHeader header = segment.header;
                     header.checksum = 0;
                     header.emit(out);
                     wire::copy_bytes(segment.payload.span(), out.subspan(header.encoded_size()));
                     store_be16(
                         out, wire::TcpView::kChecksumAt,
                         wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kTcp, out));
                 },
                 [&](const UdpMessage& udp) {
                     wire::UdpHeader{udp.source_port, udp.destination_port,
                                     static_cast<std::uint16_t>(out.size()), 0}
                         .emit(out);
                     wire::copy_bytes(udp.payload.span(), out.subspan(wire::UdpView::kSize));
                     const std::uint16_t sum =
                         wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kUdp, out);
                     store_be16(out, wire::UdpView::kChecksumAt, sum == 0 ? std::uint16_t{0xffff} : sum);
                 },
                 [&](const IcmpMessage& icmp) {
                     wire::IcmpHeader header = icmp.header;
                     header.checksum = 0;
                     header.emit(out);
                     wire::copy_bytes(icmp.rest.span(), out.subspan(wire::IcmpView::kSize));
                     store_be16(out, wire::IcmpView::kChecksumAt, wire::internet_checksum(out));
                 }},
        transport);
}

std::optional<DropReason> open_tcp(const wire::Ipv4Header& ip, const Payload& contents, Transport& out) {
    const auto view = wire::TcpView::parse(contents.span());
    if (!view) return DropReason::Malformed;
    if (wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kTcp, contents.span()) != 0)
        return DropReason::Corrupted;
    tcp::Segment segment;
    segment.source = ip.source;
    segment.destination = ip.destination;
    segment.ecn = static_cast<tcp::Ecn>(ip.ecn);
    segment.dscp = ip.dscp;
    segment.ttl = ip.ttl;
    segment.dont_fragment = ip.dont_fragment;
    segment.header = wire::TcpHeader::from(*view);
    segment.payload = contents.from(view->header_length());
    out = std::move(segment);
    return std::nullopt;
}

std::optional<DropReason> open_udp(const wire::Ipv4Header& ip, const Payload& contents, Transport& out) {
    const auto view = wire::UdpView::parse(contents.span());
    if (!view || view->length() < wire::UdpView::kSize || view->length() > contents.size())
        return DropReason::Malformed;
    const ByteSpan message = contents.span().first(view->length());
    if (view->checksum() != 0 &&
        wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kUdp, message) != 0)
        return DropReason::Corrupted;
    out = UdpMessage{view->source_port(), view->destination_port(),
                     contents.slice(wire::UdpView::kSize, message.size() - wire::UdpView::kSize)};
    return std::nullopt;
}

std::optional<DropReason> open_icmp(const Payload& contents, Transport& out) {
    const auto view = wire::IcmpView::parse(contents.span());
    if (!view) return DropReason::Malformed;
    if (wire::internet_checksum(contents.span()) != 0) return DropReason::Corrupted;
    out = IcmpMessage{wire::IcmpHeader::from(*view), contents.from(wire::IcmpView::kSize)};
    return std::nullopt;
}

std::optional<DropReason> open_ip(const Payload& bytes, Datagram& out) {
    const auto view = wire::Ipv4View::parse(bytes.span());
    if (!view || view->total_length() < view->header_length() || view->total_length() > bytes.size())
        return DropReason::Malformed;
    if (wire::internet_checksum(view->header()) != 0) return DropReason::Corrupted;
    out.header = wire::Ipv4Header::from(*view);
    const Payload contents = bytes.slice(view->header_length(), view->total_length() - view->header_length());
    if (out.fragment()) {
        out.transport = RawTransport{contents};
        return std::nullopt;
    }
    return open_transport(out.header, contents, out.transport);
}

std::uint64_t flow_of(const wire::Ipv4Header& ip, const wire::TcpHeader& tcp) noexcept {
    const std::uint64_t addresses = std::uint64_t{load_be32(std::as_bytes(std::span{ip.source.octets}), 0)}
                                        << 32 |
                                    load_be32(std::as_bytes(std::span{ip.destination.octets}), 0);
    const std::uint64_t ports = std::uint64_t{tcp.source_port} << 16 | tcp.destination_port;
    return hash_mix(hash_mix(addresses) + ports);
}

}  // namespace

std::uint32_t transport_bytes(const Transport& transport) noexcept {
    const std::size_t size =
        std::visit(Overload{[](const RawTransport& raw) { return raw.bytes.size(); },
                            [](const tcp::Segment& segment) {
                                return segment.header.encoded_size() + segment.payload.size();
                            },
                            [](const UdpMessage& udp) { return wire::UdpView::kSize + udp.payload.size(); },
                            [](const IcmpMessage& icmp) { return wire::IcmpView::kSize + icmp.rest.size(); }},
                   transport);
    return static_cast<std::uint32_t>(size);
}

std::uint32_t datagram_bytes(const Datagram& datagram) noexcept {
    return static_cast<std::uint32_t>(datagram.header.encoded_size()) + transport_bytes(datagram.transport);
}

std::uint32_t frame_bytes(const Frame& frame) noexcept {
    const std::size_t size =
        std::visit(Overload{[](const OtherFrame& other) { return other.bytes.size(); },
                            [](const wire::ArpHeader&) { return wire::ArpView::kSize; },
                            [](const Datagram& datagram) { return std::size_t{datagram_bytes(datagram)}; }},
                   frame.body);
    return static_cast<std::uint32_t>(wire::EthernetView::kSize + size);
}

Payload encode_transport(const wire::Ipv4Header& header, const Transport& transport) {
    return Payload::made_by(transport_bytes(transport),
                            [&](MutableByteSpan out) { encode_transport_into(header, transport, out); });
}

void encode_ip_header(wire::Ipv4Header header, std::uint32_t contents, MutableByteSpan out) {
    header.total_length = static_cast<std::uint16_t>(header.encoded_size() + contents);
    header.checksum = 0;
    header.emit(out);
    store_be16(out, wire::Ipv4View::kChecksumAt, wire::internet_checksum(out.first(header.encoded_size())));
}

void encode(const Frame& frame, std::vector<std::byte>& out) {
    const std::size_t at = out.size();
    out.resize(at + frame_bytes(frame));
    const MutableByteSpan bytes = MutableByteSpan{out}.subspan(at);
    const MutableByteSpan body = bytes.subspan(wire::EthernetView::kSize);
    const auto link = [&](std::uint16_t type) {
        wire::EthernetHeader{frame.destination, frame.source, type}.emit(bytes);
    };
    std::visit(Overload{[&](const OtherFrame& other) {
                            link(other.type);
                            wire::copy_bytes(other.bytes.span(), body);
                        },
                        [&](const wire::ArpHeader& arp) {
                            link(wire::ethertype::kArp);
                            arp.emit(body);
                        },
                        [&](const Datagram& datagram) {
                            link(wire::ethertype::kIpv4);
                            wire::Ipv4Header header = datagram.header;
                            header.protocol = protocol_of(datagram.transport, header.protocol);
                            encode_ip_header(header, transport_bytes(datagram.transport), body);
                            encode_transport_into(header, datagram.transport,
                                                  body.subspan(header.encoded_size()));
                        }},
               frame.body);
}

Payload encode(const Frame& frame) {
    std::vector<std::byte> bytes;
    encode(frame, bytes);
    return Payload::copy_of(bytes);
}

std::optional<Frame> frame_of(ByteSpan bytes) {
    const auto view = wire::EthernetView::parse(bytes);
    if (!view) return std::nullopt;
    return Frame{view->destination(), view->source(),
                 OtherFrame{view->type(), Payload::copy_of(view->payload())}};
}

std::optional<DropReason> open(Frame& frame) {
    const auto* other = std::get_if<OtherFrame>(&frame.body);
    if (other == nullptr) return std::nullopt;
    const Payload bytes = other->bytes;
    if (other->type == wire::ethertype::kArp) {
        const auto arp = wire::ArpView::parse(bytes.span());
        if (!arp || arp->hardware() != 1 || arp->protocol() != wire::ethertype::kIpv4)
            return DropReason::Malformed;
        frame.body = wire::ArpHeader::from(*arp);
    } else if (other->type == wire::ethertype::kIpv4) {
        Datagram datagram;
        const auto fault = open_ip(bytes, datagram);
        if (fault) return fault;
        frame.body = std::move(datagram);
    }
    return std::nullopt;
}

std::optional<DropReason> open_transport(const wire::Ipv4Header& header, const Payload& contents,
                                         Transport& out) {
    switch (header.protocol) {
        case wire::ip_protocol::kTcp:
            return open_tcp(header, contents, out);
        case wire::ip_protocol::kUdp:
            return open_udp(header, contents, out);
        case wire::ip_protocol::kIcmp:
            return open_icmp(contents, out);
        default:
            out = RawTransport{contents};
            return std::nullopt;
    }
}

PacketFacts facts_of(const Frame& frame, bool with_flow) {
    PacketFacts facts;
    const auto* datagram = std::get_if<Datagram>(&frame.body);
    if (datagram == nullptr) return facts;
    if (const auto* udp = std::get_if<UdpMessage>(&datagram->transport))
        facts.payload_bytes = static_cast<std::uint32_t>(udp->payload.size());
    const auto* segment = std::get_if<tcp::Segment>(&datagram->transport);
    if (segment == nullptr) return facts;
    facts.payload_bytes = static_cast<std::uint32_t>(segment->payload.size());
    facts.tcp = PacketFacts::Tcp{segment->header.flags.bits(), segment->header.seq, segment->length(),
                                 with_flow ? flow_of(datagram->header, segment->header) : 0};
    return facts;
}

}  // namespace synscope::sim
