#include "capture/track/tracker.hpp"

#include <algorithm>
#include <utility>

#include "capture/track/endpoints.hpp"
#include "capture/track/sequence.hpp"
#include "capture/track/sockets.hpp"
#include "net/wire/segment_finder.hpp"

namespace synscope::track {

namespace {

using wire::TcpFlags;

/// How far the clocks of a capture and of a process may disagree.
constexpr Duration kClockError = Duration::milliseconds(1);

/// What following a connection takes beyond what is told about it.
struct Analysis {
    std::array<SequenceSpace, 2> space;
    Endpoints endpoints;
};

std::size_t index(Direction d) {
    return d == Direction::ClientToServer ? 0 : 1;
}

/// Puts `item` behind all that are not later, and says where.
template <class T, class TimeOf>
std::size_t insert_by_time(std::vector<T>& list, T item, TimeOf time_of) {
    const Instant at = time_of(item);
    auto place = list.end();
    // Nearly always the end.
    while (place != list.begin() && time_of(*std::prev(place)) > at)
        --place;
    const auto index = place - list.begin();
    list.insert(place, std::move(item));
    return static_cast<std::size_t>(index);
}

/// A state that a side already has, by the same kind of evidence, is no change.
void add_state(std::vector<StateChange>& states, const StateChange& change) {
    const auto same_row = [&](const StateChange& s) {
        return s.side == change.side && s.evidence == change.evidence;
    };
    const auto place = std::upper_bound(states.begin(), states.end(), change.at,
                                        [](Instant at, const StateChange& s) { return at < s.at; });
    const auto before = std::find_if(std::make_reverse_iterator(place), states.rend(), same_row);
    if (before != states.rend() && before->state == change.state) return;
    const auto after = std::find_if(place, states.end(), same_row);
    if (after != states.end() && after->state == change.state) {
        // The same state was shown later: it began here. What lies between stays in order.
        std::rotate(place, after, std::next(after));
        *place = change;
        return;
    }
    states.insert(place, change);
}

std::optional<PacketId> packet_of(const EventBody& body) {
    if (const auto* captured = std::get_if<PacketCaptured>(&body)) return captured->packet;
    if (const auto* sent = std::get_if<PacketSent>(&body)) return sent->packet;
    if (const auto* delivered = std::get_if<PacketDelivered>(&body)) return delivered->packet;
    return {};
}

}  // namespace

struct Tracker::Impl {
    struct Placed {
        std::uint32_t connection = kNowhere;
        std::uint32_t segment = 0;
    };
    static constexpr std::uint32_t kNowhere = 0xffffffff;

    std::vector<Connection> connections;
    std::vector<Analysis> analyses;
    Analyzer analyzer;
    wire::SegmentFinder finder;  ///< keeps the fragments of segments that are not whole yet
    std::vector<Placed> places;  ///< by packet id, which count up from 0
    Sockets sockets;

    void open(ConnectionId id, const wire::TcpSegment& tcp, Instant at);
    void add(const Event& event, PacketId packet, const wire::TcpSegment& tcp);
    Segment make_segment(const Verdict& verdict, const wire::TcpSegment& tcp);
    void note_end(const Event& event);
    void infer(std::size_t c, const Segment& segment, std::optional<std::int64_t> acked_before,
               std::optional<std::int64_t> next_before);

