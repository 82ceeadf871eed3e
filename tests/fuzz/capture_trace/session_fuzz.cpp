// Any bytes as a pcapng stream: mapped and in cuts they must fill the store alike, and what was read must
// survive a round trip through our own encoder.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "capture/trace/session.hpp"

namespace {

using namespace synscope;

void require(bool condition) {
    if (!condition) std::abort();
}

bool same_text(const trace::Store& a, const trace::Store& b) {
    if (a.size() != b.size() || a.packet_count() != b.packet_count() ||
        a.interface_count() != b.interface_count())
        return false;
    for (std::uint32_t i = 0; i < a.size(); ++i) {
        const Event x = a.event(EventId{i});
        const Event y = b.event(EventId{i});
        if (x.at != y.at || x.cause != y.cause || x.body.index() != y.body.index()) return false;
        if (const auto* note = std::get_if<Note>(&x.body)) {
            if (a.text(note->text) != b.text(std::get<Note>(y.body).text)) return false;
        }
    }
    for (std::uint64_t i = 0; i < a.packet_count(); ++i) {
        const trace::Packet x = a.packet(PacketId{i});
        const trace::Packet y = b.packet(PacketId{i});
        if (x.at != y.at || x.original_length != y.original_length || x.bytes.size() != y.bytes.size())
            return false;
    }
    return true;
}

/// Every packet of a decoded store is put there by an event, so that an encoder writes it again.
std::vector<std::byte> encode(const trace::Store& store) {
    trace::SessionEncoder encoder{"fuzz"};
    for (std::size_t i = 0; i < store.interface_count(); ++i)
        encoder.interface(store.interface(InterfaceId{static_cast<std::uint16_t>(i)}));
    for (std::uint32_t i = 0; i < store.size(); ++i)
        encoder.event(store, store.event(EventId{i}));
    return encoder.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    trace::Store mapped;
    trace::SessionDecoder whole{mapped};
    const bool whole_ok = whole.read_mapped(bytes).has_value();

    trace::Store streamed;
    trace::SessionDecoder pieces{streamed};
    const std::size_t cut = size == 0 ? 1 : 1 + data[size - 1] % 64u;
    bool pieces_ok = true;
    for (std::size_t at = 0; at < size && pieces_ok; at += cut)
        pieces_ok = pieces.feed(bytes.subspan(at, std::min(cut, size - at))).has_value();
    pieces_ok = pieces_ok && pieces.finish().has_value();
    require(whole_ok == pieces_ok);
    require(same_text(mapped, streamed));

    if (!whole_ok) return 0;
    trace::Store again;
    trace::SessionDecoder decoder{again};
    const std::vector<std::byte> session = encode(mapped);
    require(decoder.feed(session).has_value() && decoder.finish().has_value());
    require(same_text(mapped, again));
    return 0;
}
