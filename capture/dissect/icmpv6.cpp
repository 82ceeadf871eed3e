#include "net/wire/icmpv6.hpp"

#include "capture/dissect/checksum_note.hpp"
#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {

Next dissect_icmpv6(const Piece& piece, State& state, Layer& layer) {
    using View = wire::Icmpv6View;
    FieldWriter fields{piece, layer};
    layer.title = "ICMPv6";
    if (fields.has(0, 2)) {
        const std::uint8_t type = load_u8(piece.bytes, View::kTypeAt);
        const std::uint8_t code = load_u8(piece.bytes, View::kCodeAt);
        fields.number("icmpv6.type", "Type", View::kTypeAt, 1, type,
                      FieldWriter::named(type, wire::icmpv6_type_name(type)));
        fields.number("icmpv6.code", "Code", View::kCodeAt, 1, code,
                      FieldWriter::named(code, wire::icmpv6_code_name(type, code)));
    }
    fields.hex16("icmpv6.checksum", "Checksum", View::kChecksumAt);
    if (fields.has(View::kChecksumAt, 2))
        fields.note(checksum_note(piece, state, wire::ip_protocol::kIcmpv6, View::kChecksumAt));
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    layer.title = wire::Icmpv6Header::from(*view).text();
    const Piece inside = piece.behind(View::kSize);
    const bool names_target =
        view->type() == View::kNeighborSolicitation || view->type() == View::kNeighborAdvertisement;
    if (view->is_echo()) {
        layer.bytes.end = inside.at;
        fields.u16("icmpv6.echo.identifier", "Identifier", View::kIdentifierAt)
            .help("Tells the pings of one program from those of another.");
        fields.u16("icmpv6.echo.sequence_number", "Sequence number", View::kSequenceAt);
        if (inside.bytes.empty()) return {};
        return {NextBy::Data, 0, inside};
    }
    fields.hex_bytes("icmpv6.reserved", "Bytes 4 to 7", View::kIdentifierAt, 4);
    if (names_target)
        fields.address("icmpv6.nd.ns.target_address", "Target", View::kSize, 16)
            .help("Whose link address is asked for, or told: the IPv6 counterpart of ARP.");
    if (view->quotes_packet() && !state.quoted && !inside.bytes.empty()) {
        state.quoted = true;
        return {NextBy::EtherType, wire::ethertype::kIpv6, inside};
    }
    // The rest of the other messages belongs to ICMPv6 itself.
    if (!names_target && !inside.bytes.empty())
        fields.hex_bytes("icmpv6.data", "Message", View::kSize, inside.bytes.size());
    return {};
}

}  // namespace synscope::dissect
