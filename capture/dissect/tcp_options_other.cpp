// TCP options by the IANA list "TCP Option Kind Numbers", except those of tcp_options.cpp.

#include "capture/dissect/tcp_options.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

struct Name {
    std::uint8_t number;
    std::string_view name;
};
constexpr Name kKinds[] = {
    {2, "maximum segment size"},
    {3, "window scale"},
    {4, "SACK permitted"},
    {5, "SACK"},
    {6, "echo (obsolete)"},
    {7, "echo reply (obsolete)"},
    {8, "timestamps"},
    {9, "partial order connection permitted (obsolete)"},
    {10, "partial order service profile (obsolete)"},
    {11, "CC (obsolete)"},
    {12, "CC.NEW (obsolete)"},
    {13, "CC.ECHO (obsolete)"},
    {14, "alternate checksum request (obsolete)"},
    {15, "alternate checksum data (obsolete)"},
    {16, "Skeeter"},
    {17, "Bubba"},
    {18, "trailer checksum"},
    {19, "MD5 signature"},
    {20, "SCPS capabilities"},
    {21, "selective negative acknowledgments"},
    {22, "record boundaries"},
    {23, "corruption experienced"},
    {24, "SNAP"},
    {26, "compression filter"},
    {27, "quick-start response"},
    {28, "user timeout"},
    {29, "authentication (TCP-AO)"},
    {30, "multipath TCP"},
    {34, "fast open cookie"},
    {69, "encryption negotiation (TCP-ENO)"},
    {172, "accurate ECN, order 0"},
    {174, "accurate ECN, order 1"},
    {253, "experiment 1"},
    {254, "experiment 2"},
};
constexpr Name kMptcpSubtypes[] = {
    {0, "MP_CAPABLE"}, {1, "MP_JOIN"}, {2, "DSS"},          {3, "ADD_ADDR"},  {4, "REMOVE_ADDR"},
    {5, "MP_PRIO"},    {6, "MP_FAIL"}, {7, "MP_FASTCLOSE"}, {8, "MP_TCPRST"}, {15, "MP_EXPERIMENTAL"},
};
template <std::size_t N>
std::string_view look_up(const Name (&table)[N], std::uint8_t number) noexcept {
    for (const Name& row : table)
        if (row.number == number) return row.name;
    return {};
}

/// `at` is where the body of the option starts in the layer; the length was checked.
void add_body(std::uint8_t kind, ByteSpan body, std::size_t at, FieldWriter& fields) {
    const auto deeper = [&](FieldWriter& added) { added.deeper(2); };
    if (kind == 19 && body.size() == 16) {
        deeper(fields.hex_bytes("tcp.options.md5.digest", "Digest", at, 16));
        fields.help("A signature over segment and shared key (RFC 2385), as BGP uses it.");
    } else if (kind == 28 && body.size() == 2) {
        const std::uint16_t word = load_be16(body, 0);
        deeper(fields.number("tcp.options.user_to_granularity", "In minutes", at, 1, word >> 15));
        deeper(fields.number("tcp.options.user_to_val", "Timeout", at, 2, word & 0x7fff,
                             concat(word & 0x7fff, (word & 0x8000) != 0 ? " min" : " s")));
    } else if (kind == 29 && body.size() >= 2) {
        deeper(fields.u8("tcp.options.ao.keyid", "Key", at));
        deeper(fields.u8("tcp.options.ao.rnextkeyid", "Key to use next", at + 1));
        deeper(fields.hex_bytes("tcp.options.ao.mac", "Authentication code", at + 2, body.size() - 2));
    } else if (kind == 30 && !body.empty()) {
        const auto subtype = static_cast<std::uint8_t>(load_u8(body, 0) >> 4);
        deeper(fields.number("tcp.options.mptcp.subtype", "Subtype", at, 1, subtype,
                             FieldWriter::named(subtype, look_up(kMptcpSubtypes, subtype))));
        deeper(fields.hex_bytes("tcp.options.mptcp.data", "Contents", at, body.size()));
    } else if (kind == 34) {
        if (body.empty()) {
            deeper(fields.number("tcp.options.tfo.request", "Asks for a cookie", at - 2, 2, 1, "yes"));
        } else {
            deeper(fields.hex_bytes("tcp.options.tfo.cookie", "Cookie", at, body.size()));
            fields.help("Who has it may send data in the SYN (RFC 7413).");
        }
    } else if ((kind == 253 || kind == 254) && body.size() >= 2) {
        deeper(fields.hex16("tcp.options.experimental.exid", "Experiment", at));  // RFC 6994
        if (body.size() > 2)
            deeper(fields.hex_bytes("tcp.options.experimental.data", "Contents", at + 2, body.size() - 2));
    } else if (!body.empty()) {
        deeper(fields.hex_bytes("tcp.options.unknown.payload", "Contents", at, body.size()));
    }
}

}  // namespace

void add_other_option(const wire::tcp_option::Unknown& option, std::size_t at, std::size_t size,
                      FieldWriter& fields) {
    const auto name = look_up(kKinds, option.kind);
    fields.number("tcp.option_kind", "Option", at, size, option.kind, FieldWriter::named(option.kind, name))
        .deeper();
    // A kind that tcp_options.cpp shows comes here only when its length is not the one it must have.
    if (option.kind <= 8 && option.kind != 6 && option.kind != 7)
        fields.note(concat("not of a length that makes sense: ", size, " bytes"));
    add_body(option.kind, option.bytes, at + 2, fields);
}

}  // namespace synscope::dissect
