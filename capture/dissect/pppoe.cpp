#include "net/wire/pppoe.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {
namespace {

std::string_view code_name(std::uint8_t code) noexcept {
    switch (code) {
        case 0x00:
            return "session data";
        case 0x07:
            return "offer";
        case 0x09:
            return "initiation";
        case 0x19:
            return "request";
        case 0x65:
            return "session confirmation";
        case 0xa7:
            return "termination";
        default:
            return {};
    }
}

}  // namespace

Next dissect_pppoe(const Piece& piece, State& state, Layer& layer) {
    using View = wire::PppoeView;
    FieldWriter fields{piece, layer};
    layer.title = "PPPoE";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    fields.number("pppoe.version", "Version", View::kVersionAndTypeAt, 1, 1);
    fields.number("pppoe.type", "Type", View::kVersionAndTypeAt, 1, 1);
    fields.number("pppoe.code", "Code", View::kCodeAt, 1, view->code(),
                  FieldWriter::named(view->code(), code_name(view->code())));
    fields.hex16("pppoe.session_id", "Session", View::kSessionAt);
    fields.u16("pppoe.payload_length", "Payload length", View::kLengthAt);
    layer.title = concat("PPPoE, ", code_name(view->code()), ", session 0x", Hex{view->session(), 4});
    const Piece inside = piece.behind(View::kSize).first(view->length());
    layer.bytes.end = inside.at;
    if (!state.network_end) state.network_end = inside.at + inside.bytes.size();
    if (inside.bytes.empty()) return {};
    if (view->code() != 0) {
        fields.hex_bytes("pppoed.tags", "Tags", View::kSize, inside.bytes.size());
        layer.bytes.end = inside.at + inside.bytes.size();
        return {};
    }
    return {NextBy::EtherType, wire::ethertype::kPpp, inside};
}

}  // namespace synscope::dissect
