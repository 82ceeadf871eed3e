#include "net/wire/gre.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/checksum.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {
namespace {

using View = wire::GreView;

void add_flags(const View& view, FieldWriter& fields) {
    fields.number("gre.flags_and_version", "Flags and version", View::kFlagsAt, 2, view.flags(),
                  concat("0x", Hex{view.flags(), 4}));
    fields.flag("gre.flags.checksum", "Checksum present", 0, 2, view.has(View::kChecksumPresent));
    fields.flag("gre.flags.key", "Key present", 0, 2, view.has(View::kKeyPresent));
    fields.flag("gre.flags.sequence_number", "Sequence number present", 0, 2,
                view.has(View::kSequencePresent));
    if (view.version() == 1)
        fields.flag("gre.flags.ack", "Acknowledgment present", 0, 2, view.has(View::kAckPresent));
    fields.number("gre.flags.version", "Version", 1, 1, view.version()).deeper();
}

void add_optional(const Piece& piece, const View& view, FieldWriter& fields) {
    if (view.version() == 0 && view.has(View::kChecksumPresent)) {
        fields.hex16("gre.checksum", "Checksum", View::kMinSize);
        fields.note(piece.cut()                                 ? "not checked: not all bytes are here"
                    : wire::internet_checksum(piece.bytes) == 0 ? "correct"
                                                                : "wrong");
    }
    if (view.has(View::kKeyPresent)) {
        if (view.version() == 0) {
            fields.hex32("gre.key", "Key", view.key_at())
                .help("Tells the tunnels between two machines apart.");
        } else {
            fields.u16("gre.key.payload_length", "Payload length", view.key_at());
            fields.u16("gre.key.call_id", "Call", view.key_at() + 2);
        }
    }
    if (view.has(View::kSequencePresent))
        fields.u32("gre.sequence_number", "Sequence number", view.sequence_at());
    if (view.version() == 1 && view.has(View::kAckPresent))
        fields.u32("gre.ack_number", "Acknowledgment number", view.ack_at());
}

}  // namespace

Next dissect_gre(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "GRE";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kMinSize, state);
        return {};
    }
    add_flags(*view, fields);
    fields
        .number("gre.proto", "Protocol", View::kTypeAt, 2, view->type(),
                FieldWriter::named_hex(view->type(), wire::ethertype::name(view->type())))
        .help("Which protocol the tunnel carries.");
    add_optional(piece, *view, fields);
    layer.title = concat("GRE, ", FieldWriter::named_hex(view->type(), wire::ethertype::name(view->type())));
    const Piece inside = piece.behind(view->size());
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    // ERSPAN type I has no header of its own: a mirrored frame follows at once.
    const bool mirrored = view->type() == wire::ethertype::kErspan2 && !view->has(View::kSequencePresent);
    return {NextBy::EtherType, mirrored ? wire::ethertype::kBridged : view->type(), inside};
}

Next dissect_erspan(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "ERSPAN";
    const auto view = wire::ErspanView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), 8, state);
        return {};
    }
    fields.number("erspan.version", "Version", 0, 1, view->version(),
                  view->version() == 1 ? "1 (type II)" : "2 (type III)");
    fields.number("erspan.vlan", "VLAN", 0, 2, view->vlan());
    fields.number("erspan.spanid", "Session", 2, 2, view->session());
    layer.title = concat("ERSPAN, session ", view->session());
    const Piece inside = piece.behind(view->size());
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    return {NextBy::EtherType, wire::ethertype::kBridged, inside};
}

}  // namespace synscope::dissect
