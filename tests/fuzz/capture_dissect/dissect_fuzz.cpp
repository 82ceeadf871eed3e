// dissect() over every link type: it ends, and every range lies inside its bytes. Input: link type byte, then
// the frame; a link type byte of 128 or more means two frames, the first as long as the next byte says, which
// share a table of fragments. The walk that only names the protocols says the same.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

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

/// The walk's fragments are its own: both tables see the same frames.
void check_walk(const dissect::Dissection& d, wire::LinkType link, ByteSpan frame, std::uint32_t original,
                wire::FragmentTable* fragments) {
    std::string names;
    dissect::append_protocols(names, link, frame, original, fragments, Instant{});
    if (names != d.protocols()) std::abort();
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
    wire::FragmentTable walked;
    if (data[0] >= 128) {
        const std::size_t first = std::min<std::size_t>(load_u8(frame, 0), frame.size() - 1);
        const ByteSpan before = frame.subspan(1, first);
        const auto d =
            dissect::dissect(link, before, static_cast<std::uint32_t>(first), fragments, Instant{});
        check(d, before);
        check_walk(d, link, before, static_cast<std::uint32_t>(first), &walked);
        frame = frame.subspan(1 + first);
    }
    const auto length = static_cast<std::uint32_t>(frame.size());
    const auto together = dissect::dissect(link, frame, length, fragments, Instant{});
    check(together, frame);
    check_walk(together, link, frame, length, &walked);
    for (const std::uint32_t original : {length, length + 1000}) {
        const auto d = dissect::dissect(link, frame, original);
        check(d, frame);
        check_walk(d, link, frame, original, nullptr);
    }
    return 0;
}
