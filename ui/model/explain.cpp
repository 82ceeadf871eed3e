#include "ui/model/explain.hpp"

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/transport.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {

namespace {

std::string line_of(const TraceSource& source, TextId text) {
    return escaped(source.text(text), Medium::Terminal);
}

struct Explainer {
    const TraceSource& source;
    const track::Tracker& tracker;
    const Event& event;

    Explanation packet(PacketId id) const {
        if (const auto place = tracker.find(id))
            return explain_segment(source, tracker.connections()[place->connection.value], place->segment);
        const PacketBytes bytes = source.packet(id);
        if (const auto udp = wire::find_udp(bytes.link, bytes.bytes, bytes.original_length))
            return {
                concat("UDP, ", count_text(udp->payload_length, "byte", "bytes")),
                "A datagram arrives whole or not at all, perhaps late or twice, and nobody tells its sender "
                "which. There is no connection: it is sent, and that is all.",
                "RFC 768"};
        return {concat("packet of ", count_text(bytes.original_length, "byte", "bytes")),
                "This packet is not part of a TCP connection; its layers are listed below.",
                {}};
    }

    Explanation operator()(const PacketCaptured& body) const { return packet(body.packet); }
    Explanation operator()(const PacketSent& body) const { return packet(body.packet); }
    Explanation operator()(const PacketDelivered& body) const {
        Explanation result = packet(body.packet);
        result.sentence = "The packet came out at the far end of the wire. " + result.sentence;
        return result;
    }
    Explanation operator()(const PacketDropped& body) const {
        Explanation result = packet(body.packet);
        result.sentence =
            concat("The packet was lost: ", drop_reason_text(body.reason), ". ", result.sentence);
        return result;
    }
    Explanation operator()(const SyscallEntered&) const {
        return explain_call(tracker, event, end_of(source, event));
    }
    Explanation operator()(const SyscallReturned&) const {
        if (!event.cause) return {"call", "The trace does not hold the beginning of this call.", {}};
        return explain_call(tracker, source.event(*event.cause), event);
    }
    Explanation operator()(const ReadinessReported& body) const {
        return {
            concat("descriptor ", body.fd, " is ready"),
            "The kernel told the program that this socket has something for it: a call on it will not wait.",
            "poll(2)"};
    }
    Explanation operator()(const SocketNamed& body) const {
        return {concat("socket ", body.local.text()),
                "From here on the program's socket has these addresses.", "getsockname(2)"};
    }
    Explanation operator()(const TcpStateChanged& body) const {
        return {concat(tcp_state_name(body.from), " \u2192 ", tcp_state_name(body.to)),
                std::string(state_sentence(body.to)), "RFC 9293 section 3.3.2"};
    }
    Explanation operator()(const KernelSample& body) const {
        return {concat("the kernel says: ", tcp_state_name(body.state)),
                std::string(state_sentence(body.state)), "RFC 9293 section 3.3.2, tcp(7)"};
    }
    Explanation operator()(const TimerSet&) const {
        return {"a timer was set", "If nothing happens before it runs out, TCP will act on its own.",
                "RFC 6298"};
    }
    Explanation operator()(const TimerFired&) const {
        return {"a timer ran out", "TCP acts because what it waited for did not come in time.", "RFC 6298"};
    }
    Explanation operator()(const CwndChanged& body) const {
        return {concat("congestion window ", count_text(body.cwnd_bytes, "byte", "bytes")),
                "How many bytes the sender lets be under way at once has changed.", "RFC 5681"};
    }
    Explanation operator()(const MessageFramed& body) const {
        return {
            concat(body.outgoing ? "message " : "message ", body.index + 1,
                   body.outgoing ? " made: " : " found: ", bytes_text(body.bytes)),
            body.outgoing
                ? "The program put a length before its message, so that the reader can find where it ends."
                : "The program found a whole message in the stream: TCP itself keeps no borders between "
                  "messages.",
            "RFC 9293 section 3.8"};
    }
    Explanation operator()(const BusyBegan& body) const {
        const auto end = end_of(source, event);
        return {concat("busy", end ? " " + duration_text(end->at - event.at) : std::string(), " (",
                       line_of(source, body.reason), ")"),
                "The program works on something else on purpose and does not look at its sockets. Whatever "
                "arrives "
                "waits in the kernel's receive queue.",
                {}};
    }
    Explanation operator()(const BusyEnded& body) const {
        if (event.cause) return explain(source, tracker, source.event(*event.cause));
        return {concat("busy ends (", line_of(source, body.reason), ")"),
                "The program looks at its sockets again.",
                {}};
    }
    Explanation operator()(const Marker& body) const {
        return {line_of(source, body.name), "A step of the scenario begins here.", {}};
    }
    Explanation operator()(const Note& body) const { return {note_text(source, body), {}, {}}; }
    Explanation operator()(const ActorDeclared& body) const {
        return {line_of(source, body.name), "Takes part in what follows.", {}};
    }
    Explanation operator()(const ClockPaired&) const {
        return {"clocks compared",
                "Both clocks were read at the same moment, so that times of programs and packets fit.",
                "clock_gettime(2)"};
    }
    Explanation operator()(const CaptureCounters& body) const {
        const std::uint64_t lost = body.dropped_by_kernel + body.dropped_by_interface;
        return {concat("capture: ", count_text(body.received, "packet", "packets"), ", ", lost, " lost"),
                lost == 0 ? "The capture has missed nothing so far."
                          : "The capture could not keep up: packets are missing from the picture.",
                "pcap_stats(3)"};
    }
    Explanation operator()(const BoxActed& body) const {
        Explanation result;
        if (body.has_packet) result = packet(body.packet);
        result.line = concat(box_action_text(body.action), ": ", line_of(source, body.detail));
        return result;
    }
};

}  // namespace

Explanation explain(const TraceSource& source, const track::Tracker& tracker, const Event& event) {
    return std::visit(Explainer{source, tracker, event}, event.body);
}

std::optional<Event> end_of(const TraceSource& source, const Event& begun) {
    // Ends arrive in order of their thread, close behind: a bound keeps this cheap where the end is missing.
    constexpr std::size_t kReach = 100'000;
    const std::size_t size = source.size();
    for (std::size_t i = std::size_t{begun.id.value} + 1; i < size && i - begun.id.value < kReach; ++i) {
        Event event = source.event(EventId{static_cast<std::uint32_t>(i)});
        if (event.cause != begun.id) continue;
        if (std::holds_alternative<SyscallReturned>(event.body) ||
            std::holds_alternative<BusyEnded>(event.body))
            return event;
    }
    return std::nullopt;
}

std::string bytes_text(ByteRange bytes) {
    if (bytes.empty()) return "no bytes";
    if (bytes.size() == 1) return concat("byte ", bytes.begin);
    return concat("bytes ", bytes.begin, " to ", bytes.end - 1);
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
    return concat(count, ' ', count == 1 ? one : many);
}

std::string_view side_name(Side side) noexcept {
    return side == Side::Client ? "client" : "server";
}

std::string_view state_sentence(TcpState state) noexcept {
    switch (state) {
        case TcpState::Closed:
            return "There is no connection.";
        case TcpState::Listen:
            return "Waits for anyone to connect.";
        case TcpState::SynSent:
            return "Has asked for a connection and waits for the answer.";
        case TcpState::SynReceived:
            return "Has been asked, has answered, and waits for the confirmation.";
        case TcpState::Established:
            return "The connection is open: bytes may go both ways.";
        case TcpState::FinWait1:
            return "Has said it will send no more, and waits for that to be confirmed.";
        case TcpState::FinWait2:
            return "Its end is confirmed; it waits for the other side to end as well.";
        case TcpState::CloseWait:
            return "The other side has ended; this program has not closed its side yet.";
        case TcpState::Closing:
            return "Both sides ended at the same time; waits for the confirmation of its own end.";
        case TcpState::LastAck:
            return "Both sides have ended; waits for the last confirmation.";
        case TcpState::TimeWait:
            return "All is done. It stays a while, so that a late packet of this connection cannot be taken "
                   "for one "
                   "of the next.";
    }
    return "";
}

}  // namespace synscope::model
