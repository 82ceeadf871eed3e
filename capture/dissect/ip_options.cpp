// The options of IPv4 (RFC 791 section 3.1 and the IANA list "IP Option Numbers") and those in IPv6 extension
// headers (RFC 8200 section 4.2).

#include "capture/dissect/ip_options.hpp"

#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

std::string_view ipv4_name(std::uint8_t type) noexcept {
    switch (type) {
        case 0:
            return "end of options";
        case 1:
            return "no operation";
        case 7:
            return "record route";
        case 25:
            return "quick-start";
        case 68:
            return "timestamp";
        case 82:
            return "traceroute";
        case 130:
            return "security";
        case 131:
            return "loose source route";
        case 134:
            return "commercial security";
        case 136:
            return "stream identifier";
        case 137:
            return "strict source route";
        case 148:
            return "router alert";
        default:
            return {};
    }
}

std::string_view ipv6_name(std::uint8_t type) noexcept {
    switch (type) {
        case 0x00:
            return "Pad1";
        case 0x01:
            return "PadN";
        case 0x05:
            return "router alert";
        case 0x26:
            return "quick-start";
        case 0x30:
            return "path MTU";
        case 0x63:
            return "RPL";
        case 0xc2:
            return "jumbo payload";
        case 0xc9:
            return "home address";
        default:
            return {};
    }
}

void add_ipv4_body(std::uint8_t type, std::size_t at, std::size_t size, FieldWriter& fields) {
    const bool route = type == 7 || type == 131 || type == 137;
    if (route && size >= 3) {
        fields.u8("ip.opt.ptr", "Pointer", at + 2).deeper(2);
        for (std::size_t hop = at + 3; hop + 4 <= at + size; hop += 4)
            fields.address(type == 7 ? "ip.rec_rt" : "ip.src_rt", "Router", hop, 4).deeper(2);
    } else if (type == 148 && size == 4) {
        fields.u16("ip.opt.ra", "Value", at + 2).deeper(2);
        fields.help("Asks every router on the way to look at the packet (RFC 2113).");
    } else if (size > 2) {
        fields.hex_bytes("ip.opt.data", "Contents", at + 2, size - 2).deeper(2);
    }
}

}  // namespace

void add_ipv4_options(const Piece& piece, std::size_t at, std::size_t end, FieldWriter& fields,
                      Layer& layer) {
    fields.hex_bytes("ip.options", "Options", at, end - at);
    while (at < end) {
        const std::uint8_t type = load_u8(piece.bytes, at);
        const bool single = type < 2;
        const std::size_t size = single ? 1 : at + 2 <= end ? load_u8(piece.bytes, at + 1) : 0;
        if (size < (single ? 1u : 2u) || at + size > end) {
            layer.malformed = Malformed{piece.at + at, "an option's length makes no sense"};
            return;
        }
        fields.number("ip.opt.type", "Option", at, size, type, FieldWriter::named(type, ipv4_name(type)))
            .deeper();
        if (!single) add_ipv4_body(type, at, size, fields);
        if (type == 0) return;
        at += size;
    }
}

void add_ipv6_options(const Piece& piece, std::size_t at, std::size_t end, FieldWriter& fields,
                      Layer& layer) {
    while (at < end) {
        const std::uint8_t type = load_u8(piece.bytes, at);
        const std::size_t size = type == 0       ? 1
                                 : at + 2 <= end ? load_u8(piece.bytes, at + 1) + std::size_t{2}
                                                 : 0;
        if (size == 0 || at + size > end) {
            layer.malformed = Malformed{piece.at + at, "an option's length makes no sense"};
            return;
        }
        fields.number("ipv6.opt.type", "Option", at, size, type, FieldWriter::named(type, ipv6_name(type)));
        if (type == 0x05 && size == 4)
            fields.u16("ipv6.opt.router_alert", "Value", at + 2).deeper();
        else if (type == 0xc2 && size == 6)
            fields.u32("ipv6.opt.jumbo", "Payload length", at + 2).deeper();
        else if (size > 2)
            fields.hex_bytes("ipv6.opt.data", "Contents", at + 2, size - 2).deeper();
        at += size;
    }
}

}  // namespace synscope::dissect
