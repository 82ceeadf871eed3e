#include "net/wire/network.hpp"

#include "net/wire/ethernet.hpp"
#include "net/wire/linux_sll.hpp"
#include "net/wire/linux_sll2.hpp"
#include "net/wire/loopback.hpp"
#include "net/wire/ppp.hpp"
#include "net/wire/vlan.hpp"

namespace synscope::wire {
namespace {

std::optional<NetworkStart> behind_tags(ByteSpan frame, std::size_t at, std::uint16_t type) noexcept {
    for (std::size_t tags = 0; ethertype::is_vlan(type); ++tags) {
        const auto tag = VlanView::parse(frame.subspan(at));
        if (!tag || tags == kMaxVlanTags) return std::nullopt;
        at += VlanView::kSize;
        type = tag->type();
    }
    return NetworkStart{type, at};
}

std::optional<NetworkStart> by_version(std::uint8_t version, std::size_t at) noexcept {
    if (version == 4) return NetworkStart{ethertype::kIpv4, at};
    if (version == 6) return NetworkStart{ethertype::kIpv6, at};
    return std::nullopt;
}

}  // namespace

std::optional<NetworkStart> find_network(LinkType link, ByteSpan frame) noexcept {
    switch (link) {
        case LinkType::Ethernet:
            if (const auto view = EthernetView::parse(frame))
                return behind_tags(frame, EthernetView::kSize, view->type());
            return std::nullopt;
        case LinkType::LinuxSll:
            if (const auto view = LinuxSllView::parse(frame))
                return behind_tags(frame, LinuxSllView::kSize, view->protocol());
            return std::nullopt;
        case LinkType::LinuxSll2:
            if (const auto view = LinuxSll2View::parse(frame))
                return behind_tags(frame, LinuxSll2View::kSize, view->protocol());
            return std::nullopt;
        case LinkType::Null:
        case LinkType::Loop:
            if (const auto view = LoopbackView::parse(frame))
                return by_version(view->ip_version().value_or(0), LoopbackView::kSize);
            return std::nullopt;
        case LinkType::Ppp:
            if (const auto view = PppView::parse(frame)) return by_version(view->ip_version(), view->size());
            return std::nullopt;
        case LinkType::Raw:
            if (frame.empty()) return std::nullopt;
            return by_version(static_cast<std::uint8_t>(load_u8(frame, 0) >> 4), 0);
        case LinkType::Ipv4:
            return NetworkStart{ethertype::kIpv4, 0};
        case LinkType::Ipv6:
            return NetworkStart{ethertype::kIpv6, 0};
    }
    return std::nullopt;
}

}  // namespace synscope::wire
