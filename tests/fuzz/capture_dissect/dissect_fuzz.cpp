// dissect() over every link type: it ends, and every range lies inside the frame. Input: link type byte, then
// the frame.

#include <array>
#include <cstdlib>

#include "capture/dissect/dissect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    using wire::LinkType;
    constexpr std::array kLinks{LinkType::Null, LinkType::Ethernet, LinkType::Ppp,
                                LinkType::Raw,  LinkType::Loop,     LinkType::LinuxSll,
                                LinkType::Ipv4, LinkType::Ipv6,     LinkType::LinuxSll2};
    if (size == 0) return 0;
    const ByteSpan frame = std::as_bytes(std::span{data, size}).subspan(1);
    const auto length = static_cast<std::uint32_t>(frame.size());
    for (const std::uint32_t original : {length, length + 1000}) {
        const auto d = dissect::dissect(kLinks[data[0] % kLinks.size()], frame, original);
        if (d.layers.empty()) std::abort();
        for (const auto& layer : d.layers) {
            if (layer.bytes.begin > layer.bytes.end || layer.bytes.end > frame.size()) std::abort();
            if (layer.malformed && layer.malformed->offset > frame.size()) std::abort();
            for (const auto& field : layer.fields)
                if (field.bytes.begin > field.bytes.end || field.bytes.end > frame.size()) std::abort();
        }
    }
    return 0;
}
