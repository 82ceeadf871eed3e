#include "ui/model/findings.hpp"

#include <algorithm>
#include <unordered_map>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/tcp_options.hpp"
#include "net/wire/transport.hpp"
#include "ui/model/findings_facts.hpp"

namespace synscope::model {

namespace {

using wire::TcpFlags;

struct Offer {
    std::optional<std::uint16_t> mss;
    std::optional<std::uint8_t> scale;
    bool sack = false;
    bool timestamps = false;
};

std::optional<PacketId> packet_of(const Event& event) {
    if (const auto* captured = std::get_if<PacketCaptured>(&event.body)) return captured->packet;
    if (const auto* sent = std::get_if<PacketSent>(&event.body)) return sent->packet;
    return std::nullopt;
}

Offer offer_of(const TraceSource& source, const track::Segment& segment) {
    const auto id = packet_of(source.event(segment.event));
    if (!id) return {};
    const PacketBytes packet = source.packet(*id);
    const auto tcp = wire::find_tcp(packet.link, packet.bytes, packet.original_length);
    if (!tcp) return {};
    Offer offer;
    const wire::TcpOptions options{tcp->options};
    if (const auto mss = options.find<wire::tcp_option::Mss>()) offer.mss = mss->value;
    if (const auto scale = options.find<wire::tcp_option::WindowScale>()) offer.scale = scale->shift;
    offer.sack = options.find<wire::tcp_option::SackPermitted>().has_value();
    offer.timestamps = options.find<wire::tcp_option::Timestamps>().has_value();
    return offer;
}

std::string option_pair(std::string_view name, std::uint64_t a, std::uint64_t b) {
    return a == b ? concat(name, ' ', a, " each way") : concat(name, ' ', a, " and ", b);
}

/// What both SYNs offered, hence what holds: an option counts only when both sides sent it (RFC 9293, RFC
/// 7323).
std::string agreement(const Offer& client, const Offer& server) {
    std::vector<std::string> parts;
    if (client.mss && server.mss) parts.push_back(option_pair("mss", *client.mss, *server.mss));
    if (client.scale && server.scale)
        parts.push_back(option_pair("window scale", *client.scale, *server.scale));
    else
        parts.emplace_back("no window scaling");
    parts.emplace_back(client.sack && server.sack ? "SACK" : "no SACK");
    parts.emplace_back(client.timestamps && server.timestamps ? "timestamps" : "no timestamps");
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += concat(i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ", parts[i]);
    return text;
}

const track::Segment* find_segment(const track::Connection& c, const track::Segment* after,
                                   Direction direction, std::uint16_t all_of, std::uint16_t none_of) {
    for (const track::Segment& s : c.segments) {
        if (after != nullptr && &s <= after) continue;
        if (s.direction == direction && s.flags.has(all_of) && !s.flags.any(none_of)) return &s;
    }
    return nullptr;
}

void find_handshake(const Facts& facts, std::vector<Finding>& out) {
    const track::Connection& c = facts.connection;
    if (c.segments.empty()) return;
    Finding finding;
    finding.topic = Topic::Handshake;
    finding.connection = c.id;
    finding.rule = "RFC 9293 section 3.5";
    const track::Segment* syn =
        find_segment(c, nullptr, Direction::ClientToServer, TcpFlags::kSyn, TcpFlags::kAck);
    if (syn == nullptr) {
        finding.sentence =
            "The trace begins after the handshake, so how the connection was made is unknown; "
            "\"client\" is whoever sent the first packet seen.";
        finding.events = {c.segments.front().event};
        out.push_back(std::move(finding));
        return;
    }
    finding.events = {syn->event};
    const track::Segment* answer =
        find_segment(c, syn, Direction::ServerToClient, TcpFlags::kSyn | TcpFlags::kAck, 0);
    if (answer == nullptr) {
        const track::Segment* reset = find_segment(c, syn, Direction::ServerToClient, TcpFlags::kRst, 0);
        const auto asked = std::count_if(c.segments.begin(), c.segments.end(), [](const track::Segment& s) {
            return s.direction == Direction::ClientToServer && s.flags.has(TcpFlags::kSyn);
        });
        if (reset != nullptr) {
            finding.events.push_back(reset->event);
            finding.sentence =
                concat("The client asked for a connection (SYN) and was refused: RST came back ",
                       duration_text(reset->at - syn->at), " later.");
        } else {
            finding.sentence = concat("The client asked for a connection (SYN, ", asked,
                                      asked == 1 ? " time" : " times", "); no answer is in this trace.");
        }
        out.push_back(std::move(finding));
        return;
    }
    finding.events.push_back(answer->event);
    const track::Segment* confirm =
        find_segment(c, answer, Direction::ClientToServer, TcpFlags::kAck, TcpFlags::kSyn | TcpFlags::kRst);
    const std::string first_two = concat("The client asked for a connection (SYN), the server agreed ",
                                         duration_text(answer->at - syn->at), " later (SYN with ACK)");
    if (confirm == nullptr) {
        finding.sentence = concat(first_two, "; the third segment, the client's ACK, is not in this trace.");
    } else {
        finding.events.push_back(confirm->event);
        finding.sentence =
            concat(first_two, ", and the client confirmed (ACK): established ",
                   duration_text(confirm->at - syn->at), " after the first SYN. Agreed: ",
                   agreement(offer_of(facts.source, *syn), offer_of(facts.source, *answer)), '.');
    }
    out.push_back(std::move(finding));
}

void find_retransmissions(const Facts& facts, std::vector<Finding>& out) {
    for (const Direction direction : {Direction::ClientToServer, Direction::ServerToClient}) {
        const track::Segment* first = nullptr;
        std::size_t count = 0;
        for (const track::Segment& s : facts.connection.segments) {
            if (s.direction != direction || !s.retransmission) continue;
            if (first == nullptr) first = &s;
            ++count;
        }
        if (first == nullptr) continue;
        const track::Segment* original = nullptr;
        for (const track::Segment& s : facts.connection.segments)
            if (&s < first && s.direction == direction && s.seq <= first->seq &&
                s.seq + std::max<std::int64_t>(s.length, 1) > first->seq)
                original = &s;
        Finding finding;
        finding.topic = Topic::Retransmission;
        finding.connection = facts.connection.id;
        finding.rule = "RFC 6298";
        finding.events = {first->event};
        finding.sentence = concat("The ", name_of(sender_of(direction)), " sent ", count,
                                  count == 1 ? " segment" : " segments", " again");
        if (original != nullptr)
            finding.sentence += concat("; the first one ", duration_text(first->at - original->at),
                                       " after it was sent before");
        finding.sentence += '.';
        out.push_back(std::move(finding));
    }
}

bool ends_sending(const SyscallEntered& call) {
    constexpr std::int64_t kShutRead = 0;
    return call.call == Syscall::Close || (call.call == Syscall::Shutdown && call.args[0] != kShutRead);
}

}  // namespace

std::string bytes_count(std::uint64_t n) {
    return concat(n, n == 1 ? " byte" : " bytes");
}

std::string joined_sizes(const std::vector<std::uint64_t>& sizes) {
    constexpr std::size_t kShown = 6;
    std::string text;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (sizes.size() > kShown && i == kShown - 1) {
            text += " + \u2026";
            i = sizes.size() - 1;
        }
        text += concat(i == 0 ? "" : " + ", sizes[i]);
    }
    return text;
}

std::string_view topic_name(Topic topic) noexcept {
    switch (topic) {
        case Topic::Handshake:
            return "handshake";
        case Topic::Writes:
            return "bytes";
        case Topic::Messages:
            return "messages";
        case Topic::Teardown:
            return "teardown";
        case Topic::Reset:
            return "reset";
        case Topic::Retransmission:
            return "sent again";
        case Topic::Drops:
            return "capture";
    }
    return "";
}

Facts gather_facts(const TraceSource& source, const track::Connection& connection) {
    Facts facts{source, connection, {}, {}};
    if (!connection.client_socket && !connection.server_socket) return facts;
    std::unordered_map<EventId, std::size_t> open;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const Event event = source.event(EventId{static_cast<std::uint32_t>(i)});
        const auto side_of = [&](SocketId socket) -> std::optional<Side> {
            if (connection.client_socket == socket && connection.client_actor == event.actor)
                return Side::Client;
            if (connection.server_socket == socket && connection.server_actor == event.actor)
                return Side::Server;
            return std::nullopt;
        };
        if (const auto* call = std::get_if<SyscallEntered>(&event.body)) {
            if (!call->has_socket || !ends_sending(*call)) continue;
            if (const auto side = side_of(call->socket))
                facts.closing.push_back({*side, call->call, event.at, event.id});
        } else if (const auto* began = std::get_if<BusyBegan>(&event.body)) {
            std::optional<Side> side;
            if (began->has_socket)
                side = side_of(began->socket);
            else if (connection.server_socket && connection.server_actor == event.actor)
                side = Side::Server;
            if (!side) continue;
            open[event.id] = facts.busy.size();
            facts.busy.push_back({*side, event.at, event.at + began->planned,
                                  escaped(source.text(began->reason), Medium::Terminal), event.id});
        } else if (std::holds_alternative<BusyEnded>(event.body) && event.cause) {
            if (const auto it = open.find(*event.cause); it != open.end())
                facts.busy[it->second].end = event.at;
        }
    }
    const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
    std::stable_sort(facts.closing.begin(), facts.closing.end(), earlier);
    return facts;
}

