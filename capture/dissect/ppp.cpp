#include "net/wire/ppp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

/// Cisco's HDLC: address, control, EtherType. PPP may stand in its place (RFC 1662), and the other way round.
Next dissect_cisco_hdlc(const Piece& piece, State& state, Layer& layer) {
    layer.title = "Cisco HDLC";
    if (piece.bytes.size() < 4) {
        mark_malformed(layer, piece, wire::HeaderError::Truncated, 4, state);
        return {};
    }
    FieldWriter fields{piece, layer};
    fields.u8("chdlc.address", "Address", 0).u8("chdlc.control", "Control", 1);
    const std::uint16_t type = load_be16(piece.bytes, 2);
    fields.number("chdlc.protocol", "Protocol", 2, 2, type,
                  FieldWriter::named_hex(type, wire::ethertype::name(type)));
    return {NextBy::EtherType, type, piece.behind(4)};
}

Next dissect_ppp(const Piece& piece, State& state, Layer& layer) {
    layer.title = "PPP";
    if (!piece.bytes.empty() && (load_u8(piece.bytes, 0) == 0x0f || load_u8(piece.bytes, 0) == 0x8f)) {
        layer.protocol = layer.path = "chdlc";
        return dissect_cisco_hdlc(piece, state, layer);
    }
    const auto view = wire::PppView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), piece.bytes.size() + 1, state);
        return {};
    }
    FieldWriter fields{piece, layer};
    if (view->has_address()) fields.u8("ppp.address", "Address", 0).u8("ppp.control", "Control", 1);
    const std::uint8_t version = view->ip_version();
    const bool labels =
        view->protocol() == wire::PppView::kMpls || view->protocol() == wire::PppView::kMplsMulticast;
    const std::string_view name = version == 4 ? "IPv4" : version == 6 ? "IPv6" : labels ? "MPLS" : "";
    fields.number("ppp.protocol", "Protocol", view->protocol_at(), view->protocol_size(), view->protocol(),
                  FieldWriter::named_hex(view->protocol(), name));
    const Piece inside = piece.behind(view->size());
    if (labels) return {NextBy::EtherType, wire::ethertype::kMpls, inside};
    if (version == 0) return {NextBy::Data, 0, inside};
    return {NextBy::EtherType, version == 4 ? wire::ethertype::kIpv4 : wire::ethertype::kIpv6, inside};
}

}  // namespace synscope::dissect
