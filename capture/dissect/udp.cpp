#include "net/wire/udp.hpp"

#include "capture/dissect/checksum_note.hpp"
#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {
namespace {

using View = wire::UdpView;

void add_fixed(const Piece& piece, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "UDP";
    fields.u16("udp.srcport", "Source port", View::kSourcePortAt);
    fields.u16("udp.dstport", "Destination port", View::kDestinationPortAt);
    fields.u16("udp.length", "Length", View::kLengthAt).help("Header and payload, in bytes.");
    fields.hex16("udp.checksum", "Checksum", View::kChecksumAt);
}

/// `datagram` is what the header's length leaves of `piece`.
void judge(const Piece& piece, const Piece& datagram, const View& view, const State& state, Layer& layer) {
    if (view.length() != 0 && view.length() < View::kSize)
        layer.malformed = Malformed{piece.at + View::kLengthAt,
                                    concat("length ", view.length(), " is smaller than the header")};
    if (view.length() > piece.length && !state.quoted && !state.fragment)
        layer.malformed =
            Malformed{piece.at + View::kLengthAt,
                      concat("length ", view.length(), ", but only ", piece.length, " bytes came")};
    layer.fields.back().note =
        view.checksum() == 0 && state.source.family == 4
            ? "not used: the sender computed none"
            : checksum_note(datagram, state, wire::ip_protocol::kUdp, View::kChecksumAt);
    layer.title = concat("UDP, port ", view.source_port(), " > ", view.destination_port());
}

}  // namespace

Next dissect_udp(const Piece& piece, State& state, Layer& layer) {
    if (!state.names_only) add_fixed(piece, layer);
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    const Piece datagram = view->length() >= View::kSize ? piece.first(view->length()) : piece;
    if (!state.names_only) judge(piece, datagram, *view, state, layer);
    const Piece inside = datagram.behind(View::kSize);
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    state.source_port = view->source_port();
    state.destination_port = view->destination_port();
    return {state.quoted ? NextBy::Data : NextBy::Udp, 0, inside};
}

}  // namespace synscope::dissect
