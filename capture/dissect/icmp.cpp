#include "net/wire/icmp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/checksum.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {
namespace {

using View = wire::IcmpView;

/// Bytes 4 to 7 of what is no echo.
void add_word(const View& view, FieldWriter& fields) {
    switch (view.type()) {
        case View::kUnreachable:
            if (view.code() != 4) break;
            fields.u16("icmp.mtu", "MTU of the next link", 6).help("Packets up to this size fit (RFC 1191).");
            return;
        case View::kRedirect:
            fields.address("icmp.redir_gw", "Better router", 4, 4);
            return;
        case View::kParameterProblem:
            fields.u8("icmp.pointer", "Place of the problem", 4);
            return;
        case View::kTimestampRequest:
        case View::kTimestampReply:
            fields.u16("icmp.ident", "Identifier", View::kIdentifierAt);
            fields.u16("icmp.seq", "Sequence number", View::kSequenceAt);
            return;
        case View::kRouterAdvertisement:
            fields.u8("icmp.num_addrs", "Routers", 4);
            fields.u8("icmp.addr_entry_size", "Words of each", 5);
            fields.u16("icmp.lifetime", "Seconds they are good for", 6);
            return;
        default:
            break;
    }
    fields.hex_bytes("icmp.unused", "Bytes 4 to 7", View::kIdentifierAt, 4);
}

/// What timestamps and router advertisements carry.
void add_body(const View& view, const Piece& inside, FieldWriter& fields) {
    if (view.type() != View::kRouterAdvertisement) {
        fields.u32("icmp.originate_timestamp", "Sent", 8).help("Milliseconds since midnight UTC.");
        fields.u32("icmp.receive_timestamp", "Received", 12);
        fields.u32("icmp.transmit_timestamp", "Answered", 16);
        return;
    }
    for (std::size_t at = 0; at + 8 <= inside.bytes.size(); at += 8) {
        fields.address("icmp.router_address", "Router", 8 + at, 4);
        fields.u32("icmp.pref_level", "Preference", 8 + at + 4).deeper();
    }
}

}  // namespace

Next dissect_icmp(const Piece& piece, State& state, Layer& layer) {
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
        add_word(*view, fields);
    }
    if (inside.bytes.empty()) return {};
    if (view->quotes_packet() && !state.quoted) {
        state.quoted = true;
        return {NextBy::EtherType, wire::ethertype::kIpv4, inside};
    }
    const std::uint8_t type = view->type();
    if (type == View::kTimestampRequest || type == View::kTimestampReply ||
        type == View::kRouterAdvertisement) {
        layer.bytes.end = inside.at + inside.bytes.size();
        add_body(*view, inside, fields);
        return {};
    }
    return {NextBy::Data, 0, inside};
}

}  // namespace synscope::dissect
