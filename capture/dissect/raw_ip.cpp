#include "capture/dissect/field_writer.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_raw_ip(const Piece& piece, State&, Layer& layer) {
    layer.title = "Raw IP: no link layer";
    layer.bytes.end = piece.at;
    if (piece.bytes.empty()) {
        layer.malformed = Malformed{piece.at, "the packet is empty"};
        return {};
    }
    const unsigned version = load_u8(piece.bytes, 0) >> 4;
    if (version == 4) return {NextBy::EtherType, wire::ethertype::kIpv4, piece};
    if (version == 6) return {NextBy::EtherType, wire::ethertype::kIpv6, piece};
    layer.malformed = Malformed{piece.at, "neither IPv4 nor IPv6"};
    return {NextBy::Data, 0, piece};
}

}  // namespace synscope::dissect
