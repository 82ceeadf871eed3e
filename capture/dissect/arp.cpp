#include "net/wire/arp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {

Next dissect_arp(const Piece& piece, State& state, Layer& layer) {
    using View = wire::ArpView;
    FieldWriter fields{piece, layer};
    layer.title = "ARP";
    fields.u16("arp.hw.type", "Hardware type", View::kHardwareAt).help("1 is Ethernet.");
    fields.hex16("arp.proto.type", "Protocol type", View::kProtocolAt).help("0x0800 is IPv4.");
    fields.u8("arp.hw.size", "Hardware address size", View::kHardwareSizeAt);
    fields.u8("arp.proto.size", "Protocol address size", View::kProtocolSizeAt);
    if (fields.has(View::kOperationAt, 2)) {
        const std::uint16_t op = load_be16(piece.bytes, View::kOperationAt);
        fields
            .number("arp.opcode", "Operation", View::kOperationAt, 2, op,
                    FieldWriter::named(op, op == View::kRequest ? "request"
                                           : op == View::kReply ? "reply"
                                                                : ""))
            .help("A request asks everyone whose address this is; the owner replies with its MAC address.");
    }
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    fields.mac("arp.src.hw_mac", "Sender MAC", View::kSenderMacAt);
    fields.address("arp.src.proto_ipv4", "Sender IP", View::kSenderIpAt, 4);
    fields.mac("arp.dst.hw_mac", "Target MAC", View::kTargetMacAt);
    if (view->operation() == View::kRequest)
        fields.note("not known yet: that is the question").help("In a request this field is not looked at.");
    fields.address("arp.dst.proto_ipv4", "Target IP", View::kTargetIpAt, 4);
    if (view->sender_ip() == view->target_ip()) fields.note("announces itself (gratuitous ARP)");
    layer.title = wire::ArpHeader::from(*view).text();
    layer.bytes.end = piece.at + View::kSize;
    if (!state.network_end) state.network_end = piece.at + View::kSize;
    return {};
}

}  // namespace synscope::dissect
