#include "net/wire/ethernet.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

using View = wire::EthernetView;

void show(const Piece& piece, const Result<View, wire::HeaderError>& view, Layer& layer) {
    FieldWriter fields{piece, layer};
    fields.mac("eth.dst", "Destination", View::kDestinationAt)
        .help("The network card the frame is for; ff:ff:ff:ff:ff:ff is everyone on this wire.");
    fields.mac("eth.src", "Source", View::kSourceAt);
    layer.title = "Ethernet";
    if (!view) return;
    layer.title = concat("Ethernet, ", view->source().text(), " > ", view->destination().text());
    const std::uint16_t type = view->type();
    if (type < wire::ethertype::kSmallest)
        fields.u16("eth.len", "Length", View::kTypeAt)
            .help("Below 1536 this is the length of an 802.3 frame, not a protocol number.");
    else
        fields
            .number("eth.type", "Type", View::kTypeAt, 2, type,
                    FieldWriter::named_hex(type, wire::ethertype::name(type)))
            .help("Says which protocol the frame carries.");
}

}  // namespace

Next dissect_ethernet(const Piece& piece, State& state, Layer& layer) {
    const auto view = View::parse(piece.bytes);
    if (!state.names_only) show(piece, view, layer);
    if (!view) {
        layer.path = "eth";
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    const std::uint16_t type = view->type();
    if (type < wire::ethertype::kSmallest) {
        layer.path = "eth";
        const Piece inside = piece.behind(View::kSize).first(type);
        if (!state.network_end) state.network_end = inside.at + inside.bytes.size();
        return {NextBy::Llc, type, inside};
    }
    return {NextBy::EtherType, type, piece.behind(View::kSize)};
}

}  // namespace synscope::dissect
