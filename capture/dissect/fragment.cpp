#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {

Next behind_fragment(wire::IpPacket packet, const Piece& inside, State& state, Layer& layer) {
    const bool six = state.source.family == 6;
    packet.source = state.source;
    packet.destination = state.destination;
    packet.fragment = true;
    packet.payload = inside.bytes;
    packet.payload_length = inside.length;
    layer.bytes.end = inside.at;
    if (state.fragments == nullptr || state.quoted || !wire::is_whole_fragment(packet))
        return {NextBy::Data, 0, inside};
    const auto whole = state.fragments->add(packet, state.at);
    if (!whole) return {NextBy::Data, 0, inside};
    FieldWriter fields{inside, layer};
    fields.hex_bytes(six ? "ipv6.fragment" : "ip.fragment", "Fragment", 0, inside.bytes.size());
    fields.note(whole->conflict ? "completes the datagram; fragments overlapped and did not agree, the bytes "
                                  "that came first are shown"
                                : "completes the datagram");
    fields.computed(six ? "ipv6.fragment.count" : "ip.fragment.count", "Fragments",
                    std::uint64_t{whole->fragments});
    fields.computed(six ? "ipv6.reassembled.length" : "ip.reassembled.length", "Datagram",
                    std::uint64_t{whole->payload.size()}, concat(whole->payload.size(), " bytes"));
    layer.bytes.end = inside.at + inside.bytes.size();
    state.fragment = false;
    Next next{NextBy::IpProtocol, whole->protocol, inside};
    next.derived = {six ? "Reassembled IPv6" : "Reassembled IPv4",
                    {whole->payload.begin(), whole->payload.end()}};
    return next;
}

}  // namespace synscope::dissect
