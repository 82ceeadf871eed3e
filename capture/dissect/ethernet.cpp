#include "net/wire/ethernet.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {

Next dissect_ethernet(const Piece& piece, State& state, Layer& layer) {
    using View = wire::EthernetView;
    FieldWriter fields{piece, layer};
    fields.mac("eth.dst", "Destination", View::kDestinationAt)
        .help("The network card the frame is for; ff:ff:ff:ff:ff:ff is everyone on this wire.");
    fields.mac("eth.src", "Source", View::kSourceAt);
    layer.title = "Ethernet";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        layer.path = "eth";
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    layer.title = concat("Ethernet, ", view->source().text(), " > ", view->destination().text());
    const std::uint16_t type = view->type();
    if (type < wire::ethertype::kSmallest) {
        layer.path = "eth";
        fields.u16("eth.len", "Length", View::kTypeAt)
            .help("Below 1536 this is the length of an 802.3 frame, not a protocol number.");
        const Piece inside = piece.behind(View::kSize).first(type);
        if (!state.network_end) state.network_end = inside.at + inside.bytes.size();
        return {NextBy::Llc, type, inside};
    }
    fields
        .number("eth.type", "Type", View::kTypeAt, 2, type,
                FieldWriter::named_hex(type, wire::ethertype::name(type)))
        .help("Says which protocol the frame carries.");
    return {NextBy::EtherType, type, piece.behind(View::kSize)};
}

}  // namespace synscope::dissect
