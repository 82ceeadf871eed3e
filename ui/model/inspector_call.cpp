#include <array>
#include <utility>

#include "capture/track/provenance.hpp"
#include "net/base/datagram.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/call_phases.hpp"
#include "ui/model/inspector.hpp"

namespace synscope::model {

namespace {

std::string at_text(Instant at, Instant start) {
    return concat(seconds_text(at - start, 6), " s");
}

/// Linux's names for the flags of send and recv.
std::string message_flags(std::int64_t flags) {
    static constexpr std::array<std::pair<std::int64_t, std::string_view>, 7> kNames{
        {{0x1, "MSG_OOB"},
         {0x2, "MSG_PEEK"},
         {0x20, "MSG_TRUNC"},
         {0x40, "MSG_DONTWAIT"},
         {0x100, "MSG_WAITALL"},
         {0x4000, "MSG_NOSIGNAL"},
         {0x8000, "MSG_MORE"}}};
    if (flags == 0) return "0";
    std::string text;
    for (const auto& [bit, name] : kNames) {
        if ((flags & bit) == 0) continue;
        if (!text.empty()) text += " | ";
        text += name;
        flags &= ~bit;
    }
    if (flags != 0)
        text += concat(text.empty() ? "" : " | ", "0x", Hex{static_cast<std::uint64_t>(flags), 1});
    return text;
}

void arguments(const SyscallEntered& call, RowWriter& out) {
    if (call.fd >= 0)
        out.field("Descriptor", concat(call.fd), "the number by which the program knows this socket");
    const bool moves_bytes = writes_stream(call.call) || reads_stream(call.call);
    if (moves_bytes) {
        out.field(writes_stream(call.call) ? "Length" : "Room for",
                  count_text(static_cast<std::uint64_t>(call.args[0]), "byte", "bytes"),
                  writes_stream(call.call) ? "how many bytes the program offers"
                                           : "how many bytes the program would take at most");
        if (call.call != Syscall::Read && call.call != Syscall::Write)
            out.field("Flags", message_flags(call.args[1]));
        return;
    }
    switch (call.call) {
        case Syscall::Shutdown: {
            static constexpr std::array<std::string_view, 3> kHow{
                "SHUT_RD: no more reading", "SHUT_WR: no more writing", "SHUT_RDWR: neither any more"};
            const auto how = static_cast<std::size_t>(call.args[0]);
            out.field("How", how < kHow.size() ? std::string(kHow[how]) : concat(call.args[0]));
            break;
        }
        case Syscall::Listen:
            out.field("Backlog", concat(call.args[0]), "how many connections may wait for accept()");
            break;
        case Syscall::Poll:
        case Syscall::EpollWait:
            out.field("Events at most", concat(call.args[0]));
            out.field("Timeout", call.args[1] < 0 ? std::string("none: waits as long as it takes")
                                                  : concat(call.args[1], " ms"));
            break;
        default:
            break;
    }
}

void outcome(const SyscallReturned& done, RowWriter& out) {
    if (done.result < 0) {
        const auto name = errno_name(done.error);
        const std::string error = name ? std::string(*name) : concat("errno ", done.error);
        out.field("Result", concat(done.result, ", ", error, " (", done.error, ")"),
                  std::string(errno_sentence(error)));
        return;
    }
    const bool end_of_file = reads_stream(done.call) && done.call != Syscall::Recvfrom && done.result == 0;
    out.field("Result", end_of_file ? std::string("0: end-of-file") : concat(done.result));
    if (const std::uint64_t lost = lost_bytes(done); lost > 0)
        out.field("Lost", count_text(lost, "byte", "bytes"), "the datagram was longer than the room for it");
    const bool datagram = done.call == Syscall::Recvfrom || done.call == Syscall::Sendto;
    if (!done.bytes.empty() && !datagram)
        out.field("Bytes",
                  concat(bytes_text(done.bytes),
                         writes_stream(done.call) ? " of its stream" : " of the other side's stream"));
}

/// What became of the bytes a call wrote, or where the bytes it read came from.
void path_of_bytes(const track::Connection& c, const track::StreamCall& call, Instant start, RowWriter& out) {
    const Direction direction = call.writes ? sent_by(call.side) : sent_by(other(call.side));
    std::vector<std::size_t> segments;
    std::vector<std::size_t> calls;
    const auto remember = [](std::vector<std::size_t>& seen, std::size_t index) {
        for (const std::size_t known : seen) {
            if (known == index) return;
        }
        seen.push_back(index);
    };
    for (const track::ByteRun& run : track::provenance(c, direction)) {
        if (!run.bytes.overlaps(call.bytes)) continue;
        for (const std::size_t segment : run.segments)
            remember(segments, segment);
        if (call.writes && run.read) remember(calls, *run.read);
        if (!call.writes && run.write) remember(calls, *run.write);
    }
    out.box(call.writes ? "Where these bytes went" : "Where these bytes came from");
    constexpr std::size_t kMost = 20;
    const auto link_calls = [&](std::string_view name) {
        for (std::size_t k = 0; k < calls.size() && k < kMost; ++k) {
            const track::StreamCall& linked = c.calls[calls[k]];
            out.link(std::string(name),
                     concat(syscall_name(linked.call), "() of the ", side_name(linked.side), ", ",
                            bytes_text(linked.bytes), ", at ", at_text(linked.returned_at, start)),
                     linked.entered);
        }
        if (calls.size() > kMost) out.field("", concat("and ", calls.size() - kMost, " more calls"));
    };
    if (!call.writes) link_calls("Written by");
    for (std::size_t k = 0; k < segments.size() && k < kMost; ++k) {
        const track::Segment& s = c.segments[segments[k]];
        out.link("Carried by", concat("segment at ", at_text(s.at, start), ", ", bytes_text(s.bytes())),
                 s.event);
    }
    if (segments.size() > kMost) out.field("", concat("and ", segments.size() - kMost, " more segments"));
    if (segments.empty()) out.field("Carried by", "no segment in this trace");
    if (call.writes) link_calls("Read by");
}

/// How much of the time was waiting, and how that is known.
void phases_rows(const track::Tracker& tracker, const Event& entered, const Event& returned, RowWriter& out) {
    const auto found = find_phases(tracker, entered, returned);
    if (!found) return;
    const track::Connection& c = tracker.connections()[found->connection.value];
    const track::CallPhases& p = found->phases;
    if (p.is_known()) {
        const bool moved = !p.in_vain && p.copying().ns > 0;
        const std::string about = p.error && p.segment ? concat(" \u00b1 ", duration_text(*p.error)) : "";
        const std::string note = p.in_vain ? ", in vain" : p.completed() ? ", with the ring" : "";
        out.field("Waited", concat(duration_text(p.waiting()), about, note));
        if (moved)
            out.field(p.call == Syscall::Accept ? "Took it in" : "Copied in",
                      concat(duration_text(p.copying()), about));
    }
    out.field("Border", border_text(c, p), "how it is known when the waiting ended and the work began");
    if (p.segment)
        out.link("Ended by", concat("packet ", c.segments[*p.segment].packet.value + 1),
                 c.segments[*p.segment].event);
    if (p.reported && p.reported->wait)
        out.link("Announced in",
                 concat(syscall_name(p.reported->wait->call), "(), which took ",
                        duration_text(p.reported->wait->returned_at - p.reported->wait->entered_at)),
                 p.reported->wait->entered);
}

/// What the kernel was asked right after the call: the sample that names the call (or its return) as its
/// cause, else the next one of that socket before its next call.
std::optional<KernelSample> sample_after(const TraceSource& source, const Event& entered,
                                         const Event& returned) {
    constexpr std::size_t kReach = 2'000;
    const auto* done = std::get_if<SyscallReturned>(&returned.body);
    const std::size_t size = source.size();
    for (std::size_t i = std::size_t{entered.id.value} + 1; i < size && i - entered.id.value < kReach; ++i) {
        const Event event = source.event(EventId{static_cast<std::uint32_t>(i)});
        if (event.actor != entered.actor) continue;
        if (const auto* sample = std::get_if<KernelSample>(&event.body)) {
            if (event.cause == entered.id || event.cause == returned.id) return *sample;
            if (!event.cause && event.at >= returned.at && done->has_socket && sample->socket == done->socket)
                return *sample;
        }
        const auto* next = std::get_if<SyscallEntered>(&event.body);
        if (next != nullptr && event.at > returned.at && next->has_socket && done->has_socket &&
            next->socket == done->socket)
            return std::nullopt;
    }
    return std::nullopt;
}

const track::StreamCall* stream_call(const track::Connection& c, EventId entered) {
    for (const track::StreamCall& call : c.calls) {
        if (call.entered == entered) return &call;
    }
    return nullptr;
}

}  // namespace

void inspect_call(const TraceSource& source, const track::Tracker& tracker, const Event& entered,
                  Instant start, RowWriter& out) {
    const auto& call = std::get<SyscallEntered>(entered.body);
    const auto returned = end_of(source, entered);
    const auto* done = returned ? std::get_if<SyscallReturned>(&returned->body) : nullptr;
    out.box("System call", concat(syscall_name(call.call), "()"));
    arguments(call, out);
    if (done != nullptr) outcome(*done, out);
    out.field("Entered", at_text(entered.at, start));
    if (returned) {
        out.field("Returned", at_text(returned->at, start));
        out.field("Took", duration_text(returned->at - entered.at));
        phases_rows(tracker, entered, *returned, out);
    }
    out.field("Thread", concat(call.thread.value));
    const std::string_view file = source.text(call.source.file);
    if (!file.empty() && call.source.line > 0)
        out.field("Source", concat(escaped(file, Medium::Terminal), ":", call.source.line),
                  "the line of Synscope's own code that makes this call");
    if (done == nullptr) return;
    if (done->has_socket) {
        if (const auto id = tracker.find(entered.actor, done->socket)) {
            const track::Connection& c = tracker.connections()[id->value];
            const track::StreamCall* moved = stream_call(c, entered.id);
            if (moved != nullptr && !moved->bytes.empty()) path_of_bytes(c, *moved, start, out);
        }
    }
    if (const auto sample = sample_after(source, entered, *returned)) inspect_sample(*sample, out);
}

void inspect_sample(const KernelSample& s, RowWriter& out) {
    const bool simulated = s.source == SampleSource::Simulator;
    out.box(simulated ? "What the simulator says" : "What the kernel says", s.source == SampleSource::SockDiag
                                                                                ? "sock_diag"
                                                                            : simulated ? ""
                                                                                        : "TCP_INFO");
    out.field("State", std::string(tcp_state_name(s.state)), std::string(state_sentence(s.state)));
    const bool listens = s.state == TcpState::Listen;
    out.field(listens ? "Waiting for accept()" : "Receive queue",
              listens ? count_text(s.receive_queue, "connection", "connections")
                      : count_text(s.receive_queue, "byte", "bytes"),
              listens ? "" : "arrived and not yet read by the program");
    if (listens) return;
    out.field("Send queue", count_text(s.send_queue, "byte", "bytes"),
              "written by the program and not yet confirmed");
    out.field("Not sent yet", count_text(s.not_sent, "byte", "bytes"));
    out.field("Under way", count_text(s.unacked, "segment", "segments"), "sent and not yet confirmed");
    if (s.total_retransmits > 0 || s.retransmits > 0)
        out.field("Sent again",
                  concat(s.total_retransmits, " in all, ", s.retransmits, " of the oldest segment"));
    out.field("Congestion window", count_text(s.snd_cwnd, "segment", "segments"),
              "how much the sender lets be under way at once");
    // Linux says "no threshold yet" with the largest number it has.
    constexpr std::uint32_t kNoThreshold = 0x7fffffff;
    out.field("Slow start until", s.snd_ssthresh >= kNoThreshold
                                      ? std::string("no limit yet")
                                      : count_text(s.snd_ssthresh, "segment", "segments"));
    out.field("Largest segment", concat(s.snd_mss, " bytes out, ", s.rcv_mss, " in"));
    if (s.snd_wnd > 0)
        out.field("Peer's window", count_text(s.snd_wnd, "byte", "bytes"),
                  "room that the other side has announced");
    if (s.rcv_wnd > 0) out.field("Own window", count_text(s.rcv_wnd, "byte", "bytes"));
    out.field("Round trip",
              concat(duration_text(Duration::microseconds(s.rtt_us)), " \u00b1 ",
                     duration_text(Duration::microseconds(s.rttvar_us))),
              "smoothed, as the kernel measures it");
    out.field("Sends again after", duration_text(Duration::microseconds(s.rto_us)),
              "the retransmission timeout");
}

void inspect_message(const TraceSource& source, const track::Tracker& tracker, const Event& event,
                     const MessageFramed& message, RowWriter& out) {
    out.box("Message", concat(message.index + 1));
    out.field("Framing", escaped(source.text(message.framing), Medium::Terminal),
              "how the program marks where a message ends");
    out.field("Whole", concat(bytes_text(message.bytes), " of the stream"));
    out.field("Header", count_text(message.bytes.size() - message.body.size(), "byte", "bytes"));
    out.field("Body",
              concat(bytes_text(message.body), ", ", count_text(message.body.size(), "byte", "bytes")));
    if (const auto id = tracker.find(event.actor, message.socket)) out.field("Connection", concat(id->value));
}

}  // namespace synscope::model
