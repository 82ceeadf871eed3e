#include "net/wire/udp.hpp"

#include "capture/dissect/checksum_note.hpp"
#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {

Next dissect_udp(const Piece& piece, State& state, Layer& layer) {
    using View = wire::UdpView;
    FieldWriter fields{piece, layer};
    layer.title = "UDP";
    fields.u16("udp.srcport", "Source port", View::kSourcePortAt);
    fields.u16("udp.dstport", "Destination port", View::kDestinationPortAt);
    fields.u16("udp.length", "Length", View::kLengthAt).help("Header and payload, in bytes.");
    fields.hex16("udp.checksum", "Checksum", View::kChecksumAt);
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    Piece datagram = piece;
    if (view->length() >= View::kSize)
        datagram = piece.first(view->length());
    else if (view->length() != 0)
        layer.malformed = Malformed{piece.at + View::kLengthAt,
                                    concat("length ", view->length(), " is smaller than the header")};
    if (view->length() > piece.length && !state.quoted && !state.fragment)
        layer.malformed =
            Malformed{piece.at + View::kLengthAt,
                      concat("length ", view->length(), ", but only ", piece.length, " bytes came")};
    fields.note(view->checksum() == 0 && state.source.family == 4
                    ? "not used: the sender computed none"
                    : checksum_note(datagram, state, wire::ip_protocol::kUdp, View::kChecksumAt));
    layer.title = concat("UDP, port ", view->source_port(), " > ", view->destination_port());
    const Piece inside = datagram.behind(View::kSize);
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    state.source_port = view->source_port();
    state.destination_port = view->destination_port();
    return {state.quoted ? NextBy::Data : NextBy::Udp, 0, inside};
}

}  // namespace synscope::dissect
