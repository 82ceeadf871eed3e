#include "ui/model/ladder_text.hpp"

#include <array>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/tcp_text.hpp"
#include "net/wire/transport.hpp"
#include "ui/model/theme.hpp"

namespace synscope::model {

namespace {

std::string safe(std::string_view text) {
    return escaped(text, Medium::Terminal);
}

std::string count_text(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

/// The options between '<' and '>' without those that `drop` names (by their first word).
std::string without_options(std::string_view text, std::string_view drop_a, std::string_view drop_b) {
    const std::size_t open = text.find('<');
    const std::size_t close = text.rfind('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::string(text);
    std::string kept;
    std::string_view options = text.substr(open + 1, close - open - 1);
    bool dropped = false;
    while (!options.empty()) {
        const std::size_t comma = options.find(',');
        const std::string_view option = options.substr(0, comma);
        options = comma == std::string_view::npos ? std::string_view{} : options.substr(comma + 1);
        const std::string_view word = option.substr(0, option.find(' '));
        if (word == drop_a || word == drop_b) {
            dropped = true;
            continue;
        }
        if (!kept.empty()) kept += ',';
        kept += option;
    }
    if (!dropped) return std::string(text);
    kept += kept.empty() ? "\u2026" : ",\u2026";
    return concat(text.substr(0, open + 1), kept, text.substr(close));
}

/// As many options from the front as fit, "<mss 65495,\u2026>".
std::string first_options(std::string_view text, std::size_t columns) {
    for (std::size_t comma = text.rfind(','); comma != std::string_view::npos && comma > 0;
         comma = text.rfind(',', comma - 1)) {
        std::string shorter = concat(text.substr(0, comma), ",\u2026>");
        if (text_columns(shorter) <= columns) return shorter;
    }
    const std::size_t open = text.find(" <");
    return open == std::string_view::npos ? std::string(text) : concat(text.substr(0, open), " <\u2026>");
}

std::string without_window(std::string_view text) {
    const std::size_t at = text.find(" win ");
    return at == std::string_view::npos ? std::string(text) : concat(text.substr(0, at), " \u2026");
}

std::string_view shutdown_name(std::int64_t how) {
    constexpr std::array<std::string_view, 3> kNames = {"RD", "WR", "RDWR"};
    return how >= 0 && how < 3 ? kNames[static_cast<std::size_t>(how)] : std::string_view{"?"};
}

std::string arguments(const SyscallEntered& call) {
    if (writes_stream(call.call)) return concat(call.args[0]);
    if (call.call == Syscall::Shutdown) return std::string(shutdown_name(call.args[0]));
    return {};
}

std::string result_text(const SyscallReturned& call) {
    if (call.result < 0) {
        const auto name = errno_name(call.error);
        return name ? concat("-1 ", *name) : concat("-1 errno ", call.error);
    }
    if (call.call == Syscall::Accept) return concat("fd ", call.result);
    if (reads_stream(call.call) && call.result == 0) return "0 (end-of-file)";
    return concat(call.result);
}

}  // namespace

std::string packet_text(const TraceSource& source, const track::Segment& segment) {
    const Event event = source.event(segment.event);
    const auto* captured = std::get_if<PacketCaptured>(&event.body);
    const auto* sent = std::get_if<PacketSent>(&event.body);
    if (captured == nullptr && sent == nullptr) return {};
    const PacketBytes packet = source.packet(captured != nullptr ? captured->packet : sent->packet);
    const auto tcp = wire::find_tcp(packet.link, packet.bytes, packet.original_length);
    if (!tcp) return {};
    wire::TcpTextInput input;
    input.flags = tcp->flags;
    input.seq = segment.seq;
    input.length = segment.length;
    input.ack = segment.ack;
    input.window = segment.window;
    input.urgent = tcp->urgent;
    input.options = tcp->options;
    if (segment.ack) input.sack_zero = Seq32{tcp->ack.raw() - static_cast<std::uint32_t>(*segment.ack)};
    return safe(wire::tcp_text(input));
}

std::string packet_text(const TraceSource& source, const track::Segment& segment, std::size_t columns) {
    std::string text = packet_text(source, segment);
    if (text_columns(text) <= columns) return text;
    text = without_options(text, "TS", "nop");
    if (text_columns(text) <= columns) return text;
    text = first_options(text, columns);
    if (text_columns(text) <= columns) return text;
    text = without_window(text);
    return cut_columns(text, columns);
}

std::string call_text(const TraceSource& source, const Span& call) {
    const Event entered = source.event(call.event);
    const auto* begin = std::get_if<SyscallEntered>(&entered.body);
    if (begin == nullptr) return {};
    std::string text = concat(syscall_name(begin->call), '(', arguments(*begin), ')');
    if (!call.finished) return text;
    const Event returned = source.event(*call.finished);
    if (const auto* end = std::get_if<SyscallReturned>(&returned.body))
        text += concat(" = ", result_text(*end));
    return text;
}

std::string call_begin_text(const TraceSource& source, const Span& call) {
    const Event entered = source.event(call.event);
    const auto* begin = std::get_if<SyscallEntered>(&entered.body);
    if (begin == nullptr) return {};
    return concat(syscall_name(begin->call), '(', arguments(*begin), ") entered");
}

std::string busy_text(const TraceSource& source, const Span& busy) {
    const Event began = source.event(busy.event);
    const auto* body = std::get_if<BusyBegan>(&began.body);
    const std::string reason = body == nullptr ? std::string{} : safe(source.text(body->reason));
    if (!busy.finished) return concat("busy (", reason, ')');
    return concat("busy ", duration_text(busy.end - busy.begin), " (", reason, ')');
}

std::string state_text(const track::StateChange& change) {
    const std::string_view why =
        change.evidence == Evidence::Inferred ? "inferred" : evidence_name(change.evidence);
    return concat(tcp_state_name(change.state), " (", why, ')');
}

std::string message_text(const TraceSource& source, EventId message) {
    const Event event = source.event(message);
    const auto* body = std::get_if<MessageFramed>(&event.body);
    if (body == nullptr) return {};
    return concat(body->outgoing ? "makes message " : "finds message ", body->index + 1, ": ",
                  count_text(body->body.size(), "byte", "bytes"));
}

std::string connection_text(const track::Connection& connection, bool ascii) {
    return concat("connection ", connection.id.value, "   ", connection.client.text(),
                  ascii ? " -> " : " \u2192 ", connection.server.text());
}

std::string marker_text(const TraceSource& source, EventId marker) {
    const Event event = source.event(marker);
    if (const auto* body = std::get_if<Marker>(&event.body)) return safe(source.text(body->name));
    if (const auto* body = std::get_if<Note>(&event.body)) return safe(source.text(body->text));
    return {};
}

std::string drops_text(const Span& drops) {
    return concat("the capture lost ", count_text(drops.dropped, "packet", "packets"), " somewhere in here");
}

std::vector<LegendLine> legend(const LegendNeeds& needs) {
    std::vector<LegendLine> lines;
    if (needs.arrows)
        lines.push_back({"S  P  F  R  .", "SYN, PSH, FIN, RST; the dot is ACK: \"S.\" is SYN with ACK"});
    if (needs.arrows)
        lines.push_back(
            {"1:6(5)", "relative sequence numbers, from:to(bytes); \"ack 6\": everything before 6 arrived"});
    if (needs.estimated)
        lines.push_back({"\u2500\u2500\u254c\u254c\u25b6",
                         "solid: the time was measured; dashed: the arrival is estimated, a "
                         "capture sees each packet once"});
    if (needs.calls)
        lines.push_back(
            {"send(5) = 5", "a system call, its argument and its result; bars show how long it took"});
    if (needs.kernel) lines.push_back({"(kernel)", "the state was read from the kernel's own TCP"});
    if (needs.inferred) lines.push_back({"(inferred)", "the state was worked out from the packets seen"});
    if (needs.simulator) lines.push_back({"(simulator)", "the state of the simulator's own TCP"});
    if (needs.breaks) lines.push_back({"break", "nothing happens for the time given; the axis skips it"});
    return lines;
}

}  // namespace synscope::model