std::vector<Finding> findings(const TraceSource& source, const track::Connection& connection) {
    const Facts facts = gather_facts(source, connection);
    std::vector<Finding> out;
    find_handshake(facts, out);
    find_writes(facts, out);
    find_messages(facts, out);
    find_retransmissions(facts, out);
    find_teardown(facts, out);
    return out;
}

std::vector<Finding> trace_findings(const TraceSource& source) {
    std::unordered_map<ActorId, std::pair<std::uint64_t, EventId>> lost;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const Event event = source.event(EventId{static_cast<std::uint32_t>(i)});
        if (const auto* counters = std::get_if<CaptureCounters>(&event.body))
            lost[event.actor] = {counters->dropped_by_kernel + counters->dropped_by_interface, event.id};
    }
    std::uint64_t total = 0;
    Finding finding;
    finding.topic = Topic::Drops;
    for (const auto& [actor, count] : lost) {
        total += count.first;
        if (count.first > 0) finding.events.push_back(count.second);
    }
    if (total == 0) return {};
    std::sort(finding.events.begin(), finding.events.end());
    finding.sentence = concat("The capture lost ", total, total == 1 ? " packet" : " packets",
                              ": what is missing here may still have crossed the wire.");
    return {finding};
}

}  // namespace synscope::model
