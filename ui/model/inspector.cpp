#include "ui/model/inspector.hpp"

#include <utility>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::model {

namespace {

std::string_view timer_name(TimerKind kind) noexcept {
    switch (kind) {
        case TimerKind::Retransmission:
            return "retransmission";
        case TimerKind::Persist:
            return "persist (asks whether there is room again)";
        case TimerKind::DelayedAck:
            return "delayed acknowledgment";
        case TimerKind::KeepAlive:
            return "keep-alive";
        case TimerKind::TimeWait:
            return "TIME-WAIT";
        case TimerKind::UserTimeout:
            return "user timeout";
        case TimerKind::TailLossProbe:
            return "tail loss probe";
        case TimerKind::Reordering:
            return "reordering";
    }
    return "";
}

std::optional<PacketId> packet_of(const Event& event) {
    if (const auto* body = std::get_if<PacketCaptured>(&event.body)) return body->packet;
    if (const auto* body = std::get_if<PacketSent>(&event.body)) return body->packet;
    if (const auto* body = std::get_if<PacketDelivered>(&event.body)) return body->packet;
    if (const auto* body = std::get_if<PacketDropped>(&event.body)) return body->packet;
    if (const auto* body = std::get_if<BoxActed>(&event.body); body != nullptr && body->has_packet)
        return body->packet;
    return std::nullopt;
}

void inspect_rest(const TraceSource& source, const Event& event, Instant start, RowWriter& out) {
    if (const auto* busy = std::get_if<BusyBegan>(&event.body)) {
        out.box("Busy on purpose");
        out.field("Why", escaped(source.text(busy->reason), Medium::Terminal),
                  "the scenario key that asks for it");
        out.field("Planned", duration_text(busy->planned));
        if (const auto end = end_of(source, event)) out.field("Measured", duration_text(end->at - event.at));
    } else if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
        out.box("State");
        out.field("From", std::string(tcp_state_name(change->from)),
                  std::string(state_sentence(change->from)));
        out.field("To", std::string(tcp_state_name(change->to)), std::string(state_sentence(change->to)));
        out.field("Known from", std::string(evidence_name(change->evidence)));
    } else if (const auto* set = std::get_if<TimerSet>(&event.body)) {
        out.box("Timer");
        out.field("Which", std::string(timer_name(set->timer)));
        out.field("Runs out", concat(seconds_text(set->deadline - start, 6), " s"));
    } else if (const auto* fired = std::get_if<TimerFired>(&event.body)) {
        out.box("Timer");
        out.field("Which", std::string(timer_name(fired->timer)));
    } else if (const auto* cwnd = std::get_if<CwndChanged>(&event.body)) {
        out.box("Congestion window");
        out.field("Window", count_text(cwnd->cwnd_bytes, "byte", "bytes"));
        out.field("Threshold", count_text(cwnd->ssthresh_bytes, "byte", "bytes"),
                  "below it the window grows fast (slow start), above it slowly");
    } else if (const auto* counters = std::get_if<CaptureCounters>(&event.body)) {
        out.box("Capture");
        out.field("Received", count_text(counters->received, "packet", "packets"));
        out.field("Dropped by the kernel", count_text(counters->dropped_by_kernel, "packet", "packets"));
        out.field("Dropped by the interface",
                  count_text(counters->dropped_by_interface, "packet", "packets"));
    }
}

}  // namespace

void RowWriter::box(std::string name, std::string value) {
    rows_.push_back({InspectorRowKind::Box, 0, std::move(name), std::move(value), {}, {}, {}});
}
void RowWriter::field(std::string name, std::string value, std::string meaning, std::uint8_t depth) {
    rows_.push_back(
        {InspectorRowKind::Field, depth, std::move(name), std::move(value), std::move(meaning), {}, {}});
}
void RowWriter::link(std::string name, std::string value, EventId to) {
    rows_.push_back({InspectorRowKind::Link, 1, std::move(name), std::move(value), {}, {}, to});
}
void RowWriter::warning(std::string text, std::optional<ByteRange> bytes) {
    rows_.push_back({InspectorRowKind::Warning, 1, {}, std::move(text), {}, bytes, {}});
}

Inspector inspect(const TraceSource& source, const track::Tracker& tracker, EventId id, Instant start) {
    Event event = source.event(id);
    // A call and a busy span are shown whole, whichever end was selected.
    const bool is_end =
        std::holds_alternative<SyscallReturned>(event.body) || std::holds_alternative<BusyEnded>(event.body);
    if (is_end && event.cause) event = source.event(*event.cause);
    Inspector result;
    result.event = id;
    result.at = event.at;
    result.head = explain(source, tracker, event);
    RowWriter out(result.rows);
    if (const auto packet = packet_of(event)) {
        const PacketBytes bytes = source.packet(*packet);
        result.bytes = bytes.bytes;
        result.original_length = bytes.original_length;
        inspect_packet(source, tracker, event, *packet, start, out);
    } else if (std::holds_alternative<SyscallEntered>(event.body)) {
        inspect_call(source, tracker, event, start, out);
    } else if (const auto* sample = std::get_if<KernelSample>(&event.body)) {
        inspect_sample(*sample, out);
    } else if (const auto* message = std::get_if<MessageFramed>(&event.body)) {
        inspect_message(source, tracker, event, *message, out);
    } else {
        inspect_rest(source, event, start, out);
    }
    return result;
}

std::optional<std::size_t> row_at(const Inspector& inspector, std::size_t offset) noexcept {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < inspector.rows.size(); ++i) {
        const auto& bytes = inspector.rows[i].bytes;
        if (!bytes || !bytes->contains(offset)) continue;
        if (!best || bytes->size() <= inspector.rows[*best].bytes->size()) best = i;
    }
    return best;
}

}  // namespace synscope::model
