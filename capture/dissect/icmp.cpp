#include "net/wire/icmp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/checksum.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_icmp(const Piece& piece, State& state, Layer& layer) {
    using View = wire::IcmpView;
    FieldWriter fields{piece, layer};
    layer.title = "ICMP";
    if (fields.has(0, 2)) {
        const std::uint8_t type = load_u8(piece.bytes, View::kTypeAt);
        const std::uint8_t code = load_u8(piece.bytes, View::kCodeAt);
        fields.number("icmp.type", "Type", View::kTypeAt, 1, type,
                      FieldWriter::named(type, wire::icmp_type_name(type)));
        fields.number("icmp.code", "Code", View::kCodeAt, 1, code,
                      FieldWriter::named(code, wire::icmp_code_name(type, code)));
    }
    fields.hex16("icmp.checksum", "Checksum", View::kChecksumAt);
    if (fields.has(View::kChecksumAt, 2))
        fields.note(piece.cut() || state.quoted                 ? "not checked: not all bytes are here"
                    : wire::internet_checksum(piece.bytes) == 0 ? "correct"
                                                                : "wrong");
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    layer.title = wire::IcmpHeader::from(*view).text();
    const Piece inside = piece.behind(View::kSize);
    layer.bytes.end = inside.at;
    if (view->is_echo()) {
        fields.u16("icmp.ident", "Identifier", View::kIdentifierAt)
            .help("Tells the pings of one program from those of another.");
        fields.u16("icmp.seq", "Sequence number", View::kSequenceAt);
    } else {
        fields.hex_bytes("icmp.unused", "Bytes 4 to 7", View::kIdentifierAt, 4);
    }
    if (inside.bytes.empty()) return {};
    if (view->quotes_packet() && !state.quoted) {
        state.quoted = true;
        return {NextBy::EtherType, wire::ethertype::kIpv4, inside};
    }
    return {NextBy::Data, 0, inside};
}

}  // namespace synscope::dissect
