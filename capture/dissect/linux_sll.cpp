#include "net/wire/linux_sll.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Next dissect_linux_sll(const Piece& piece, State& state, Layer& layer) {
    using View = wire::LinuxSllView;
    FieldWriter fields{piece, layer};
    layer.title = "Linux cooked capture";
    if (fields.has(View::kPacketTypeAt, 2)) {
        const std::uint16_t type = load_be16(piece.bytes, View::kPacketTypeAt);
        fields
            .number("sll.pkttype", "Packet type", View::kPacketTypeAt, 2, type,
                    FieldWriter::named(type, wire::sll_packet_type_name(type)))
            .help("Whether this machine sent the packet, received it, or merely saw it.");
    }
    fields.u16("sll.hatype", "Device type", View::kDeviceTypeAt);
    fields.u16("sll.halen", "Address length", View::kAddressLengthAt);
    const auto view = View::parse(piece.bytes);
    if (!view) {
        layer.path = "sll";
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    if (view->address_length() == 6)
        fields.mac("sll.src.eth", "Source", View::kAddressAt);
    else
        fields.hex_bytes("sll.src.other", "Source", View::kAddressAt, 8);
    fields.number("sll.etype", "Type", View::kProtocolAt, 2, view->protocol(),
                  FieldWriter::named_hex(view->protocol(), wire::ethertype::name(view->protocol())));
    layer.title = concat("Linux cooked capture, ", wire::sll_packet_type_name(view->packet_type()));
    return {NextBy::EtherType, view->protocol(), piece.behind(View::kSize)};
}

}  // namespace synscope::dissect
