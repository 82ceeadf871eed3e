#include "net/wire/segment_finder.hpp"

#include <utility>

#include "net/wire/ip_protocol.hpp"
#include "net/wire/ipcomp.hpp"
#include "net/wire/network.hpp"

namespace synscope::wire {
namespace {

/// As if the datagram had come in one packet.
IpPacket packet_of(const Datagram& datagram) noexcept {
    IpPacket packet;
    packet.source = datagram.source;
    packet.destination = datagram.destination;
    packet.protocol = datagram.protocol;
    packet.identification = datagram.identification;
    packet.payload = datagram.payload;
    packet.payload_length = static_cast<std::uint32_t>(datagram.payload.size());
    pass_extensions(packet);
    return packet;
}

}  // namespace

Found SegmentFinder::find_all(LinkType link, ByteSpan frame, std::uint32_t original_length, Instant at) {
    Found found;
    ByteSpan bytes = frame;
    std::uint32_t length = original_length;
    auto start = find_network(link, frame);
    while (start && found.ip_headers < kMaxIpHeaders) {
        auto packet = read_ip(start->type, start->within(bytes), start->at, start->within(length));
        if (!packet) break;
        ++found.ip_headers;
        found.ip = packet;
        if (is_whole_fragment(*packet)) {
            const auto datagram = fragments_.add(*packet, at);
            if (!datagram) break;
            packet = found.ip = packet_of(*datagram);
            bytes = datagram->payload;
            found.reassembled = true;
        }
        if (packet->protocol == IpComp::kProtocol && inflate(*packet)) {
            found.ip = packet;
            bytes = packet->payload;
            found.reassembled = true;
        }
        if (packet->protocol == ip_protocol::kTcp) {
            found.tcp = read_tcp(*packet);
            if (found.tcp)
                found.tcp->reassembled = found.reassembled;
            else
                found.named = read_named_tcp(*packet);
            break;
        }
        found.named = read_quoted_tcp(*packet);
        found.udp = packet->protocol == ip_protocol::kUdp ? read_udp(*packet) : std::nullopt;
        bytes = bytes.first(packet->payload_offset + packet->payload.size());
        length = static_cast<std::uint32_t>(packet->payload_offset) + packet->payload_length;
        start = find_tunnelled(*packet);
    }
    return found;
}

bool SegmentFinder::inflate(IpPacket& packet) {
    const bool whole = !packet.fragment && packet.payload.size() == packet.payload_length;
    const auto compressed = whole ? read_ipcomp(packet.payload) : std::nullopt;
    if (!compressed || !inflate_datagram(compressed->compressed, spare_)) return false;
    std::swap(spare_, inflated_);  // what was compressed twice is inflated out of the one into the other
    packet.protocol = compressed->next_header;
    packet.payload = inflated_;
    packet.payload_offset = 0;
    packet.payload_length = static_cast<std::uint32_t>(inflated_.size());
    pass_extensions(packet);
    return true;
}

}  // namespace synscope::wire
