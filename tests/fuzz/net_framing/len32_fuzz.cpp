// The same bytes in one piece and cut where the input says must decode to the same messages and the same
// error, and what was decoded must encode back to the bytes it came from.
#include <algorithm>
#include <cstdlib>

#include "net/framing/framing.hpp"

namespace {

using namespace synscope;
using namespace synscope::framing;

constexpr Limits kLimits{4096};

struct Outcome {
    std::vector<Placed> places;
    std::vector<std::byte> bodies;
    std::optional<FrameError> end;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

void feed(Decoder& decoder, ByteSpan piece, Outcome& out) {
    decoder.feed(piece);
    while (const auto m = decoder.next()) {
        if (m->content.size() != m->body.size() || m->bytes.size() != m->body.size() + 4) std::abort();
        out.places.push_back(*m);
        out.bodies.insert(out.bodies.end(), m->content.begin(), m->content.end());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t cuts = std::min<std::size_t>(data[0], size - 1);
    const ByteSpan cut_at = std::as_bytes(std::span{data + 1, cuts});
    const ByteSpan stream = std::as_bytes(std::span{data + 1 + cuts, size - 1 - cuts});

    Outcome whole;
    const auto one = make_len32_decoder(kLimits);
    feed(*one, stream, whole);
    whole.end = one->at_end();

    Outcome cut;
    const auto many = make_len32_decoder(kLimits);
    ByteSpan rest = stream;
    for (const std::byte b : cut_at) {
        const std::size_t take = std::min(std::to_integer<std::size_t>(b), rest.size());
        feed(*many, rest.first(take), cut);
        rest = rest.subspan(take);
    }
    feed(*many, rest, cut);
    cut.end = many->at_end();
    if (!(whole == cut)) std::abort();

    std::vector<std::byte> again;
    const auto encoder = make_len32_encoder(kLimits);
    ByteSpan bodies{whole.bodies};
    for (const Placed& place : whole.places) {
        const auto placed = encoder->encode(bodies.first(place.body.size()), again);
        if (!placed || !(*placed == place)) std::abort();
        bodies = bodies.subspan(place.body.size());
    }
    if (!std::equal(again.begin(), again.end(), stream.begin())) std::abort();
    return 0;
}
