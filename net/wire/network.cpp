#include "net/wire/network.hpp"

#include <algorithm>

#include "net/wire/ethernet.hpp"
#include "net/wire/gre.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/linux_sll.hpp"
#include "net/wire/linux_sll2.hpp"
#include "net/wire/loopback.hpp"
#include "net/wire/mpls.hpp"
#include "net/wire/ppp.hpp"
#include "net/wire/pppoe.hpp"
#include "net/wire/udp.hpp"
#include "net/wire/vlan.hpp"
#include "net/wire/vxlan.hpp"

namespace synscope::wire {
namespace {

using Start = std::optional<NetworkStart>;

/// Link layers within link layers beyond this are nonsense; VLAN tags and labels have bounds of their own.
constexpr int kMaxLinkSteps = 8;

Start by_version(std::uint8_t version, std::size_t at) noexcept {
    if (version == 4) return NetworkStart{ethertype::kIpv4, at};
    if (version == 6) return NetworkStart{ethertype::kIpv6, at};
    return std::nullopt;
}

Start behind_tags(ByteSpan bytes, NetworkStart start) noexcept {
    for (std::size_t tags = 0; ethertype::is_vlan(start.type); ++tags) {
        const auto tag = VlanView::parse(bytes.subspan(start.at));
        if (!tag || tags == kMaxVlanTags) return std::nullopt;
        start = {tag->type(), start.at + VlanView::kSize};
    }
    return start;
}

/// An 802.3 frame says what it carries only when it has a SNAP header with an EtherType (RFC 1042).
Start in_snap(ByteSpan bytes, NetworkStart start) noexcept {
    if (bytes.size() < start.at + 8 || load_be32(bytes, start.at) != 0xaaaa0300 ||
        load_be16(bytes, start.at + 4) != 0)
        return start;
    return NetworkStart{load_be16(bytes, start.at + 6), start.at + 8};
}

/// Ethernet header included.
Start in_ethernet(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = EthernetView::parse(bytes.subspan(std::min(at, bytes.size())));
    if (!view) return std::nullopt;
    const NetworkStart start{view->type(), at + EthernetView::kSize};
    return start.type < ethertype::kSmallest ? in_snap(bytes, start) : start;
}

Start behind_labels(ByteSpan bytes, std::size_t at) noexcept {
    for (std::size_t labels = 0; labels < kMaxMplsLabels; ++labels) {
        const auto label = MplsView::parse(bytes.subspan(at));
        if (!label) return std::nullopt;
        at += MplsView::kSize;
        if (!label->bottom()) continue;
        switch (mpls_payload(bytes.subspan(at))) {
            case MplsPayload::Ipv4:
                return NetworkStart{ethertype::kIpv4, at};
            case MplsPayload::Ipv6:
                return NetworkStart{ethertype::kIpv6, at};
            case MplsPayload::ControlledEthernet:
                return in_ethernet(bytes, at + 4);
            case MplsPayload::Unknown:
                return std::nullopt;
        }
    }
    return std::nullopt;
}

Start in_ppp(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = PppView::parse(bytes.subspan(at));
    if (!view) return std::nullopt;
    const std::size_t inside = at + view->size();
    if (view->protocol() == PppView::kMpls) return NetworkStart{ethertype::kMpls, inside};
    if (view->protocol() == PppView::kMplsMulticast) return NetworkStart{ethertype::kMplsMulticast, inside};
    return by_version(view->ip_version(), inside);
}

/// PPP in HDLC-like framing or Cisco's HDLC, which their first two bytes tell apart.
Start in_hdlc(ByteSpan bytes) noexcept {
    if (bytes.size() < 4) return std::nullopt;
    const std::uint8_t address = load_u8(bytes, 0);
    if (address == 0x0f || address == 0x8f) return NetworkStart{load_be16(bytes, 2), 4};
    return in_ppp(bytes, 0);
}

Start in_erspan(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = ErspanView::parse(bytes.subspan(at));
    if (!view) return std::nullopt;
    return in_ethernet(bytes, at + view->size());
}

Start in_pppoe(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = PppoeView::parse(bytes.subspan(at));
    if (!view || view->code() != 0) return std::nullopt;
    return in_ppp(bytes, at + PppoeView::kSize);
}

/// A tag of `size` bytes, then the EtherType of what it tags.
Start behind_tag(ByteSpan bytes, std::size_t at, std::size_t size) noexcept {
    if (bytes.size() < at + size + 2) return std::nullopt;
    return NetworkStart{load_be16(bytes, at + size), at + size + 2};
}

std::size_t end_of_pppoe(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = PppoeView::parse(bytes.subspan(at));
    return view ? at + PppoeView::kSize + view->length() : SIZE_MAX;
}

/// Follows link layers inside link layers until a protocol that is none of them.
Start settle(ByteSpan bytes, Start start) noexcept {
    std::size_t end = SIZE_MAX;
    for (int step = 0; start && step < kMaxLinkSteps; ++step) {
        const NetworkStart from = *start;
        if (ethertype::is_vlan(from.type))
            start = behind_tags(bytes, from);
        else if (ethertype::is_mpls(from.type))
            start = behind_labels(bytes, from.at);
        else if (from.type == ethertype::kPppoeSession)
            start = in_pppoe(bytes, from.at);
        else if (from.type == ethertype::kFabricPath)
            start = in_ethernet(bytes, from.at + 2);
        else if (from.type == ethertype::kCiscoMetadata)
            start = behind_tag(bytes, from.at, 6);
        else if (from.type == ethertype::kVnTag)
            start = behind_tag(bytes, from.at, 4);
        else
            break;
        if (from.type == ethertype::kPppoeSession) end = std::min(end, end_of_pppoe(bytes, from.at));
    }
    if (start) start->end = end;
    return start;
}

Start in_gre(ByteSpan bytes, std::size_t at) noexcept {
    const auto view = GreView::parse(bytes.subspan(at));
    if (!view) return std::nullopt;
    at += view->size();
    switch (view->type()) {
        case ethertype::kBridged:
            return in_ethernet(bytes, at);
        case ethertype::kPpp:
            return in_ppp(bytes, at);
        case ethertype::kErspan2:
            return view->has(GreView::kSequencePresent) ? in_erspan(bytes, at) : in_ethernet(bytes, at);
        case ethertype::kErspan3:
            return in_erspan(bytes, at);
        default:
            return NetworkStart{view->type(), at};
    }
}

Start in_teredo(ByteSpan bytes, std::size_t at) noexcept {
    at += teredo_header_size(bytes.subspan(at));
    if (at >= bytes.size() || load_u8(bytes, at) >> 4 != 6) return std::nullopt;
    return NetworkStart{ethertype::kIpv6, at};
}

Start in_udp(ByteSpan bytes, std::size_t at) noexcept {
    const auto udp = UdpView::parse(bytes.subspan(at));
    if (!udp) return std::nullopt;
    at += UdpView::kSize;
    const auto either = [&](std::uint16_t port) {
        return udp->destination_port() == port || udp->source_port() == port;
    };
    if (either(VxlanView::kPort)) {
        const auto view = VxlanView::parse(bytes.subspan(at));
        return view && view->valid() ? in_ethernet(bytes, at + VxlanView::kSize) : std::nullopt;
    }
    if (either(GeneveView::kPort)) {
        const auto view = GeneveView::parse(bytes.subspan(at));
        if (!view) return std::nullopt;
        at += view->size();
        return view->type() == ethertype::kBridged ? in_ethernet(bytes, at)
                                                   : Start{NetworkStart{view->type(), at}};
    }
    if (either(kTeredoPort)) return in_teredo(bytes, at);
    return std::nullopt;
}

Start in_link(LinkType link, ByteSpan frame) noexcept {
    switch (link) {
        case LinkType::Ethernet:
            return in_ethernet(frame, 0);
        case LinkType::LinuxSll:
            if (const auto view = LinuxSllView::parse(frame))
                return NetworkStart{view->protocol(), LinuxSllView::kSize};
            return std::nullopt;
        case LinkType::LinuxSll2:
            if (const auto view = LinuxSll2View::parse(frame))
                return NetworkStart{view->protocol(), LinuxSll2View::kSize};
            return std::nullopt;
        case LinkType::Null:
        case LinkType::Loop:
            if (const auto view = LoopbackView::parse(frame))
                return by_version(view->ip_version().value_or(0), LoopbackView::kSize);
            return std::nullopt;
        case LinkType::Ppp:
            return in_ppp(frame, 0);
        case LinkType::PppSerial:
        case LinkType::CiscoHdlc:
            return in_hdlc(frame);
        case LinkType::PppEther:
            return in_pppoe(frame, 0);
        case LinkType::Raw:
        case LinkType::RawBsd:
        case LinkType::RawOpenBsd:
            if (frame.empty()) return std::nullopt;
            return by_version(static_cast<std::uint8_t>(load_u8(frame, 0) >> 4), 0);
        case LinkType::Ipv4:
            return NetworkStart{ethertype::kIpv4, 0};
        case LinkType::Ipv6:
            return NetworkStart{ethertype::kIpv6, 0};
    }
    return std::nullopt;
}

}  // namespace

std::optional<NetworkStart> find_network(LinkType link, ByteSpan frame) noexcept {
    return settle(frame, in_link(link, frame));
}

std::optional<NetworkStart> find_tunnelled(const IpPacket& packet) noexcept {
    if (packet.fragment) return std::nullopt;
    Start start;
    switch (packet.protocol) {
        case ip_protocol::kIpv4:
            start = NetworkStart{ethertype::kIpv4, 0};
            break;
        case ip_protocol::kIpv6:
            start = NetworkStart{ethertype::kIpv6, 0};
            break;
        case ip_protocol::kGre:
            start = in_gre(packet.payload, 0);
            break;
        case ip_protocol::kMplsInIp:
            start = NetworkStart{ethertype::kMpls, 0};
            break;
        case ip_protocol::kEtherIp:
            start = packet.payload.size() >= 2 ? in_ethernet(packet.payload, 2) : std::nullopt;
            break;
        case ip_protocol::kUdp:
            start = in_udp(packet.payload, 0);
            break;
        default:
            return std::nullopt;
    }
    start = settle(packet.payload, start);
    if (start) start->at += packet.payload_offset;
    if (start && start->end != SIZE_MAX) start->end += packet.payload_offset;
    return start;
}

}  // namespace synscope::wire
