#include "net/wire/ipv4.hpp"

#include <algorithm>

#include "capture/dissect/field_writer.hpp"
#include "capture/dissect/ip_options.hpp"
#include "net/base/text.hpp"
#include "net/wire/checksum.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {
namespace {

using View = wire::Ipv4View;

std::string_view ecn_name(unsigned ecn) noexcept {
    switch (ecn) {
        case 1:
            return "ECT(1)";
        case 2:
            return "ECT(0)";
        case 3:
            return "congestion experienced";
        default:
            return "not ECN-capable";
    }
}

void add_lengths(const Piece& piece, FieldWriter& fields) {
    const std::uint8_t first = load_u8(piece.bytes, 0);
    fields.number("ip.version", "Version", 0, 1, first >> 4);
    fields.number("ip.hdr_len", "Header length", 0, 1, (first & 15u) * 4, concat((first & 15) * 4, " bytes"))
        .help("20 bytes, more when there are options.");
    if (fields.has(View::kTrafficClassAt, 1)) {
        const unsigned both = load_u8(piece.bytes, View::kTrafficClassAt);
        fields.number("ip.dsfield", "Differentiated services", View::kTrafficClassAt, 1, both,
                      concat("0x", Hex{both, 2}));
        fields.number("ip.dsfield.dscp", "Code point", View::kTrafficClassAt, 1, both >> 2).deeper();
        fields
            .number("ip.dsfield.ecn", "ECN", View::kTrafficClassAt, 1, both & 3,
                    FieldWriter::named(both & 3, ecn_name(both & 3)))
            .deeper()
            .help("Lets a router signal congestion without dropping the packet.");
    }
    fields.u16("ip.len", "Total length", View::kTotalLengthAt).help("Header and payload, in bytes.");
}

void add_fragmentation(const Piece& piece, FieldWriter& fields) {
    fields.hex16("ip.id", "Identification", View::kIdentificationAt)
        .help("The fragments of one packet carry the same number.");
    if (!fields.has(View::kFragmentAt, 2)) return;
    const std::uint16_t word = load_be16(piece.bytes, View::kFragmentAt);
    fields.number("ip.flags", "Flags", View::kFragmentAt, 1, word >> 13,
                  concat("0x", Hex{std::uint64_t{word} >> 13, 1}));
    fields.flag("ip.flags.rb", "Reserved bit", View::kFragmentAt, 1, (word & 0x8000) != 0);
    fields.flag("ip.flags.df", "Don't fragment", View::kFragmentAt, 1, (word & View::kDontFragment) != 0)
        .help("A router that cannot forward the packet whole drops it and says so.");
    fields.flag("ip.flags.mf", "More fragments", View::kFragmentAt, 1, (word & View::kMoreFragments) != 0);
    fields.number("ip.frag_offset", "Fragment offset", View::kFragmentAt, 2, (word & 0x1fffu) * 8);
}

void add_rest(const Piece& piece, FieldWriter& fields) {
    fields.u8("ip.ttl", "Time to live", View::kTtlAt)
        .help("Every router takes one off; at 0 the packet is dropped.");
    if (fields.has(View::kProtocolAt, 1)) {
        const std::uint8_t protocol = load_u8(piece.bytes, View::kProtocolAt);
        fields.number("ip.proto", "Protocol", View::kProtocolAt, 1, protocol,
                      FieldWriter::named(protocol, wire::ip_protocol::name(protocol)));
    }
    fields.hex16("ip.checksum", "Header checksum", View::kChecksumAt);
    if (const auto view = View::parse(piece.bytes)) {
        const bool correct = wire::internet_checksum(view->header()) == 0;
        fields.note(correct                 ? "correct"
                    : view->checksum() == 0 ? "not filled in yet: left to the network card (offload)"
                                            : "wrong");
    }
    fields.address("ip.src", "Source", View::kSourceAt, 4);
    fields.address("ip.dst", "Destination", View::kDestinationAt, 4);
}

/// The payload by the header's own length, which the frame bounds.
Piece payload_of(const View& view, const Piece& piece, FieldWriter& fields, Layer& layer) {
    Piece inside = piece.behind(view.header_length());
    const std::uint16_t total = view.total_length();
    if (total == 0) {
        fields.computed("ip.len", "Length used", std::uint64_t{piece.length})
            .note(
                "the total length is 0: the packet was captured before the network card cut it up (offload)");
    } else if (total < view.header_length()) {
        layer.malformed = Malformed{piece.at + View::kTotalLengthAt,
                                    concat("total length ", total, " is smaller than the header")};
        inside = inside.first(0);
    } else {
        if (total > piece.length)
            layer.malformed =
                Malformed{piece.at + View::kTotalLengthAt,
                          concat("total length ", total, ", but only ", piece.length, " bytes came")};
        inside = inside.first(total - static_cast<std::uint32_t>(view.header_length()));
    }
    return inside;
}

}  // namespace

Next dissect_ipv4(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    const auto view = View::parse(piece.bytes);
    if (!state.names_only) {
        layer.title = "IPv4";
        if (!piece.bytes.empty()) {
            add_lengths(piece, fields);
            add_fragmentation(piece, fields);
            add_rest(piece, fields);
        }
    }
    if (!view) {
        const std::size_t claimed =
            piece.bytes.empty() ? 0 : (load_u8(piece.bytes, 0) & 15u) * std::size_t{4};
        mark_malformed(layer, piece, view.error(), std::max(claimed, View::kMinSize), state);
        return {};
    }
    if (!state.names_only) {
        if (!view->options().empty())
            add_ipv4_options(piece, View::kMinSize, view->header_length(), fields, layer);
        layer.title = concat("IPv4, ", view->source().text(), " > ", view->destination().text());
    }
    const Piece inside = payload_of(*view, piece, fields, layer);
    state.source = view->source();
    state.destination = view->destination();
    state.fragment = view->more_fragments() || view->fragment_offset() != 0;
    if (!state.network_end) state.network_end = inside.at + inside.bytes.size();
    if (inside.length == 0) {
        layer.bytes.end = inside.at;
        return {};
    }
    if (!state.fragment) return {NextBy::IpProtocol, view->protocol(), inside};
    wire::IpPacket packet;
    packet.protocol = view->protocol();
    packet.identification = view->identification();
    packet.fragment_offset = view->fragment_offset();
    packet.more_fragments = view->more_fragments();
    return behind_fragment(packet, inside, state, layer);
}

}  // namespace synscope::dissect
