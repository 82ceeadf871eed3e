#include <algorithm>

#include "capture/dissect/dissect.hpp"
#include "capture/track/provenance.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/inspector.hpp"

namespace synscope::model {

namespace {

using track::Connection;
using track::Segment;

std::string at_text(Instant at, Instant start) {
    return concat(seconds_text(at - start, 6), " s");
}

std::string call_title(const track::StreamCall& call, Instant start) {
    return concat(syscall_name(call.call), "() of the ", side_name(call.side), ", ", bytes_text(call.bytes),
                  ", at ", at_text(call.returned_at, start));
}

/// The same index once, in order of first mention.
void remember(std::vector<std::size_t>& seen, std::size_t index) {
    if (std::find(seen.begin(), seen.end(), index) == seen.end()) seen.push_back(index);
}

void bytes_story(const Connection& c, const Segment& s, Instant start, RowWriter& out) {
    std::vector<std::size_t> writes;
    std::vector<std::size_t> reads;
    std::vector<std::size_t> acks;
    std::vector<std::size_t> messages;
    std::vector<std::size_t> others;
    for (const track::ByteRun& run : track::provenance(c, s.direction)) {
        if (!run.bytes.overlaps(s.bytes())) continue;
        if (run.write) remember(writes, *run.write);
        if (run.read) remember(reads, *run.read);
        if (run.acknowledged) remember(acks, *run.acknowledged);
        if (run.sent_message) remember(messages, *run.sent_message);
        for (const std::size_t segment : run.segments) {
            if (c.segments[segment].packet != s.packet) remember(others, segment);
        }
    }
    for (const std::size_t i : writes)
        out.link("Written by", call_title(c.calls[i], start), c.calls[i].entered);
    for (const std::size_t i : messages)
        out.link("Part of",
                 concat("message ", c.messages[i].index + 1, ", ", bytes_text(c.messages[i].bytes)),
                 c.messages[i].event);
    for (const std::size_t i : others)
        out.link(c.segments[i].at < s.at ? "Sent before" : "Sent again",
                 concat("at ", at_text(c.segments[i].at, start)), c.segments[i].event);
    for (const std::size_t i : acks)
        out.link("Confirmed by",
                 concat("the ", side_name(sender_of(c.segments[i].direction)), "'s segment at ",
                        at_text(c.segments[i].at, start)),
                 c.segments[i].event);
    for (const std::size_t i : reads)
        out.link("Read by", call_title(c.calls[i], start), c.calls[i].entered);
    if (reads.empty() && c.client_socket && c.server_socket) out.field("Read by", "no call in this trace");
}

void story(const Connection& c, std::size_t index, Instant start, RowWriter& out) {
    const Segment& s = c.segments[index];
    out.box("In this conversation", concat("connection ", c.id.value));
    out.field("Time", at_text(s.at, start));
    out.field("From", concat("the ", side_name(sender_of(s.direction)), ", ",
                             c.endpoint(sender_of(s.direction)).text()));
    if (s.length > 0)
        out.field("Carries",
                  concat(bytes_text(s.bytes()), " of the ", side_name(sender_of(s.direction)), "'s stream"));
    if (s.length > 0) bytes_story(c, s, start, out);
    for (const track::StateChange& change : c.states) {
        if (change.event != s.event) continue;
        out.field("Shows",
                  concat("the ", side_name(change.side), " is in ", tcp_state_name(change.state), " (",
                         evidence_name(change.evidence), ")"),
                  std::string(state_sentence(change.state)));
    }
}

void layer_rows(const dissect::Layer& layer, RowWriter& out) {
    InspectorRow box{InspectorRowKind::Box, 0, escaped(layer.title, Medium::Terminal), {}, {},
                     layer.bytes,           {}};
    if (layer.bytes.empty()) box.bytes.reset();
    out.add(std::move(box));
    for (const dissect::Field& field : layer.fields) {
        InspectorRow row{InspectorRowKind::Field,
                         static_cast<std::uint8_t>(field.depth + 1),
                         std::string(field.label),
                         escaped(field.value, Medium::Terminal),
                         std::string(field.help),
                         field.bytes,
                         {}};
        if (field.bytes.empty()) row.bytes.reset();
        if (!field.note.empty()) row.value += concat("  (", escaped(field.note, Medium::Terminal), ")");
        out.add(std::move(row));
    }
    if (layer.malformed) {
        const std::size_t at = layer.malformed->offset;
        std::optional<ByteRange> rest;
        if (at < layer.bytes.end) rest = ByteRange{at, layer.bytes.end};
        out.warning(concat("Cannot be read from byte ", at,
                           " on: ", escaped(layer.malformed->reason, Medium::Terminal)),
                    rest);
    }
}

}  // namespace

void inspect_packet(const TraceSource& source, const track::Tracker& tracker, const Event& event,
                    PacketId packet, Instant start, RowWriter& out) {
    if (const auto place = tracker.find(packet)) {
        story(tracker.connections()[place->connection.value], place->segment, start, out);
    } else {
        out.box("Packet");
        out.field("Time", at_text(event.at, start));
    }
    const PacketBytes bytes = source.packet(packet);
    if (bytes.bytes.size() < bytes.original_length)
        out.warning(concat("Only the first ", bytes.bytes.size(), " of ", bytes.original_length,
                           " bytes were captured."));
    for (const dissect::Layer& layer :
         dissect::dissect(bytes.link, bytes.bytes, bytes.original_length).layers)
        layer_rows(layer, out);
}

}  // namespace synscope::model
