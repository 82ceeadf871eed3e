#include "net/wire/vlan.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_vlan(const Piece& piece, State& state, Layer& layer) {
    using View = wire::VlanView;
    FieldWriter fields{piece, layer};
    layer.title = "802.1Q tag";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        if (fields.has(View::kTagAt, 2)) fields.hex16("vlan.tci", "Tag", View::kTagAt);
        layer.path = layer.protocol;
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    layer.title = concat("802.1Q tag, VLAN ", view->vlan());
    fields.number("vlan.priority", "Priority", View::kTagAt, 1, view->priority())
        .help("0 is ordinary, 7 the most urgent; switches may serve higher ones first.");
    fields.number("vlan.dei", "Drop eligible", View::kTagAt, 1, view->drop_eligible() ? 1 : 0,
                  view->drop_eligible() ? "yes" : "no");
    fields.number("vlan.id", "VLAN", View::kTagAt, 2, view->vlan())
        .help("Frames of different VLANs share a cable but not a network.");
    fields.number("vlan.etype", "Type", View::kTypeAt, 2, view->type(),
                  FieldWriter::named_hex(view->type(), wire::ethertype::name(view->type())));
    const Piece inside = piece.behind(View::kSize);
    if (view->type() < wire::ethertype::kSmallest) {
        layer.path = layer.protocol;
        return {NextBy::Llc, view->type(), inside.first(view->type())};
    }
    return {NextBy::EtherType, view->type(), inside};
}

}  // namespace synscope::dissect
