#include "net/wire/ppp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_ppp(const Piece& piece, State& state, Layer& layer) {
    layer.title = "PPP";
    const auto view = wire::PppView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), piece.bytes.size() + 1, state);
        return {};
    }
    FieldWriter fields{piece, layer};
    if (view->has_address()) fields.u8("ppp.address", "Address", 0).u8("ppp.control", "Control", 1);
    const std::uint8_t version = view->ip_version();
    const std::string_view name = version == 4 ? "IPv4" : version == 6 ? "IPv6" : "";
    fields.number("ppp.protocol", "Protocol", view->protocol_at(), view->protocol_size(), view->protocol(),
                  FieldWriter::named_hex(view->protocol(), name));
    const Piece inside = piece.behind(view->size());
    if (version == 0) return {NextBy::Data, 0, inside};
    return {NextBy::EtherType, version == 4 ? wire::ethertype::kIpv4 : wire::ethertype::kIpv6, inside};
}

}  // namespace synscope::dissect