    // ---- sockets
    void rejoin(const FlowKey& key);
    std::optional<std::size_t> match(const SocketRecord& record) const;
    void join(SocketRecord& record, std::size_t c);
    void leave(SocketRecord& record);
    void deliver(SocketRecord& record);
};

// ---- packets

void Tracker::Impl::open(ConnectionId id, const wire::TcpSegment& tcp, Instant at) {
    const ConnectionFacts facts = analyzer.connection(id);
    Connection& connection = connections.emplace_back();
    analyses.emplace_back();
    connection.id = id;
    connection.client = facts.client;
    connection.server = facts.server;
    connection.first_at = connection.last_at = at;
    connection.reused_ports = facts.reused_ports;
    rejoin(FlowKey::of(tcp.source, tcp.destination));
}

Segment Tracker::Impl::make_segment(const Verdict& verdict, const wire::TcpSegment& tcp) {
    Analysis& analysis = analyses[verdict.connection.value];
    Connection& connection = connections[verdict.connection.value];
    const Direction direction = verdict.direction;
    SequenceSpace& mine = analysis.space[index(direction)];
    SequenceSpace& theirs = analysis.space[index(other(direction))];
    const bool has_ack = tcp.flags.has(TcpFlags::kAck);
    const auto begin_at = [](SequenceSpace& space, Seq32 zero) {
        if (space.zero() == zero) return;
        // A SYN with ACK came again with another number: what was counted before it is no measure.
        space = SequenceSpace{};
        space.set_zero(zero);
    };
    begin_at(mine, tcp.seq - verdict.seq);
    if (has_ack) begin_at(theirs, tcp.ack - verdict.ack);
    connection.isn[index(direction)] = mine.zero();
    connection.isn[index(other(direction))] = theirs.zero();
    Segment segment;
    segment.direction = direction;
    segment.flags = tcp.flags;
    segment.seq = mine.relative(tcp.seq);
    if (has_ack) segment.ack = theirs.relative(tcp.ack);
    segment.length = tcp.payload_length;
    segment.window = verdict.window;
    segment.analysis = verdict.flags;
    segment.super_segment = verdict.super_segment;
    segment.retransmission = mine.take(segment.seq, segment.seq + tcp.sequence_length());
    // An ACK in a RST that refuses a SYN says nothing about bytes, but is as true as any other.
    if (segment.ack) theirs.acknowledged(*segment.ack);
    return segment;
}

void Tracker::Impl::infer(std::size_t c, const Segment& segment, std::optional<std::int64_t> acked_before,
                          std::optional<std::int64_t> next_before) {
    SegmentFacts facts;
    facts.from = sender_of(segment.direction);
    facts.flags = segment.flags;
    facts.seq = segment.seq;
    facts.length = segment.length;
    facts.ack = segment.ack;
    facts.fresh = !segment.retransmission;
    facts.acked_before = acked_before;
    facts.next_before = next_before;
    for (const Endpoints::Change& change : analyses[c].endpoints.segment(facts))
        add_state(connections[c].states,
                  {segment.at, change.side, change.state, Evidence::Inferred, segment.event, {}, {}});
}

void Tracker::Impl::add(const Event& event, PacketId packet, const wire::TcpSegment& tcp) {
    const Verdict verdict = analyzer.add(event.at, tcp);
    const std::size_t c = verdict.connection.value;
    if (c == connections.size()) open(verdict.connection, tcp, event.at);
    Connection& connection = connections[c];
    const SequenceSpace& mine = analyses[c].space[index(verdict.direction)];
    const auto acked_before = mine.acked();
    const auto next_before = mine.next();
    Segment segment = make_segment(verdict, tcp);
    segment.packet = packet;
    segment.event = event.id;
    segment.at = event.at;
    if (tcp.flags.has(TcpFlags::kSyn)) connection.saw_syn = true;
    connection.first_at = std::min(connection.first_at, event.at);
    connection.last_at = std::max(connection.last_at, event.at);
    infer(c, segment, acked_before, next_before);
    const std::size_t at =
        insert_by_time(connection.segments, segment, [](const Segment& s) { return s.at; });
    if (packet.value >= places.size()) places.resize(packet.value + 1);
    for (std::size_t i = at; i < connection.segments.size(); ++i)
        places[connection.segments[i].packet.value] = {static_cast<std::uint32_t>(c),
                                                       static_cast<std::uint32_t>(i)};
}

void Tracker::Impl::note_end(const Event& event) {
    const auto* dropped = std::get_if<PacketDropped>(&event.body);
    const auto* delivered = std::get_if<PacketDelivered>(&event.body);
    if (dropped == nullptr && delivered == nullptr) return;
    const PacketId packet = dropped != nullptr ? dropped->packet : delivered->packet;
    if (packet.value >= places.size() || places[packet.value].connection == kNowhere) return;
    connections[places[packet.value].connection].wire_ends[packet] = {event.at, dropped != nullptr};
}

// ---- sockets

/// A socket that connected made the first connection since it lived; an accepted one belongs to the last that
/// had begun when accept returned.
std::optional<std::size_t> Tracker::Impl::match(const SocketRecord& record) const {
    const FlowKey key = FlowKey::of(record.local, record.remote);
    const bool connecting = record.role == SocketRole::Connecting && record.first_at < record.named_at;
    std::optional<std::size_t> best;
    for (auto id = analyzer.find(key.low, key.high); id; id = analyzer.earlier(*id)) {
        const std::size_t c = id->value;
        const Connection& connection = connections[c];
        if (connecting) {
            if (connection.first_at + kClockError < record.first_at) {
                // Begun before the socket's first event that we know of, and still going on then.
                if (!best && connection.last_at > record.named_at) best = c;
                break;
            }
            best = c;
        } else {
            best = c;
            if (connection.first_at <= record.named_at + kClockError) break;
        }
    }
    return best;
}

void Tracker::Impl::rejoin(const FlowKey& key) {
    for (const std::size_t r : sockets.on(key)) {
        SocketRecord& record = sockets.record(r);
        // A socket that was named before this connection began stays where it is.
        if (record.connection && record.named_at + kClockError < connections.back().first_at) continue;
        const auto c = match(record);
        if (!c || record.connection == c) continue;
        leave(record);
        join(record, *c);
    }
}

void Tracker::Impl::join(SocketRecord& record, std::size_t c) {
    Connection& connection = connections[c];
    record.connection = c;
    record.side = record.local == connection.client ? Side::Client : Side::Server;
    auto& socket = record.side == Side::Client ? connection.client_socket : connection.server_socket;
    auto& actor = record.side == Side::Client ? connection.client_actor : connection.server_actor;
    if (!socket) {
        socket = record.socket;
        actor = record.actor;
    }
    deliver(record);
}

void Tracker::Impl::leave(SocketRecord& record) {
    if (!record.connection) return;
    Connection& connection = connections[*std::exchange(record.connection, std::nullopt)];
    const auto take = [&](auto& from, auto& to) {
        const auto ours = std::stable_partition(from.begin(), from.end(), [&](const auto& item) {
            return !(item.actor == record.actor && item.socket == record.socket);
        });
        to.insert(to.end(), ours, from.end());
        from.erase(ours, from.end());
    };
    take(connection.calls, record.waiting.calls);
    take(connection.socket_calls, record.waiting.socket_calls);
    take(connection.messages, record.waiting.messages);
    take(connection.states, record.waiting.states);
    auto& socket = record.side == Side::Client ? connection.client_socket : connection.server_socket;
    if (socket == record.socket) socket.reset();
}

/// Hands over what waited for the socket to be joined.
void Tracker::Impl::deliver(SocketRecord& record) {
    if (!record.connection) return;
    Connection& connection = connections[*record.connection];
    const auto give = [&](auto& from, auto& to, auto time_of) {
        for (auto& item : from) {
            item.side = record.side;
            insert_by_time(to, item, time_of);
        }
        from.clear();
    };
    give(record.waiting.calls, connection.calls, [](const StreamCall& c) { return c.returned_at; });
    give(record.waiting.socket_calls, connection.socket_calls,
         [](const SocketCall& c) { return c.returned_at; });
    give(record.waiting.messages, connection.messages, [](const Message& m) { return m.at; });
    for (StateChange& change : record.waiting.states) {
        change.side = record.side;
        add_state(connection.states, change);
    }
    record.waiting.states.clear();
}

// ---- the interface

Tracker::Tracker() : impl_(std::make_unique<Impl>()) {}
Tracker::~Tracker() = default;

void Tracker::packet(const Event& event, wire::LinkType link, ByteSpan frame, std::uint32_t original_length) {
    const auto packet = packet_of(event.body);
    if (!packet) return;
    if (find(*packet)) return impl_->note_end(event);
    const auto tcp = impl_->finder.find(link, frame, original_length, event.at);
    if (!tcp) return;
    impl_->add(event, *packet, *tcp);
}

void Tracker::event(const Event& event) {
    impl_->note_end(event);
    const auto changed = impl_->sockets.event(event);
    if (!changed) return;
    SocketRecord& record = impl_->sockets.record(*changed);
    if (record.named && !record.connection)
        if (const auto c = impl_->match(record)) impl_->join(record, *c);
    impl_->deliver(record);
}

const std::vector<Connection>& Tracker::connections() const noexcept {
    return impl_->connections;
}

std::optional<Tracker::Place> Tracker::find(PacketId packet) const {
    if (packet.value >= impl_->places.size()) return {};
    const Impl::Placed place = impl_->places[packet.value];
    if (place.connection == Impl::kNowhere) return {};
    return Place{ConnectionId{place.connection}, place.segment};
}

std::optional<ConnectionId> Tracker::find(ActorId actor, SocketId socket) const {
    const auto record = impl_->sockets.find(actor, socket);
    if (!record || !impl_->sockets.record(*record).connection) return {};
    return ConnectionId{static_cast<std::uint32_t>(*impl_->sockets.record(*record).connection)};
}

bool Tracker::is_datagram(ActorId actor, SocketId socket) const {
    const auto record = impl_->sockets.find(actor, socket);
    return record && impl_->sockets.record(*record).named &&
           impl_->sockets.record(*record).role == SocketRole::Datagram;
}

}  // namespace synscope::track
