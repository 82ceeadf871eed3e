// find_ip, find_tcp, find_udp, SegmentFinder and frame_text over every link type. Input: one byte that
// chooses the link type, then the frame.

#include <array>
#include <cstdlib>

#include "net/wire/frame_text.hpp"
#include "net/wire/segment_finder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    using wire::LinkType;
    constexpr std::array kLinks{
        LinkType::Null,     LinkType::Ethernet,  LinkType::Ppp,   LinkType::Raw,       LinkType::Loop,
        LinkType::LinuxSll, LinkType::Ipv4,      LinkType::Ipv6,  LinkType::LinuxSll2, LinkType::PppSerial,
        LinkType::PppEther, LinkType::CiscoHdlc, LinkType::RawBsd};
    if (size == 0) return 0;
    const LinkType link = kLinks[data[0] % kLinks.size()];
    const ByteSpan frame = std::as_bytes(std::span{data, size}).subspan(1);
    const auto length = static_cast<std::uint32_t>(frame.size());
    for (const std::uint32_t original : {length, length + 1000, 0u}) {
        const auto check = [&](const auto& found) {
            if (!found) return;
            if (found->payload.size() > found->payload_length) std::abort();
            if (found->payload_offset + found->payload.size() > frame.size()) std::abort();
        };
        check(wire::find_ip(link, frame, original));
        check(wire::find_tcp(link, frame, original));
        check(wire::find_udp(link, frame, original));
        wire::SegmentFinder finder;
        const auto segment = finder.find(link, frame, original, Instant{});
        if (segment && !segment->reassembled) check(segment);
    }
    static_cast<void>(wire::frame_text(link, frame, length));
    return 0;
}
