#include <algorithm>

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

constexpr std::size_t kPreview = 64;

bool readable(std::byte b) noexcept {
    const auto c = std::to_integer<unsigned>(b);
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

Next dissect_data(const Piece& piece, State& state, Layer& layer) {
    if (state.names_only) return {};
    layer.title = concat("Data, ", piece.length, piece.length == 1 ? " byte" : " bytes");
    FieldWriter fields{piece, layer};
    fields.hex_bytes("data.data", "Bytes", 0, piece.bytes.size());
    if (piece.cut()) fields.note(concat("the capture holds ", piece.bytes.size(), " of them"));
    const ByteSpan start = piece.bytes.first(std::min(kPreview, piece.bytes.size()));
    if (!start.empty() && std::all_of(start.begin(), start.end(), readable)) {
        std::string text;
        for (const std::byte b : start)
            text += std::to_integer<char>(b);
        fields.text("data.text", "Text", 0, start.size(), std::move(text));
        if (start.size() < piece.bytes.size()) fields.note(concat("the first ", start.size(), " bytes"));
    }
    fields.computed("data.len", "Length", std::uint64_t{piece.length});
    return {};
}

}  // namespace synscope::dissect
