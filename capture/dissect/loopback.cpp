#include "net/wire/loopback.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_loopback(const Piece& piece, State& state, Layer& layer) {
    using View = wire::LoopbackView;
    layer.title = "Loopback";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    const auto version = view->ip_version();
    const std::string_view family = !version ? "unknown" : *version == 4 ? "IPv4" : "IPv6";
    layer.title = concat("Loopback, family ", family);
    FieldWriter(piece, layer)
        .number("null.family", "Address family", 0, 4, view->family(),
                concat(view->family(), " (", family, ')'))
        .note(view->big_endian() ? "written in network byte order" : "written in little-endian byte order")
        .help("Loopback has no link header; BSD captures put the address family in its place.");
    const Piece inside = piece.behind(View::kSize);
    if (!version) return {NextBy::Data, 0, inside};
    return {NextBy::EtherType, *version == 4 ? wire::ethertype::kIpv4 : wire::ethertype::kIpv6, inside};
}

}  // namespace synscope::dissect
