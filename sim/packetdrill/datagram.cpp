#include "sim/packetdrill/datagram.hpp"

#include "net/wire/checksum.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/icmpv6.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/ipv6.hpp"
#include "net/wire/tcp.hpp"

namespace synscope::packetdrill {
namespace {

using sim::Payload;
using sim::tcp::Ecn;
using sim::tcp::Segment;
using wire::TcpView;

/// What the two IP versions have in common.
struct Network {
    IpAddress source;
    IpAddress destination;
    std::uint8_t protocol = 0;
    std::uint8_t ecn = 0;
    std::uint8_t ttl = 0;
    bool dont_fragment = false;
    ByteSpan payload;
};

/// `whole`: the datagram is all there, and its own checksum is right; a quoted one need not be.
Result<Network, Refused> read_network(ByteSpan datagram, bool whole) {
    if (const auto ip = wire::Ipv4View::parse(datagram)) {
        if (whole && wire::internet_checksum(ip->header()) != 0) return failure(Refused::WrongChecksum);
        if (ip->fragment_offset() != 0 || (whole && ip->more_fragments())) return failure(Refused::Malformed);
        if (ip->total_length() < ip->header_length()) return failure(Refused::Malformed);
        const std::size_t length = ip->total_length() - ip->header_length();
        if (whole && length > ip->rest().size()) return failure(Refused::Malformed);
        return Network{ip->source(),
                       ip->destination(),
                       ip->protocol(),
                       ip->ecn(),
                       ip->ttl(),
                       ip->dont_fragment(),
                       ip->rest().first(std::min(length, ip->rest().size()))};
    }
    const auto ip = wire::Ipv6View::parse(datagram);
    if (!ip || (whole && ip->payload_length() > ip->rest().size())) return failure(Refused::Malformed);
    const auto ecn = static_cast<std::uint8_t>(ip->traffic_class() & 3);
    return Network{ip->source(),
                   ip->destination(),
                   ip->next_header(),
                   ecn,
                   ip->hop_limit(),
                   true,
                   ip->rest().first(std::min<std::size_t>(ip->payload_length(), ip->rest().size()))};
}

Result<Inbound, Refused> read_segment(const Network& ip) {
    const auto tcp = TcpView::parse(ip.payload);
    if (!tcp) return failure(Refused::Malformed);
    if (wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kTcp, ip.payload) != 0)
        return failure(Refused::WrongChecksum);
    Segment segment;
    segment.source = ip.source;
    segment.destination = ip.destination;
    segment.ecn = static_cast<Ecn>(ip.ecn);
    segment.ttl = ip.ttl;
    segment.dont_fragment = ip.dont_fragment;
    segment.header = wire::TcpHeader::from(*tcp);
    segment.payload = Payload::copy_of(tcp->rest());
    return segment;
}

template <class View>
Result<Inbound, Refused> read_error(const Network& ip, std::uint8_t family) {
    const auto icmp = View::parse(ip.payload);
    if (!icmp) return failure(Refused::Malformed);
    if (!icmp->quotes_packet()) return failure(Refused::NotTcp);
    const auto quoted = read_network(icmp->rest(), false);
    if (!quoted || quoted->payload.size() < 8) return failure(Refused::Malformed);
    if (quoted->protocol != wire::ip_protocol::kTcp) return failure(Refused::NotTcp);
    const ByteSpan tcp = quoted->payload;  // only 8 bytes of it are promised (RFC 792)
    return QuotedError{family,
                       icmp->type(),
                       icmp->code(),
                       icmp->word(),
                       {quoted->source, load_be16(tcp, TcpView::kSourcePortAt)},
                       {quoted->destination, load_be16(tcp, TcpView::kDestinationPortAt)},
                       Seq32{load_be32(tcp, TcpView::kSeqAt)}};
}

Result<Inbound, Refused> read_icmp(const Network& ip) {
    if (wire::internet_checksum(ip.payload) != 0) return failure(Refused::WrongChecksum);
    return read_error<wire::IcmpView>(ip, 4);
}

Result<Inbound, Refused> read_icmpv6(const Network& ip) {
    if (wire::transport_checksum(ip.source, ip.destination, wire::ip_protocol::kIcmpv6, ip.payload) != 0)
        return failure(Refused::WrongChecksum);
    return read_error<wire::Icmpv6View>(ip, 6);
}

std::size_t network_size(const Segment& segment) {
    return segment.source.family == 6 ? wire::Ipv6View::kSize : wire::Ipv4View::kMinSize;
}

void write_network(const Segment& segment, std::uint8_t traffic_class, MutableByteSpan datagram) {
    const auto ecn = static_cast<std::uint8_t>(segment.ecn);
    if (segment.source.family == 6) {
        wire::Ipv6Header ip;
        ip.traffic_class = static_cast<std::uint8_t>((traffic_class & 0xfcu) | ecn);
        ip.payload_length = static_cast<std::uint16_t>(datagram.size() - wire::Ipv6View::kSize);
        ip.next_header = wire::ip_protocol::kTcp;
        ip.hop_limit = segment.ttl;
        ip.source = segment.source;
        ip.destination = segment.destination;
        ip.emit(datagram);
        return;
    }
    wire::Ipv4Header ip;
    ip.dscp = static_cast<std::uint8_t>(traffic_class >> 2);
    ip.ecn = ecn;
    ip.total_length = static_cast<std::uint16_t>(datagram.size());
    ip.dont_fragment = segment.dont_fragment;
    ip.ttl = segment.ttl;
    ip.protocol = wire::ip_protocol::kTcp;
    ip.source = segment.source;
    ip.destination = segment.destination;
    ip.emit(datagram);
    store_be16(datagram, wire::Ipv4View::kChecksumAt,
               wire::internet_checksum(datagram.first(ip.encoded_size())));
}

}  // namespace

Result<Inbound, Refused> read_datagram(ByteSpan datagram) {
    const auto ip = read_network(datagram, true);
    if (!ip) return failure(ip.error());
    switch (ip->protocol) {
        case wire::ip_protocol::kTcp:
            return read_segment(*ip);
        case wire::ip_protocol::kIcmp:
            return read_icmp(*ip);
        case wire::ip_protocol::kIcmpv6:
            return read_icmpv6(*ip);
        default:
            return failure(Refused::NotTcp);
    }
}

std::vector<std::byte> write_datagram(const Segment& segment, std::uint8_t traffic_class) {
    const std::size_t ip_size = network_size(segment);
    const std::size_t tcp_size = segment.header.encoded_size() + segment.payload.size();
    std::vector<std::byte> datagram(ip_size + tcp_size);
    write_network(segment, traffic_class, datagram);
    const MutableByteSpan tcp = MutableByteSpan{datagram}.subspan(ip_size);
    segment.header.emit(tcp);
    wire::copy_bytes(segment.payload.span(), tcp.subspan(segment.header.encoded_size()));
    store_be16(tcp, TcpView::kChecksumAt, 0);
    store_be16(tcp, TcpView::kChecksumAt,
               wire::transport_checksum(segment.source, segment.destination, wire::ip_protocol::kTcp, tcp));
    return datagram;
}

}  // namespace synscope::packetdrill
