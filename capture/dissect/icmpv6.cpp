#include "net/wire/icmpv6.hpp"

#include "capture/dissect/checksum_note.hpp"
#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {
namespace {

using View = wire::Icmpv6View;

/// Neighbour discovery (RFC 4861 section 4) and the word of the others. Returns where the options start, 0
/// for messages without any.
std::size_t add_discovery(const View& view, FieldWriter& fields) {
    constexpr std::size_t kTarget = View::kSize;
    switch (view.type()) {
        case View::kPacketTooBig:
            fields.u32("icmpv6.mtu", "MTU of the next link", 4).help("Packets up to this size fit.");
            return 0;
        case View::kParameterProblem:
            fields.u32("icmpv6.pointer", "Place of the problem", 4);
            return 0;
        case View::kRouterSolicitation:
            return View::kSize;
        case View::kRouterAdvertisement:
            fields.u8("icmpv6.nd.ra.cur_hop_limit", "Hop limit to use", 4);
            fields.flag("icmpv6.nd.ra.flag.m", "Addresses by DHCPv6", 5, 1, (view.word() & 0x800000) != 0);
            fields.flag("icmpv6.nd.ra.flag.o", "Other settings by DHCPv6", 5, 1,
                        (view.word() & 0x400000) != 0);
            fields.u16("icmpv6.nd.ra.router_lifetime", "Seconds as default router", 6);
            fields.u32("icmpv6.nd.ra.reachable_time", "Reachable time (ms)", 8);
            fields.u32("icmpv6.nd.ra.retrans_timer", "Retransmission timer (ms)", 12);
            return 16;
        case View::kNeighborSolicitation:
            fields.address("icmpv6.nd.ns.target_address", "Target", kTarget, 16)
                .help("Whose link address is asked for: the IPv6 counterpart of ARP.");
            return kTarget + 16;
        case View::kNeighborAdvertisement:
            fields.flag("icmpv6.nd.na.flag.r", "From a router", 4, 1, (view.word() >> 31) != 0);
            fields.flag("icmpv6.nd.na.flag.s", "Asked for", 4, 1, (view.word() >> 30 & 1) != 0);
            fields.flag("icmpv6.nd.na.flag.o", "Replaces what was known", 4, 1, (view.word() >> 29 & 1) != 0);
            fields.address("icmpv6.nd.na.target_address", "Target", kTarget, 16)
                .help("Whose link address is told.");
            return kTarget + 16;
        case View::kRedirect:
            fields.address("icmpv6.rd.na.target_address", "Better next hop", kTarget, 16);
            fields.address("icmpv6.rd.na.destination_address", "For", kTarget + 16, 16);
            return kTarget + 32;
        default:
            fields.hex_bytes("icmpv6.reserved", "Bytes 4 to 7", View::kIdentifierAt, 4);
            return 0;
    }
}

std::string_view option_name(std::uint8_t type) noexcept {
    constexpr std::string_view kNames[] = {"source link address", "target link address", "prefix",
                                           "redirected packet", "MTU"};
    if (type >= 1 && type <= std::size(kNames)) return kNames[type - 1];
    return type == 25 ? "DNS servers" : type == 31 ? "DNS search list" : std::string_view{};
}

void add_options(const Piece& piece, std::size_t at, FieldWriter& fields, Layer& layer) {
    while (at + 2 <= piece.bytes.size()) {
        const std::uint8_t type = load_u8(piece.bytes, at);
        const std::size_t size = load_u8(piece.bytes, at + 1) * std::size_t{8};
        if (size == 0 || at + size > piece.bytes.size()) {
            layer.malformed = Malformed{piece.at + at, "an option's length makes no sense, or it is cut"};
            return;
        }
        fields.number("icmpv6.opt.type", "Option", at, size, type,
                      FieldWriter::named(type, option_name(type)));
        if ((type == 1 || type == 2) && size == 8)
            fields.mac("icmpv6.opt.linkaddr", "Link address", at + 2).deeper();
        if (type == 3 && size == 32) {
            fields.u8("icmpv6.opt.prefix.length", "Prefix length", at + 2).deeper();
            fields.u32("icmpv6.opt.prefix.valid_lifetime", "Valid (s)", at + 4).deeper();
            fields.u32("icmpv6.opt.prefix.preferred_lifetime", "Preferred (s)", at + 8).deeper();
            fields.address("icmpv6.opt.prefix", "Prefix", at + 16, 16).deeper();
        }
        if (type == 5 && size == 8) fields.u32("icmpv6.opt.mtu", "MTU", at + 4).deeper();
        if (type == 25)
            for (std::size_t server = at + 8; server + 16 <= at + size; server += 16)
                fields.address("icmpv6.opt.rdnss", "DNS server", server, 16).deeper();
        at += size;
    }
}

}  // namespace

Next dissect_icmpv6(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "ICMPv6";
    if (fields.has(0, 2)) {
        const std::uint8_t type = load_u8(piece.bytes, View::kTypeAt);
        const std::uint8_t code = load_u8(piece.bytes, View::kCodeAt);
        fields.number("icmpv6.type", "Type", View::kTypeAt, 1, type,
                      FieldWriter::named(type, wire::icmpv6_type_name(type)));
        fields.number("icmpv6.code", "Code", View::kCodeAt, 1, code,
                      FieldWriter::named(code, wire::icmpv6_code_name(type, code)));
    }
    fields.hex16("icmpv6.checksum", "Checksum", View::kChecksumAt);
    if (fields.has(View::kChecksumAt, 2))
        fields.note(checksum_note(piece, state, wire::ip_protocol::kIcmpv6, View::kChecksumAt));
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kSize, state);
        return {};
    }
    layer.title = wire::Icmpv6Header::from(*view).text();
    const Piece inside = piece.behind(View::kSize);
    if (view->is_echo()) {
        layer.bytes.end = inside.at;
        fields.u16("icmpv6.echo.identifier", "Identifier", View::kIdentifierAt)
            .help("Tells the pings of one program from those of another.");
        fields.u16("icmpv6.echo.sequence_number", "Sequence number", View::kSequenceAt);
        if (inside.bytes.empty()) return {};
        return {NextBy::Data, 0, inside};
    }
    const std::size_t options = add_discovery(*view, fields);
    if (view->quotes_packet() && !state.quoted && !inside.bytes.empty()) {
        state.quoted = true;
        return {NextBy::EtherType, wire::ethertype::kIpv6, inside};
    }
    // The rest of the other messages belongs to ICMPv6 itself.
    if (options != 0)
        add_options(piece, options, fields, layer);
    else if (!inside.bytes.empty())
        fields.hex_bytes("icmpv6.data", "Message", View::kSize, inside.bytes.size());
    return {};
}

}  // namespace synscope::dissect
