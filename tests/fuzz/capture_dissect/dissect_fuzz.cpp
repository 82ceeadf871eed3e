// dissect() over every link type: it ends, and every range lies inside its bytes. Input: link type byte, then
// the frame; a link type byte of 128 or more means two frames, the first as long as the next byte says, which
// share a table of fragments.

#include <algorithm>
#include <array>
#include <cstdlib>

#include "capture/dissect/dissect.hpp"

namespace {

using namespace synscope;

void check(const dissect::Dissection& d, ByteSpan frame) {
    if (d.layers.empty()) std::abort();
    for (const auto& layer : d.layers) {
        if (layer.source > d.buffers.size()) std::abort();
        const std::size_t size = d.bytes_of(layer, frame).size();
        if (layer.bytes.begin > layer.bytes.end || layer.bytes.end > size) std::abort();
        if (layer.malformed && layer.malformed->offset > size) std::abort();
        for (const auto& field : layer.fields)
            if (field.bytes.begin > field.bytes.end || field.bytes.end > size) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using wire::LinkType;
    constexpr std::array kLinks{LinkType::Null,      LinkType::Ethernet, LinkType::Ppp,
                                LinkType::Raw,       LinkType::Loop,     LinkType::LinuxSll,
                                LinkType::Ipv4,      LinkType::Ipv6,     LinkType::LinuxSll2,
                                LinkType::PppSerial, LinkType::PppEther, LinkType::CiscoHdlc};
    if (size < 2) return 0;
    const LinkType link = kLinks[data[0] % 128 % kLinks.size()];
    ByteSpan frame = std::as_bytes(std::span{data, size}).subspan(1);
    wire::FragmentTable fragments;
    if (data[0] >= 128) {
        const std::size_t first = std::min<std::size_t>(load_u8(frame, 0), frame.size() - 1);
        const ByteSpan before = frame.subspan(1, first);
        check(dissect::dissect(link, before, static_cast<std::uint32_t>(first), fragments, Instant{}),
              before);
        frame = frame.subspan(1 + first);
    }
    const auto length = static_cast<std::uint32_t>(frame.size());
    check(dissect::dissect(link, frame, length, fragments, Instant{}), frame);
    for (const std::uint32_t original : {length, length + 1000})
        check(dissect::dissect(link, frame, original), frame);
    return 0;
}
