#include "ui/render/bytes_report.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "capture/track/phases.hpp"
#include "capture/track/provenance.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::render {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<Direction, 2> kDirections{Direction::ClientToServer, Direction::ServerToClient};

std::string_view direction_key(Direction d) {
    return d == Direction::ClientToServer ? "c2s" : "s2c";
}

/// The captured bytes of a run, from the first segment that still has them; shorter when the capture was cut.
std::string content(const trace::Store& store, const track::Connection& connection,
                    const track::ByteRun& run) {
    for (const std::size_t index : run.segments) {
        const track::Segment& segment = connection.segments[index];
        const trace::Packet packet = store.packet(segment.packet);
        const auto link = store.interface(packet.interface).link_type;
        const auto tcp = wire::find_tcp(link, packet.bytes, packet.original_length);
        if (!tcp || run.bytes.begin < segment.bytes().begin) continue;
        const std::size_t skip = run.bytes.begin - segment.bytes().begin;
        if (skip >= tcp->payload.size()) continue;
        const std::size_t length = std::min<std::size_t>(run.bytes.size(), tcp->payload.size() - skip);
        const ByteSpan bytes = tcp->payload.subspan(skip, length);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    return {};
}

Json range_json(ByteRange range) {
    return Json::array({range.begin, range.end});
}

/// How long it waited and copied, and how that is known; see capture/track/phases.hpp.
void add_phases(Json& json, const track::Connection& c, const track::StreamCall& call) {
    const track::CallPhases p = track::phases(c, call);
    json["border"] = track::border_name(p.known);
    if (!p.is_known()) return;
    json["waiting_ns"] = p.waiting().ns;
    json["copying_ns"] = p.copying().ns;
    if (p.error) json["border_error_ns"] = p.error->ns;
    if (p.segment) json["border_frame"] = c.segments[*p.segment].packet.value + 1;
    if (!p.reported || !p.reported->wait) return;
    const track::Reported::Wait& wait = *p.reported->wait;
    json["waited_in"] = Json{{"call", syscall_name(wait.call)},
                             {"event", wait.entered.value},
                             {"entered_ns", wait.entered_at.ns},
                             {"returned_ns", wait.returned_at.ns}};
}

/// How a call is named in both outputs: the event that entered it, and when it was entered and returned.
Json call_json(const trace::Store& store, const track::Connection& c, const track::StreamCall& call) {
    const Event entered = store.event(call.entered);
    Json json;
    if (const auto* body = std::get_if<SyscallEntered>(&entered.body)) {
        json["call"] = syscall_name(body->call);
        json["source"] =
            escaped(concat(store.text(body->source.file), ':', body->source.line), Medium::Terminal);
    }
    json["event"] = call.entered.value;
    json["entered_ns"] = call.entered_at.ns;
    json["returned_ns"] = call.returned_at.ns;
    json["bytes"] = range_json(call.bytes);
    add_phases(json, c, call);
    return json;
}

Json segment_json(const track::Segment& segment) {
    return Json{{"frame.number", segment.packet.value + 1},
                {"at_ns", segment.at.ns},
                {"retransmission", segment.retransmission}};
}

Json message_json(const trace::Store& store, const track::Message& message) {
    return Json{{"index", message.index},
                {"framing", escaped(store.text(message.framing), Medium::Terminal)},
                {"bytes", range_json(message.bytes)},
                {"body", range_json(message.body)}};
}

Json run_json(const trace::Store& store, const track::Connection& c, Direction direction,
              const track::ByteRun& run) {
    Json json{{"kind", "run"}, {"direction", direction_key(direction)}, {"bytes", range_json(run.bytes)}};
    if (run.write) json["write"] = call_json(store, c, c.calls[*run.write]);
    Json segments = Json::array();
    for (const std::size_t s : run.segments)
        segments.push_back(segment_json(c.segments[s]));
    json["segments"] = std::move(segments);
    if (run.acknowledged) json["acknowledged"] = segment_json(c.segments[*run.acknowledged]);
    if (run.read) json["read"] = call_json(store, c, c.calls[*run.read]);
    if (run.sent_message) json["sent_message"] = message_json(store, c.messages[*run.sent_message]);
    if (run.received_message)
        json["received_message"] = message_json(store, c.messages[*run.received_message]);
    return json;
}

Json fate_json(Direction direction, const track::Fate& fate) {
    Json verdicts = Json::array();
    for (const track::FateVerdict v : fate.verdicts)
        verdicts.push_back(track::verdict_text(v));
    return Json{{"kind", fate.message ? "message" : "write"},
                {"direction", direction_key(direction)},
                {"bytes", range_json(fate.bytes)},
                {"segments", fate.segments.size()},
                {"reads", fate.reads.size()},
                {"verdicts", std::move(verdicts)}};
}

std::string range_text(ByteRange range) {
    return concat('[', range.begin, ',', range.end, ')');
}

std::string run_line(const trace::Store& store, const track::Connection& c, const track::ByteRun& run) {
    const auto since = [&](Instant at) { return seconds_text(at - c.first_at, 6); };
    std::string line = concat("  ", range_text(run.bytes));
    line.resize(std::max<std::size_t>(line.size(), 18), ' ');
    line += run.write ? concat("  written ", since(c.calls[*run.write].entered_at))
                      : std::string{"  writer not observed"};
    for (const std::size_t s : run.segments)
        append(line, concat("  packet ", c.segments[s].packet.value + 1, " at ", since(c.segments[s].at),
                            c.segments[s].retransmission ? " (again)" : ""));
    if (run.acknowledged) append(line, concat("  acknowledged ", since(c.segments[*run.acknowledged].at)));
    line += run.read ? concat("  read ", since(c.calls[*run.read].returned_at))
                     : std::string{"  reader not observed"};
    if (run.received_message) append(line, concat("  message ", c.messages[*run.received_message].index));
    constexpr std::size_t kShown = 24;
    const std::string bytes = content(store, c, run);
    append(line, concat("  \"", escaped(std::string_view{bytes}.substr(0, kShown), Medium::Terminal),
                        bytes.size() > kShown ? "\"..." : "\""));
    return line;
}

std::string fate_line(const track::Fate& fate) {
    std::string line = concat("  ", fate.message ? "message " : "write   ", range_text(fate.bytes), ": ");
    for (std::size_t i = 0; i < fate.verdicts.size(); ++i)
        append(line, concat(i == 0 ? "" : ", ", track::verdict_text(fate.verdicts[i])));
    return concat(line, "  (", fate.segments.size(), fate.segments.size() == 1 ? " segment, " : " segments, ",
                  fate.reads.size(), fate.reads.size() == 1 ? " read)" : " reads)");
}

}  // namespace

std::string bytes_text(const trace::Store& store, const track::Connection& connection) {
    std::string out = concat(
        "connection ", connection.id.value, "  ", connection.client.text(), " > ", connection.server.text(),
        "\noffsets count from the first byte after SYN; times are seconds since the first packet\n");
    for (const Direction direction : kDirections) {
        const auto runs = track::provenance(connection, direction);
        append(out,
               concat('\n', direction == Direction::ClientToServer ? "client to server" : "server to client",
                      runs.empty() ? ": no bytes\n" : "\n"));
        for (const track::ByteRun& run : runs)
            append(out, concat(run_line(store, connection, run), '\n'));
        for (const track::Fate& fate : track::fates(connection, direction))
            append(out, concat(fate_line(fate), '\n'));
    }
    return out;
}

std::string bytes_jsonl(const trace::Store& store, const track::Connection& connection) {
    std::string out;
    for (const Direction direction : kDirections) {
        for (const track::ByteRun& run : track::provenance(connection, direction))
            append(out, concat(run_json(store, connection, direction, run).dump(), '\n'));
        for (const track::Fate& fate : track::fates(connection, direction))
            append(out, concat(fate_json(direction, fate).dump(), '\n'));
    }
    return out;
}

}  // namespace synscope::render
