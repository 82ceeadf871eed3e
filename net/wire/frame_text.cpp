#include "net/wire/frame_text.hpp"

#include "net/base/text.hpp"
#include "net/wire/arp.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/icmpv6.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/network.hpp"
#include "net/wire/tcp_options.hpp"
#include "net/wire/transport.hpp"
#include "net/wire/udp.hpp"

namespace synscope::wire {
namespace {

std::string raw_tcp_text(const TcpSegment& segment) {
    std::string out = segment.flags.text();
    if (segment.sequence_length() != 0 || segment.flags.has(TcpFlags::kRst))
        append(out, concat(' ', segment.seq.raw(), ':', (segment.seq + segment.payload_length).raw(), '(',
                           segment.payload_length, ')'));
    if (segment.flags.has(TcpFlags::kAck)) append(out, concat(" ack ", segment.ack.raw()));
    append(out, concat(" win ", segment.window));
    const std::string options = tcp_options_text(segment.options, Seq32{0});
    return options.empty() ? out : concat(out, ' ', options);
}

std::string ip_text(LinkType link, ByteSpan frame, std::uint32_t original_length, const IpPacket& packet) {
    if (const auto tcp = find_tcp(link, frame, original_length))
        return concat(tcp->source.text(), " > ", tcp->destination.text(), "  ", raw_tcp_text(*tcp));
    if (const auto udp = find_udp(link, frame, original_length))
        return concat(udp->source.text(), " > ", udp->destination.text(), "  UDP, length ",
                      udp->payload_length);
    std::string out = concat(packet.source.text(), " > ", packet.destination.text(), "  ");
    const bool readable = !packet.fragment || packet.first_fragment;
    if (readable && packet.protocol == ip_protocol::kIcmp)
        if (const auto icmp = IcmpView::parse(packet.payload))
            return concat(out, IcmpHeader::from(*icmp).text(), ", length ", packet.payload_length);
    if (readable && packet.protocol == ip_protocol::kIcmpv6)
        if (const auto icmp = Icmpv6View::parse(packet.payload))
            return concat(out, Icmpv6Header::from(*icmp).text(), ", length ", packet.payload_length);
    const auto known = ip_protocol::name(packet.protocol);
    out += known.empty() ? concat("IP protocol ", packet.protocol) : std::string{known};
    if (!readable) out += ", later fragment";
    return concat(out, ", length ", packet.payload_length);
}

}  // namespace

std::string frame_text(LinkType link, ByteSpan frame, std::uint32_t original_length) {
    if (const auto packet = find_ip(link, frame, original_length))
        return ip_text(link, frame, original_length, *packet);
    const auto network = find_network(link, frame);
    if (network && network->type == ethertype::kArp)
        if (const auto arp = ArpView::parse(frame.subspan(network->at)))
            return concat(ArpHeader::from(*arp).text(), ", length ", ArpView::kSize);
    if (network) {
        if (link == LinkType::Ethernet && network->type < ethertype::kSmallest)
            return concat("802.3 frame, length ", original_length);
        const auto known = ethertype::name(network->type);
        return concat(known.empty() ? "unknown protocol" : known, " (ethertype 0x", Hex{network->type, 4},
                      "), length ", original_length);
    }
    const auto name = link_type_name(link);
    if (name.empty())
        return concat("link type ", static_cast<std::uint16_t>(link), ", length ", original_length);
    return concat(name, " frame, length ", original_length);
}

}  // namespace synscope::wire
