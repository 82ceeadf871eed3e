// The IPv6 extension headers (RFC 8200 section 4): each says how long it is and what follows.

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ipv6.hpp"

namespace synscope::dissect {
namespace {

Next extension(std::uint8_t kind, std::string_view title, const Piece& piece, State& state, Layer& layer) {
    using View = wire::Ipv6ExtensionView;
    FieldWriter fields{piece, layer};
    layer.title = title;
    if (fields.has(0, 1)) {
        const std::uint8_t next = load_u8(piece.bytes, 0);
        fields.number("ipv6.nxt", "Next header", 0, 1, next,
                      FieldWriter::named(next, wire::ip_protocol::name(next)));
    }
    const auto view = View::parse(kind, piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), 8, state);
        return {};
    }
    if (kind == wire::ip_protocol::kFragment) {
        fields.text("ipv6.fraghdr.offset", "Offset", 2, 2, concat(view->fragment_offset()));
        fields.text("ipv6.fraghdr.more", "More fragments", 3, 1, view->more_fragments() ? "yes" : "no");
        fields.hex32("ipv6.fraghdr.ident", "Identification", 4)
            .help("The fragments of one packet carry the same number.");
        state.fragment = state.fragment || view->fragment();
    } else {
        fields.number("ipv6.opt.length", "Length", 1, 1, view->size(), concat(view->size(), " bytes"));
        fields.hex_bytes("ipv6.opt.data", "Contents", 2, view->size() - 2);
    }
    const Piece inside = piece.behind(view->size());
    if (view->next_header() == wire::ip_protocol::kNoNextHeader || inside.length == 0) {
        layer.bytes.end = inside.at;
        return {};
    }
    return {state.fragment ? NextBy::Data : NextBy::IpProtocol, view->next_header(), inside};
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
