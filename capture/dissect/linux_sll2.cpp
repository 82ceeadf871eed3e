#include "net/wire/linux_sll2.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/linux_sll.hpp"

namespace synscope::dissect {

Next dissect_linux_sll2(const Piece& piece, State& state, Layer& layer) {
    using View = wire::LinuxSll2View;
    FieldWriter fields{piece, layer};
    layer.title = "Linux cooked capture v2";
    if (fields.has(View::kProtocolAt, 2)) {
        const std::uint16_t type = load_be16(piece.bytes, View::kProtocolAt);
        fields.number("sll.etype", "Type", View::kProtocolAt, 2, type,
                      FieldWriter::named_hex(type, wire::ethertype::name(type)));
    }
    fields.u32("sll.ifindex", "Interface", View::kInterfaceAt)
        .help("The number of the interface on the machine that captured.");
    fields.u16("sll.hatype", "Device type", View::kDeviceTypeAt);
    const auto view = View::parse(piece.bytes);
    if (!view) {
        layer.path = "sll";
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    fields
        .number("sll.pkttype", "Packet type", View::kPacketTypeAt, 1, view->packet_type(),
                FieldWriter::named(view->packet_type(), wire::sll_packet_type_name(view->packet_type())))
        .help("Whether this machine sent the packet, received it, or merely saw it.");
    fields.u8("sll.halen", "Address length", View::kAddressLengthAt);
    if (view->address_length() == 6)
        fields.mac("sll.src.eth", "Source", View::kAddressAt);
    else
        fields.hex_bytes("sll.src.other", "Source", View::kAddressAt, 8);
    layer.title = concat("Linux cooked capture v2, ", wire::sll_packet_type_name(view->packet_type()),
                         ", interface ", view->interface_index());
    return {NextBy::EtherType, view->protocol(), piece.behind(View::kSize)};
}

}  // namespace synscope::dissect
