#include "ui/model/ladder_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "capture/dissect/dissect.hpp"
#include "net/base/armed.hpp"
#include "net/base/datagram.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/tcp_text.hpp"
#include "net/wire/transport.hpp"
#include "ui/model/call_phases.hpp"
#include "ui/model/theme.hpp"

namespace synscope::model {

namespace {

std::string safe(std::string_view text) {
    return escaped(text, Medium::Terminal);
}

constexpr std::string_view kProbe = "probe: ";
constexpr std::string_view kDuplicate = "duplicate: ";

std::string count_text(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

/// The options between '<' and '>' without timestamps and padding; without brackets when none is left.
std::string without_timestamps(std::string_view text) {
    const std::size_t open = text.find(" <");
    const std::size_t close = text.rfind('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::string(text);
    std::string kept;
    std::string_view options = text.substr(open + 2, close - open - 2);
    while (!options.empty()) {
        const std::size_t comma = options.find(',');
        const std::string_view option = options.substr(0, comma);
        options = comma == std::string_view::npos ? std::string_view{} : options.substr(comma + 1);
        const std::string_view word = option.substr(0, option.find(' '));
        if (word == "TS" || word == "nop") continue;
        append(kept, concat(kept.empty() ? " <" : ",", option));
    }
    return concat(text.substr(0, open), kept, kept.empty() ? "" : ">", text.substr(close + 1));
}

std::string without_options(std::string_view text) {
    return std::string(text.substr(0, text.find(" <")));
}

std::string without_window(std::string_view text) {
    const std::size_t at = text.find(" win ");
    if (at == std::string_view::npos) return std::string(text);
    const std::size_t end = text.find(' ', at + 5);
    return concat(text.substr(0, at), end == std::string_view::npos ? std::string_view{} : text.substr(end));
}

/// As few options as there are left, from the back: "<mss 65495,\u2026>".
void push_fewer_options(std::vector<std::string>& forms) {
    const std::string text = forms.back();
    const std::size_t open = text.find(" <");
    if (open == std::string::npos) return;
    for (std::size_t comma = text.rfind(','); comma != std::string::npos && comma > open;
         comma = text.rfind(',', comma - 1))
        forms.push_back(concat(std::string_view(text).substr(0, comma), ",\u2026>"));
}

std::string_view shutdown_name(std::int64_t how) {
    constexpr std::array<std::string_view, 3> kNames = {"RD", "WR", "RDWR"};
    return how >= 0 && how < 3 ? kNames[static_cast<std::size_t>(how)] : std::string_view{"?"};
}

std::string arguments(const SyscallEntered& call) {
    // Of a stream the rest stays; of a datagram what the room is too short for is lost.
    if (writes_stream(call.call) || call.call == Syscall::Recvfrom) return concat(call.args[0]);
    if (call.call == Syscall::Shutdown) return std::string(shutdown_name(call.args[0]));
    return {};
}

std::string result_text(const SyscallReturned& call) {
    if (call.result < 0) {
        const auto name = errno_name(call.error);
        return name ? concat("-1 ", *name) : concat("-1 errno ", call.error);
    }
    if (call.call == Syscall::Accept) return concat("fd ", call.result);
    if (call.call == Syscall::Recvfrom && call.result == 0) return "0 (an empty datagram)";
    if (reads_stream(call.call) && call.result == 0) return "0 (end-of-file)";
    if (const std::uint64_t lost = lost_bytes(call); lost > 0)
        return concat(call.result, ", ", count_text(lost, "byte lost", "bytes lost"));
    return concat(call.result);
}

}  // namespace

std::string_view packet_mark(const track::Segment& segment) {
    using track::AnalysisFlag;
    const track::AnalysisFlags flags = segment.analysis;
    if (flags.has(AnalysisFlag::KeepAlive) || flags.has(AnalysisFlag::ZeroWindowProbe)) return kProbe;
    if (segment.retransmission) return "again: ";
    if (flags.has(AnalysisFlag::DuplicateAck)) return kDuplicate;
    if (flags.has(AnalysisFlag::WindowUpdate)) return "window update: ";
    return {};
}

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

std::vector<std::string> packet_forms(const TraceSource& source, const track::Segment& segment) {
    std::vector<std::string> forms{packet_text(source, segment)};
    forms.push_back(without_timestamps(forms.back()));
    if (segment.flags.has(wire::TcpFlags::kSyn)) {
        // What two ends agree on is in the options; the range of a bare SYN is always 0:0(0).
        forms.push_back(without_window(forms.back()));
        if (const auto at = forms.back().find(" 0:0(0)"); at != std::string::npos)
            forms.push_back(concat(std::string_view(forms.back()).substr(0, at),
                                   std::string_view(forms.back()).substr(at + 7)));
        push_fewer_options(forms);
        if (forms.back().find(" <") != std::string::npos)
            forms.push_back(concat(without_options(forms.back()), " <\u2026>"));
    } else {
        forms.push_back(without_options(forms.back()));
        forms.push_back(without_window(forms.back()));
        if (segment.length > 0) forms.push_back(forms.back().substr(0, forms.back().find(" ack ")));
    }
    return forms;
}

std::string packet_text(const TraceSource& source, const track::Segment& segment, std::size_t columns) {
    std::vector<std::string> forms = packet_forms(source, segment);
    for (std::string& form : forms)
        if (text_columns(form) <= columns) return std::move(form);
    return cut_columns(forms.back(), columns);
}

std::string cut_front(std::string_view ascii, std::size_t columns, std::string_view ellipsis) {
    if (ascii.size() <= columns) return std::string(ascii);
    const std::size_t mark = text_columns(ellipsis);
    return columns < mark ? std::string{} : concat(ellipsis, ascii.substr(ascii.size() - (columns - mark)));
}

std::string side_text(std::string text, std::size_t columns) {
    using Shorter = std::pair<std::string_view, std::string_view>;
    constexpr Shorter kShorter[] = {{"(inferred)", "(inf.)"},
                                    {"(end-of-file)", "(EOF)"},
                                    {" entered", ""},
                                    {"finds message", "message"},
                                    {"makes message", "message"},
                                    {" = fd ", " = "},
                                    {" bytes lost", " lost"},
                                    {" bytes", " B"}};
    for (const auto& [from, to] : kShorter) {
        if (text_columns(text) <= columns) return text;
        if (const std::size_t at = text.find(from); at != std::string::npos)
            text.replace(at, from.size(), to);
    }
    if (text.ends_with(kLost)) return cut_front(text, columns, "\u2026");
    if (text_columns(text) > columns && text.ends_with(')'))
        if (const std::size_t at = text.rfind(" ("); at != std::string::npos) text.resize(at);
    return cut_columns(text, columns);
}

bool is_simulated(const track::Connection& connection, Side side) {
    return std::any_of(connection.states.begin(), connection.states.end(),
                       [side](const auto& s) { return s.side == side && s.evidence == Evidence::Simulator; });
}

bool changes_state(const track::Connection& connection, std::size_t index) {
    const auto& states = connection.states;
    const track::StateChange& change = states[index];
    if (change.evidence == Evidence::Inferred && is_simulated(connection, change.side)) return false;
    for (std::size_t i = index; i-- > 0;)
        if (states[i].side == change.side &&
            (states[i].evidence != Evidence::Inferred || !is_simulated(connection, change.side)))
            return states[i].state != change.state || states[i].evidence != change.evidence;
    return true;
}

bool caused_by_arrival(const Timeline& timeline, const track::Connection& connection,
                       const track::StateChange& change) {
    const auto& all = connection.segments;
    auto it = std::lower_bound(all.begin(), all.end(), change.at,
                               [](const track::Segment& s, Instant at) { return s.at < at; });
    for (; it != all.end() && it->at == change.at; ++it)
        if (it->event == change.event)
            return sender_of(it->direction) != change.side && !timeline.arrival(it->packet);
    return false;
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

std::string peer_text(const Timeline& timeline, std::uint32_t peer, bool ascii) {
    const auto& peers = timeline.datagrams().peers();
    return concat("UDP", peers.size() > 1 ? concat(" peer ", peer) : std::string{}, "   client ",
                  peers[peer].client.text(), ascii ? " -> " : " \u2192 ", "server ",
                  peers[peer].server.text());
}

std::string note_text(const TraceSource& source, const Note& note) {
    const std::string_view text = source.text(note.text);
    return text == kArmedNote ? "the capture listens: no packet from here on is missed" : safe(text);
}

std::string marker_text(const TraceSource& source, EventId marker) {
    const Event event = source.event(marker);
    if (const auto* body = std::get_if<Marker>(&event.body)) return safe(source.text(body->name));
    if (const auto* body = std::get_if<Note>(&event.body)) return note_text(source, *body);
    return {};
}

std::string frame_text(const TraceSource& source, const Timeline& timeline, EventId sent) {
    const Event event = source.event(sent);
    const auto* body = std::get_if<PacketSent>(&event.body);
    if (body == nullptr) return {};
    const PacketBytes packet = source.packet(body->packet);
    const dissect::Dissection dissection =
        dissect::dissect(packet.link, packet.bytes, packet.original_length);
    // Data behind UDP says less than UDP itself; what an ICMP error quotes is not what its sender says.
    const dissect::Layer* told = nullptr;
    for (const dissect::Layer& layer : dissection.layers)
        if (told == nullptr || (layer.protocol != "data" && told->protocol != "icmp")) told = &layer;
    const auto name = timeline.name_of(event.actor);
    const auto arrival = timeline.arrival(body->packet);
    const bool lost = arrival && arrival->dropped;
    return concat(name ? safe(source.text(*name)) : std::string{"?"}, ": ",
                  told != nullptr ? safe(told->title) : std::string{"nothing"}, lost ? "   lost: " : "",
                  lost ? drop_reason_text(*arrival->dropped) : std::string_view{});
}

bool warns(const TraceSource& source, EventId note) {
    const Event event = source.event(note);
    const auto* body = std::get_if<Note>(&event.body);
    return body != nullptr && (body->severity != Severity::Info || source.text(body->text) == kArmedNote);
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
    if (needs.arrows)
        lines.push_back({"win 65536",
                         "how many more bytes its sender has room for; where the room is short, windows "
                         "and options are left out"});
    if (needs.datagrams)
        lines.push_back(
            {"UDP, length 6",
             "a datagram and the bytes it carries: it arrives whole or not at all, and nobody tells "
             "its sender which"});
    if (needs.estimated)
        lines.push_back({"\u2500\u2500\u254c\u254c\u25b6",
                         "solid: the time was measured; dashed: the arrival is estimated, a "
                         "capture sees each packet once"});
    if (needs.probes)
        lines.push_back(
            {"probe:", "no new data: it only makes the other side answer, and so say its window"});
    if (needs.duplicates)
        lines.push_back({"duplicate:", "the same ACK again: something else than the next byte arrived"});
    if (needs.calls)
        lines.push_back(
            {"send(5) = 5", "a system call, its argument and its result; bars show how long it took"});
    if (needs.lost)
        lines.push_back(
            {"2 bytes lost", "the call had room for less than the datagram: the rest is gone for good"});
    if (needs.parted)
        lines.push_back({"bar",
                         "pale: it waits, or nothing tells; solid: it works; the dashed line between is "
                         "estimated from the packet that ended the wait, with its error bar"});
    if (needs.kernel) lines.push_back({"(kernel)", "the state was read from the kernel's own TCP"});
    if (needs.inferred) lines.push_back({"(inferred)", "the state was worked out from the packets seen"});
    if (needs.simulator) lines.push_back({"(simulator)", "the state of the simulator's own TCP"});
    if (needs.breaks) lines.push_back({"break", "nothing happens for the time given; the axis skips it"});
    return lines;
}

void add_needs(LegendNeeds& needs, const Flight& flight) {
    needs.estimated = needs.estimated || !flight.arrival;
    needs.arrows = needs.arrows || flight.segment != nullptr;
    needs.datagrams = needs.datagrams || flight.segment == nullptr;
    const std::string_view mark =
        flight.segment != nullptr ? packet_mark(*flight.segment) : std::string_view{};
    needs.probes = needs.probes || mark == kProbe;
    needs.duplicates = needs.duplicates || mark == kDuplicate;
}

LegendNeeds legend_needs(const Timeline& timeline, const track::Tracker& tracker) {
    LegendNeeds needs;
    const auto& connections = tracker.connections();
    for (const Row& row : timeline.rows()) {
        if (row.kind == RowKind::CallBegin) {
            needs.calls = true;
            const Span& span = timeline.spans()[row.index];
            needs.lost = needs.lost || span.lost > 0;
            if (!needs.parted && span.waits) {
                const auto phases = span_phases(tracker, span);
                needs.parted = phases && phases->has_border();
            }
        }
        if (row.kind == RowKind::Packet || row.kind == RowKind::Datagram)
            add_needs(needs, flight_of(tracker, timeline, row));
        if (row.kind != RowKind::State) continue;
        if (!changes_state(connections[row.connection->value], row.index)) continue;
        const Evidence evidence = connections[row.connection->value].states[row.index].evidence;
        needs.kernel = needs.kernel || evidence == Evidence::Kernel;
        needs.inferred = needs.inferred || evidence == Evidence::Inferred;
        needs.simulator = needs.simulator || evidence == Evidence::Simulator;
    }
    return needs;
}

}  // namespace synscope::model
