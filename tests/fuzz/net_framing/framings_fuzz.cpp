// Every framing (the first byte says which): the same bytes in one piece and cut where the input says must
// decode to the same messages, signals and error, and what was decoded must encode and decode to itself
// again.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "net/framing/framing.hpp"

namespace {

using namespace synscope;
using namespace synscope::framing;

constexpr Limits kLimits{4096};

struct Outcome {
    std::vector<Placed> places;
    std::vector<std::vector<std::byte>> contents;
    std::vector<Signal> signals;
    std::optional<FrameError> end;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

void take(Decoder& decoder, Outcome& out) {
    while (const auto m = decoder.next()) {
        if (m->body.begin < m->bytes.begin || m->body.end > m->bytes.end) std::abort();
        if (!out.places.empty() && m->bytes.begin < out.places.back().bytes.end) std::abort();
        out.places.push_back(*m);
        out.contents.emplace_back(m->content.begin(), m->content.end());
    }
    while (const auto signal = decoder.signal())
        out.signals.push_back(*signal);
}
/// A copy as large as the read: who looks beyond it, or keeps a view of it, is caught.
void feed(Decoder& decoder, ByteSpan piece, Outcome& out) {
    const std::vector<std::byte> read(piece.begin(), piece.end());
    decoder.feed(read);
    take(decoder, out);
}
void finish(Decoder& decoder, Outcome& out) {
    decoder.finish();
    take(decoder, out);
    out.end = decoder.at_end();
}

FramingInfo chosen(std::uint8_t choice) {
    constexpr std::array<std::string_view, 3> kDeclared{
        "length:size=1,signed", "length:offset=1,size=2,header=4,endian=big,includes_header",
        "delimiter:6161"};
    const std::size_t n = choice % (framings().size() + kDeclared.size());
    if (n < framings().size()) return framings()[n];
    return *framing_named(kDeclared[n - framings().size()]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const FramingInfo info = chosen(data[0]);
    if (!info.boundaries) return 0;
    const std::size_t cuts = std::min<std::size_t>(data[1], size - 2);
    const ByteSpan cut_at = std::as_bytes(std::span{data + 2, cuts});
    const ByteSpan stream = std::as_bytes(std::span{data + 2 + cuts, size - 2 - cuts});

    Outcome whole;
    const auto one = info.decoder(kLimits);
    feed(*one, stream, whole);
    finish(*one, whole);

    Outcome cut;
    const auto many = info.decoder(kLimits);
    ByteSpan rest = stream;
    for (const std::byte b : cut_at) {
        const std::size_t take = std::min(std::to_integer<std::size_t>(b), rest.size());
        feed(*many, rest.first(take), cut);
        rest = rest.subspan(take);
    }
    feed(*many, rest, cut);
    finish(*many, cut);
    if (!(whole == cut)) std::abort();

    std::vector<std::byte> again;
    const auto encoder = info.encoder(kLimits);
    std::vector<std::vector<std::byte>> sent;
    for (const auto& content : whole.contents) {
        // "\r" before "\r\n" is a line's own, and cannot be sent by an encoder that writes "\n".
        if (!encoder->encode(content, again)) continue;
        if (encoder->waiting()) encoder->hear(Signal::GoAhead, again);
        sent.push_back(content);
    }
    if (info.name != "line" && sent.size() != whole.contents.size()) std::abort();
    Outcome back;
    const auto decoder = info.decoder(kLimits);
    feed(*decoder, again, back);
    finish(*decoder, back);
    if (back.contents != sent || back.end) std::abort();
    return 0;
}
