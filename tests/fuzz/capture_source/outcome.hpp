#pragma once
// What reading a capture gave, short enough to be compared: two ways through the same bytes must agree.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "capture/source/cut.hpp"
#include "capture/source/packet_source.hpp"

namespace synscope::fuzz {

struct Seen {
    std::int64_t at = 0;
    std::uint32_t original_length = 0;
    std::uint64_t offset = 0;
    std::size_t size = 0;
    std::uint64_t sum = 0;
    bool operator==(const Seen&) const = default;
};
struct Outcome {
    bool opened = false;
    bool damaged = false;
    std::vector<Seen> packets;
    bool operator==(const Outcome&) const = default;
};

inline void require(bool condition) {
    if (!condition) std::abort();
}

inline Seen seen_of(const source::RawPacket& packet) {
    Seen seen{packet.at.ns, packet.original_length, packet.offset, packet.bytes.size(), 0};
    for (const std::byte b : packet.bytes)
        seen.sum = seen.sum * 31 + std::to_integer<std::uint64_t>(b);
    for (const std::string_view comment : source::comments_of(packet)) {
        for (const char c : comment)
            seen.sum = seen.sum * 31 + static_cast<unsigned char>(c);
    }
    require(source::headers_length(packet.link_type, packet.bytes, packet.original_length) <= seen.size);
    return seen;
}

}  // namespace synscope::fuzz
