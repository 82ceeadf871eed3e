// FragmentTable under any fragments: bounded, and what it puts together is as long as its last fragment says.
// Input: records of 8 bytes (family and "more", identification, offset in units of 8, size, seconds) and then
// the fragment's bytes.

#include <cstdlib>

#include "net/wire/ip_fragments.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    ByteSpan rest = std::as_bytes(std::span{data, size});
    wire::FragmentTable table{{.datagrams = 8, .bytes = 16'384}};
    Instant at;
    while (rest.size() >= 8) {
        wire::IpPacket packet;
        const std::uint8_t head = load_u8(rest, 0);
        packet.source.family = packet.destination.family = (head & 1) != 0 ? 6 : 4;
        packet.fragment = true;
        packet.more_fragments = (head & 2) != 0;
        packet.protocol = static_cast<std::uint8_t>(head >> 6);
        packet.identification = load_u8(rest, 1) % 16u;
        packet.fragment_offset = load_be16(rest, 2) % 0x2000u * 8u;
        const std::size_t length = load_be16(rest, 4) % 512u;
        at = at + Duration::seconds(load_u8(rest, 6)) - Duration::seconds(load_u8(rest, 7));
        rest = rest.subspan(8);
        packet.payload = rest.first(length < rest.size() ? length : rest.size());
        packet.payload_length = static_cast<std::uint32_t>(packet.payload.size());
        rest = rest.subspan(packet.payload.size());
        const auto whole = table.add(packet, at);
        if (whole && (whole->payload.size() > 65'535 || whole->payload.empty())) std::abort();
        if (table.size() > 8 || table.bytes() > 16'384) std::abort();
        if (table.size() == 0 && table.bytes() != 0) std::abort();
    }
    return 0;
}
