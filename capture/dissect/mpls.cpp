#include "net/wire/mpls.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_mpls(const Piece& piece, State& state, Layer& layer) {
    using View = wire::MplsView;
    FieldWriter fields{piece, layer};
    layer.title = "MPLS";
    std::size_t at = 0;
    for (std::size_t labels = 0; labels < wire::kMaxMplsLabels; ++labels, at += View::kSize) {
        const auto view = View::parse(piece.bytes.subspan(at));
        if (!view) {
            mark_malformed(layer, piece, view.error(), at + View::kSize, state);
            return {};
        }
        append(layer.title, concat(labels == 0 ? ", label " : " / ", view->label()));
        fields.number("mpls.label", "Label", at, 3, view->label())
            .help("Routers forward by this number, and exchange it on the way.");
        fields.number("mpls.exp", "Traffic class", at + 2, 1, view->traffic_class()).deeper();
        fields.flag("mpls.bottom", "Bottom of the stack", at + 2, 1, view->bottom());
        fields.number("mpls.ttl", "Time to live", at + 3, 1, view->ttl()).deeper();
        if (view->bottom()) break;
    }
    at += View::kSize;
    if (at > piece.bytes.size()) {
        layer.malformed = Malformed{piece.at, "the label stack has no bottom"};
        return {};
    }
    const wire::MplsPayload payload = wire::mpls_payload(piece.bytes.subspan(at));
    if (payload == wire::MplsPayload::ControlledEthernet) {
        fields.hex_bytes("pwethcw.word", "Pseudowire control word", at, 4)
            .note("a guess: only the ends of the pseudowire know what follows");
        at += 4;
    }
    const Piece inside = piece.behind(at);
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    switch (payload) {
        case wire::MplsPayload::Ipv4:
            return {NextBy::EtherType, wire::ethertype::kIpv4, inside};
        case wire::MplsPayload::Ipv6:
            return {NextBy::EtherType, wire::ethertype::kIpv6, inside};
        case wire::MplsPayload::ControlledEthernet:
            return {NextBy::EtherType, wire::ethertype::kBridged, inside};
        case wire::MplsPayload::Unknown:
            break;
    }
    return {NextBy::Data, 0, inside};
}

}  // namespace synscope::dissect
