// The ICMP errors of Ip: what it complains about, and what it reads of others' complaints.

#include <algorithm>

#include "net/wire/ip_protocol.hpp"
#include "sim/host/ip.hpp"

namespace synscope::sim {
namespace {

/// Every host must take a datagram of 576 bytes: a message is at most as large (RFC 1812 section 4.3.2.3).
constexpr std::uint32_t kLargest = 576;

/// The ends of what `contents`, the first bytes behind an IP header, belongs to.
void read_ends(ByteSpan contents, IcmpError& error) {
    const bool has_ports =
        error.protocol == wire::ip_protocol::kTcp || error.protocol == wire::ip_protocol::kUdp;
    if (!has_ports || contents.size() < 4) return;
    error.source.port = load_be16(contents, 0);
    error.destination.port = load_be16(contents, 2);
    if (error.protocol == wire::ip_protocol::kTcp && contents.size() >= 8)
        error.seq = Seq32{load_be32(contents, 4)};
}

bool is_icmp_error(const Datagram& datagram) {
    if (const auto* icmp = std::get_if<IcmpMessage>(&datagram.transport))
        return wire::IcmpTypes::quotes(icmp->header.type);
    const auto* raw = std::get_if<RawTransport>(&datagram.transport);  // a fragment
    return raw != nullptr && datagram.header.protocol == wire::ip_protocol::kIcmp && !raw->bytes.empty() &&
           wire::IcmpTypes::quotes(load_u8(raw->bytes.span(), 0));
}

}  // namespace

void Ip::complain(Fabric& fabric, std::uint16_t port, const Datagram& about, std::uint8_t type,
                  std::uint8_t code, std::uint32_t word) {
    // RFC 1122 section 3.2.2: not about an ICMP error, a later fragment, what went to several, or came from
    // no one host.
    if (is_icmp_error(about) || about.header.fragment_offset != 0 ||
        !one_host(v4_number(about.header.source)) ||
        !(one_host(v4_number(about.header.destination)) || owns(about.header.destination)))
        return;
    const Payload contents = encode_transport(about.header, about.transport);
    const auto header_size = static_cast<std::uint32_t>(about.header.encoded_size());
    const std::uint32_t room = kLargest - 28 - header_size;  // our IP and ICMP headers
    const Payload quote = Payload::made_by(
        header_size + std::min<std::size_t>(room, contents.size()), [&](MutableByteSpan out) {
            wire::Ipv4Header header = about.header;
            header.protocol = protocol_of(about.transport, header.protocol);
            encode_ip_header(header, static_cast<std::uint32_t>(contents.size()), out);
            wire::copy_bytes(contents.span().first(out.size() - header_size), out.subspan(header_size));
        });
    Datagram datagram;
    datagram.header.destination = about.header.source;
    // From the interface that the datagram came to (RFC 1812 section 4.3.2.4).
    if (const auto own = interfaces_[port].address) datagram.header.source = own->address;
    if (owns(about.header.destination)) datagram.header.source = about.header.destination;
    datagram.header.ttl = 0;
    datagram.transport = IcmpMessage{{type, code, 0, word}, quote};
    send(fabric, std::move(datagram));
}

std::optional<IcmpError> Ip::read_error(const Datagram& datagram) const {
    const auto* icmp = std::get_if<IcmpMessage>(&datagram.transport);
    if (icmp == nullptr || !wire::IcmpTypes::quotes(icmp->header.type)) return std::nullopt;
    const auto quoted = wire::Ipv4View::parse(icmp->rest.span());
    if (!quoted || !owns(quoted->source()) || quoted->fragment_offset() != 0) return std::nullopt;
    IcmpError error;
    error.type = icmp->header.type;
    error.code = icmp->header.code;
    if (error.type == wire::IcmpTypes::kUnreachable && error.code == 4)
        error.next_hop_mtu = static_cast<std::uint16_t>(icmp->header.word & 0xffff);
    error.from = datagram.header.source;
    error.protocol = quoted->protocol();
    error.source.address = quoted->source();
    error.destination.address = quoted->destination();
    read_ends(quoted->rest(), error);
    return error;
}

void Ip::fail_locally(const Datagram& datagram, std::uint8_t code, std::uint16_t mtu) {
    IcmpError error;
    error.type = wire::IcmpTypes::kUnreachable;
    error.code = code;
    error.next_hop_mtu = mtu;
    error.protocol = protocol_of(datagram.transport, datagram.header.protocol);
    error.source.address = datagram.header.source;
    error.destination.address = datagram.header.destination;
    if (const auto* segment = std::get_if<tcp::Segment>(&datagram.transport)) {
        error.source.port = segment->header.source_port;
        error.destination.port = segment->header.destination_port;
        error.seq = segment->header.seq;
    } else if (const auto* udp = std::get_if<UdpMessage>(&datagram.transport)) {
        error.source.port = udp->source_port;
        error.destination.port = udp->destination_port;
    } else if (const auto* raw = std::get_if<RawTransport>(&datagram.transport)) {
        if (datagram.header.fragment_offset == 0) read_ends(raw->bytes.span(), error);
    }
    errors_.push_back(error);
}

}  // namespace synscope::sim
