// The IPv6 extension headers (RFC 8200 section 4): each says how long it is and what follows.

#include "capture/dissect/field_writer.hpp"
#include "capture/dissect/ip_options.hpp"
#include "net/base/text.hpp"
#include "net/wire/ipv6.hpp"

namespace synscope::dissect {
namespace {

void add_contents(std::uint8_t kind, const Piece& piece, std::size_t size, FieldWriter& fields,
                  Layer& layer) {
    using namespace wire::ip_protocol;
    if (kind == kHopByHop || kind == kDestinationOptions) {
        add_ipv6_options(piece, 2, size, fields, layer);
    } else if (kind == kRouting) {
        fields.u8("ipv6.routing.type", "Routing type", 2);
        fields.u8("ipv6.routing.segleft", "Segments left", 3);
        for (std::size_t at = 8; at + 16 <= size; at += 16)
            fields.address("ipv6.routing.src.addr", "Router", at, 16);
    } else if (kind == kAuthentication) {
        fields.hex32("ah.spi", "Security parameters", 4);
        fields.u32("ah.sequence", "Sequence number", 8);
        if (size > 12) fields.hex_bytes("ah.icv", "Integrity check", 12, size - 12);
    } else {
        fields.hex_bytes("ipv6.opt.data", "Contents", 2, size - 2);
    }
}

/// Wireshark's names: each header has its own.
struct Names {
    std::string_view next;
    std::string_view length;  ///< in bytes
};
Names names_of(std::uint8_t kind) {
    using namespace wire::ip_protocol;
    switch (kind) {
        case kHopByHop:
            return {"ipv6.hopopts.nxt", "ipv6.hopopts.len_oct"};
        case kRouting:
            return {"ipv6.routing.nxt", "ipv6.routing.len_oct"};
        case kFragment:
            return {"ipv6.fraghdr.nxt", ""};
        case kAuthentication:
            return {"ah.next_header", "ah.length"};
        default:
            return {"ipv6.dstopts.nxt", "ipv6.dstopts.len_oct"};
    }
}

Next extension(std::uint8_t kind, std::string_view title, const Piece& piece, State& state, Layer& layer) {
    using View = wire::Ipv6ExtensionView;
    FieldWriter fields{piece, layer};
    layer.title = title;
    const Names names = names_of(kind);
    if (fields.has(0, 1)) {
        const std::uint8_t next = load_u8(piece.bytes, 0);
        fields.number(names.next, "Next header", 0, 1, next,
                      FieldWriter::named(next, wire::ip_protocol::name(next)));
    }
    const auto view = View::parse(kind, piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), 8, state);
        return {};
    }
    if (kind == wire::ip_protocol::kFragment) {
        // Counted in units of 8 bytes, as Wireshark does.
        fields.number("ipv6.fraghdr.offset", "Offset", 2, 2, view->fragment_offset() / 8u,
                      concat(view->fragment_offset(), " bytes"));
        fields.number("ipv6.fraghdr.more", "More fragments", 3, 1, view->more_fragments() ? 1 : 0,
                      view->more_fragments() ? "yes" : "no");
        fields.hex32("ipv6.fraghdr.ident", "Identification", 4)
            .help("The fragments of one packet carry the same number.");
        state.fragment = state.fragment || view->fragment();
    } else {
        fields.number(names.length, "Length", 1, 1, view->size(), concat(view->size(), " bytes"));
        add_contents(kind, piece, view->size(), fields, layer);
    }
    const Piece inside = piece.behind(view->size());
    if (view->next_header() == wire::ip_protocol::kNoNextHeader || inside.length == 0) {
        layer.bytes.end = inside.at;
        return {};
    }
    if (!state.fragment) return {NextBy::IpProtocol, view->next_header(), inside};
    wire::IpPacket packet;
    packet.protocol = view->next_header();
    packet.identification = view->identification();
    packet.fragment_offset = view->fragment_offset();
    packet.more_fragments = view->more_fragments();
    return behind_fragment(packet, inside, state, layer);
}

}  // namespace

Next dissect_hop_by_hop(const Piece& piece, State& state, Layer& layer) {
    return extension(wire::ip_protocol::kHopByHop, "IPv6 hop-by-hop options", piece, state, layer);
}
Next dissect_routing(const Piece& piece, State& state, Layer& layer) {
    return extension(wire::ip_protocol::kRouting, "IPv6 routing header", piece, state, layer);
}
Next dissect_fragment(const Piece& piece, State& state, Layer& layer) {
    return extension(wire::ip_protocol::kFragment, "IPv6 fragment header", piece, state, layer);
}
Next dissect_authentication(const Piece& piece, State& state, Layer& layer) {
    return extension(wire::ip_protocol::kAuthentication, "IP authentication header", piece, state, layer);
}
Next dissect_destination_options(const Piece& piece, State& state, Layer& layer) {
    return extension(wire::ip_protocol::kDestinationOptions, "IPv6 destination options", piece, state, layer);
}

}  // namespace synscope::dissect
