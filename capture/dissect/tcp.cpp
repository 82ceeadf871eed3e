#include "net/wire/tcp.hpp"

#include <algorithm>

#include "capture/dissect/checksum_note.hpp"
#include "capture/dissect/field_writer.hpp"
#include "capture/dissect/tcp_options.hpp"
#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {
namespace {

using View = wire::TcpView;
using wire::TcpFlags;

struct FlagRow {
    std::uint16_t bit;
    std::string_view name;
    std::string_view label;
    std::string_view word;
    std::string_view help;
};
constexpr FlagRow kFlags[] = {
    {TcpFlags::kAe, "tcp.flags.ae", "Accurate ECN", "AE",
     "Part of a counter of congestion marks (RFC 9768)."},
    {TcpFlags::kCwr, "tcp.flags.cwr", "Congestion window reduced", "CWR",
     "The sender slowed down after hearing of congestion."},
    {TcpFlags::kEce, "tcp.flags.ece", "ECN echo", "ECE", "A router marked a packet that came: slow down."},
    {TcpFlags::kUrg, "tcp.flags.urg", "Urgent", "URG", "The urgent pointer counts."},
    {TcpFlags::kAck, "tcp.flags.ack", "Acknowledgment", "ACK", "The acknowledgment number counts."},
    {TcpFlags::kPsh, "tcp.flags.push", "Push", "PSH",
     "The sender had no more to send at that moment; it marks no message boundary."},
    {TcpFlags::kRst, "tcp.flags.reset", "Reset", "RST",
     "Ends the connection at once; unread bytes are lost."},
    {TcpFlags::kSyn, "tcp.flags.syn", "Synchronize", "SYN",
     "Opens a connection and tells the first sequence number; takes one number itself."},
    {TcpFlags::kFin, "tcp.flags.fin", "Finish", "FIN",
     "The sender will send no more bytes, but still reads; takes one number itself."},
};

std::string flag_words(TcpFlags flags) {
    std::string out;
    // Most telling first: SYN, ACK rather than ACK, SYN.
    for (const FlagRow& row :
         {kFlags[7], kFlags[8], kFlags[6], kFlags[5], kFlags[4], kFlags[3], kFlags[2], kFlags[1], kFlags[0]})
        if (flags.has(row.bit)) append(out, concat(out.empty() ? "" : ", ", row.word));
    return out.empty() ? "none" : out;
}

void add_flags(const Piece& piece, FieldWriter& fields) {
    if (!fields.has(View::kOffsetAndFlagsAt, 2)) return;
    const std::uint16_t word = load_be16(piece.bytes, View::kOffsetAndFlagsAt);
    const TcpFlags flags{word};
    fields
        .number("tcp.hdr_len", "Header length", View::kOffsetAndFlagsAt, 1, (word >> 12) * 4u,
                concat((word >> 12) * 4, " bytes"))
        .help("20 bytes, more when there are options.");
    fields.number("tcp.flags", "Flags", View::kOffsetAndFlagsAt, 2, flags.bits(),
                  concat("0x", Hex{flags.bits(), 4}, " (", flag_words(flags), ')'));
    fields.number("tcp.flags.res", "Reserved", View::kOffsetAndFlagsAt, 1, flags.bits() >> 9u).deeper();
    for (const FlagRow& row : kFlags) {
        const bool first_byte = row.bit == TcpFlags::kAe;
        fields
            .flag(row.name, row.label, View::kOffsetAndFlagsAt + (first_byte ? 0 : 1), 1, flags.has(row.bit))
            .help(row.help);
    }
}

void add_fixed(const Piece& piece, const State& state, FieldWriter& fields) {
    fields.u16("tcp.srcport", "Source port", View::kSourcePortAt);
    fields.u16("tcp.dstport", "Destination port", View::kDestinationPortAt);
    fields.u32("tcp.seq_raw", "Sequence number", View::kSeqAt)
        .help("The number of this segment's first byte; numbering starts at random and wraps at 2^32.");
    fields.u32("tcp.ack_raw", "Acknowledgment number", View::kAckAt)
        .help("The number of the next byte the sender expects: everything before it has arrived.");
    add_flags(piece, fields);
    fields.u16("tcp.window_size_value", "Window", View::kWindowAt)
        .help("How many bytes the sender has room for, before the scale agreed on in the SYNs.");
    fields.hex16("tcp.checksum", "Checksum", View::kChecksumAt);
    if (fields.has(View::kChecksumAt, 2) && fields.has(0, View::kMinSize))
        fields.note(checksum_note(piece, state, wire::ip_protocol::kTcp, View::kChecksumAt));
    fields.u16("tcp.urgent_pointer", "Urgent pointer", View::kUrgentAt);
}

}  // namespace

Next dissect_tcp(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    if (!state.names_only) {
        layer.title = "TCP";
        add_fixed(piece, state, fields);
    }
    const auto view = View::parse(piece.bytes);
    if (!view) {
        const std::size_t claimed =
            fields.has(View::kOffsetAndFlagsAt, 1)
                ? (load_u8(piece.bytes, View::kOffsetAndFlagsAt) >> 4) * std::size_t{4}
                : 0;
        mark_malformed(layer, piece, view.error(), std::max(claimed, View::kMinSize), state);
        return {};
    }
    const Piece inside = piece.behind(view->header_length());
    if (!state.names_only) {
        add_tcp_options(view->options(), View::kMinSize, view->ack(), fields, layer, piece.at);
        fields.computed("tcp.len", "Payload", std::uint64_t{inside.length}, concat(inside.length, " bytes"));
        layer.title = concat("TCP, port ", view->source_port(), " > ", view->destination_port(), ", ",
                             flag_words(view->flags()));
    }
    layer.bytes.end = inside.at;
    if (inside.bytes.empty()) return {};
    state.source_port = view->source_port();
    state.destination_port = view->destination_port();
    return {state.quoted ? NextBy::Data : NextBy::Tcp, 0, inside};
}

}  // namespace synscope::dissect
