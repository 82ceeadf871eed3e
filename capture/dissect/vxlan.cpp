// Ethernet and IPv6 inside UDP.
#include "net/wire/vxlan.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_vxlan(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "VXLAN";
    const auto view = wire::VxlanView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), wire::VxlanView::kSize, state);
        return {};
    }
    fields.hex16("vxlan.flags", "Flags", 0);
    fields.flag("vxlan.flag_i", "Network identifier valid", 0, 2, view->valid());
    fields.number("vxlan.vni", "Network identifier", 4, 3, view->vni())
        .help("Tells the networks apart that share the tunnel.");
    layer.title = concat("VXLAN, network ", view->vni());
    const Piece inside = piece.behind(wire::VxlanView::kSize);
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    return {NextBy::EtherType, wire::ethertype::kBridged, inside};
}

Next dissect_geneve(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "Geneve";
    const auto view = wire::GeneveView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), wire::GeneveView::kMinSize, state);
        return {};
    }
    fields.number("geneve.proto_type", "Protocol", wire::GeneveView::kTypeAt, 2, view->type(),
                  FieldWriter::named_hex(view->type(), wire::ethertype::name(view->type())));
    fields.number("geneve.vni", "Network identifier", 4, 3, view->vni());
    if (view->size() > wire::GeneveView::kMinSize)
        fields.hex_bytes("geneve.options", "Options", wire::GeneveView::kMinSize,
                         view->size() - wire::GeneveView::kMinSize);
    layer.title = concat("Geneve, network ", view->vni());
    const Piece inside = piece.behind(view->size());
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    return {NextBy::EtherType, view->type(), inside};
}

Next dissect_teredo(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "Teredo, IPv6 in UDP";
    const std::size_t size = wire::teredo_header_size(piece.bytes);
    if (size > piece.bytes.size()) {
        mark_malformed(layer, piece, wire::HeaderError::Truncated, size, state);
        return {};
    }
    if (size != 0) fields.hex_bytes("teredo.indications", "Authentication and origin", 0, size);
    const Piece inside = piece.behind(size);
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    if (load_u8(inside.bytes, 0) >> 4 != 6) return {NextBy::Data, 0, inside};
    return {NextBy::EtherType, wire::ethertype::kIpv6, inside};
}

}  // namespace synscope::dissect
