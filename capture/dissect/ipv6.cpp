#include "net/wire/ipv6.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

using View = wire::Ipv6View;

void add_fields(const Piece& piece, FieldWriter& fields) {
    if (fields.has(0, 4)) {
        const std::uint32_t word = load_be32(piece.bytes, 0);
        fields.number("ipv6.version", "Version", 0, 1, word >> 28);
        fields.number("ipv6.tclass", "Traffic class", 0, 2, word >> 20 & 0xff,
                      concat("0x", Hex{word >> 20 & 0xff, 2}));
        fields.number("ipv6.flow", "Flow label", 1, 3, word & 0xfffff, concat("0x", Hex{word & 0xfffff, 5}))
            .help("Packets of one flow carry the same label, so that routers send them the same way.");
    }
    fields.u16("ipv6.plen", "Payload length", View::kPayloadLengthAt);
    if (fields.has(View::kNextHeaderAt, 1)) {
        const std::uint8_t next = load_u8(piece.bytes, View::kNextHeaderAt);
        fields.number("ipv6.nxt", "Next header", View::kNextHeaderAt, 1, next,
                      FieldWriter::named(next, wire::ip_protocol::name(next)));
    }
    fields.u8("ipv6.hlim", "Hop limit", View::kHopLimitAt)
        .help("Every router takes one off; at 0 the packet is dropped.");
    fields.address("ipv6.src", "Source", View::kSourceAt, 16);
    fields.address("ipv6.dst", "Destination", View::kDestinationAt, 16);
}

}  // namespace

Next dissect_ipv6(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    if (!state.names_only) {
        layer.title = "IPv6";
        add_fields(piece, fields);
    }
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    if (!state.names_only)
        layer.title = concat("IPv6, ", view->source().text(), " > ", view->destination().text());
    Piece inside = piece.behind(View::kSize);
    if (view->payload_length() != 0) {
        if (view->payload_length() > inside.length)
            layer.malformed = Malformed{
                piece.at + View::kPayloadLengthAt,
                concat("payload length ", view->payload_length(), ", but only ", inside.length, " came")};
        inside = inside.first(view->payload_length());
    }
    state.source = view->source();
    state.destination = view->destination();
    state.fragment = false;
    if (!state.network_end) state.network_end = inside.at + inside.bytes.size();
    if (view->next_header() == wire::ip_protocol::kNoNextHeader || inside.length == 0) {
        layer.bytes.end = inside.at;
        return {};
    }
    return {NextBy::IpProtocol, view->next_header(), inside};
}

}  // namespace synscope::dissect
