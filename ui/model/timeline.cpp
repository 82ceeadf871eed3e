#include "ui/model/timeline.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "net/base/datagram.hpp"
#include "net/wire/transport.hpp"
#include "ui/model/active_spans.hpp"
#include "ui/model/actors.hpp"
#include "ui/model/call_kinds.hpp"

namespace synscope::model {

namespace {

bool row_less(const Row& a, const Row& b) {
    const auto key = [](const Row& r) {
        return std::tuple(r.at, static_cast<int>(r.kind), r.event, r.index);
    };
    return key(a) < key(b);
}

struct Owner {
    ActorId actor;
    std::optional<SocketId> socket;
};

}  // namespace

struct Timeline::Impl {
    TimelineOptions options;
    std::vector<Row> rows;
    std::vector<Span> spans;
    std::uint64_t generation = 0;
    std::string client_name;
    std::string server_name;

    std::size_t seen = 0;
    std::uint64_t tracker_generation = 0;
    std::vector<Row> batch;     ///< rows found by this update
    std::vector<Owner> owners;  ///< of spans
    Actors actors;
    std::unordered_map<EventId, std::uint32_t> open;  ///< entered, not returned
    std::unordered_map<EventId, std::uint32_t>
        accepts;                                     ///< accept() that returned, not named yet -> its span
    std::unordered_map<EventId, SocketId> accepted;  ///< named by an accept() that comes later
    std::vector<std::uint32_t> unplaced;             ///< spans whose connection is not known yet
    std::vector<std::pair<Row, Owner>> waiting;  ///< rows of one moment, likewise (one connection selected)
    std::unordered_map<ActorId, std::pair<Instant, std::uint64_t>> drops;
    std::unordered_map<PacketId, Arrival> arrivals;
    std::vector<std::pair<EventId, PacketId>> sent;  ///< since the last update
    Datagrams datagrams;
    std::size_t peers = 0;                    ///< of datagrams, that have a row
    std::size_t datagrams_shown = 0;          ///< likewise
    std::unordered_set<EventId> told_losses;  ///< returns of calls that lost bytes, and say so themselves
    const TraceSource* reading = nullptr;     ///< during an update

    struct Progress {
        std::size_t segments = 0;
        std::size_t states = 0;
        std::optional<track::StateChange> last_state;
        Instant header_at;
        bool header = false;
    };
    std::vector<Progress> progress;  ///< by connection

    ActiveSpans active;

    [[nodiscard]] bool wants(ConnectionId id) const {
        return !options.connection || *options.connection == id;
    }

    // ---- where things belong

    [[nodiscard]] Side side_of(const track::Tracker& tracker, const Owner& owner) const {
        if (const auto id = owner.socket ? tracker.find(owner.actor, *owner.socket) : std::nullopt) {
            const track::Connection& c = tracker.connections()[id->value];
            if (c.client_socket == owner.socket && c.client_actor == owner.actor) return Side::Client;
            if (c.server_socket == owner.socket && c.server_actor == owner.actor) return Side::Server;
        }
        return actors.is_server(owner.actor) ? Side::Server : Side::Client;
    }

    enum class Belongs : std::uint8_t { Yes, No, NotYet };
    Belongs belongs(const track::Tracker& tracker, const Owner& owner, Instant begin,
                    std::optional<Instant> end, std::optional<ConnectionId>& found) const {
        if (owner.socket) found = tracker.find(owner.actor, *owner.socket);
        if (!options.connection) return Belongs::Yes;
        if (found) return *found == *options.connection ? Belongs::Yes : Belongs::No;
        if (options.connection->value >= tracker.connections().size()) return Belongs::NotYet;
        const track::Connection& c = tracker.connections()[options.connection->value];
        if (end && *end < c.first_at) return Belongs::No;
        if (owner.socket) return Belongs::NotYet;
        // Waiting for any socket (poll, epoll_wait) concerns every connection of that process while it lives.
        const bool partner = (c.client_socket && c.client_actor == owner.actor) ||
                             (c.server_socket && c.server_actor == owner.actor);
        return partner && begin <= c.last_at ? Belongs::Yes : Belongs::NotYet;
    }

    void row(RowKind kind, Instant at, EventId event, Side side, std::uint32_t index,
             std::optional<ConnectionId> connection) {
        batch.push_back({at, event, connection, index, kind, side});
    }

    // ---- events

    std::uint32_t begin_span(SpanKind kind, const Event& event, const Owner& owner) {
        const auto index = static_cast<std::uint32_t>(spans.size());
        Span span;
        span.begin = span.end = event.at;
        span.event = event.id;
        span.kind = kind;
        spans.push_back(span);
        owners.push_back(owner);
        open[event.id] = index;
        unplaced.push_back(index);
        return index;
    }

    std::optional<std::uint32_t> end_span(const Event& event) {
        if (!event.cause) return std::nullopt;
        const auto it = open.find(*event.cause);
        if (it == open.end()) return std::nullopt;
        const std::uint32_t index = it->second;
        open.erase(it);
        Span& span = spans[index];
        span.end = std::max(span.begin, event.at);
        span.finished = event.id;
        const auto* call = std::get_if<SyscallReturned>(&event.body);
        if (call != nullptr) span.lost = lost_bytes(*call);
        if (span.lost > 0) told_losses.insert(event.id);
        span.waits = span.end - span.begin >= (call != nullptr && may_wait(call->call) ? kWaiting : kSlow);
        return index;
    }

    void moment(RowKind kind, const Event& event, const Owner& owner) {
        waiting.emplace_back(Row{event.at, event.id, std::nullopt, 0, kind, Side::Client}, owner);
    }

    void on(const Event& event, const SyscallEntered& body) {
        if (!worth_drawing(body.call)) return;
        begin_span(SpanKind::Call, event,
                   {event.actor, body.has_socket ? std::optional(body.socket) : std::nullopt});
    }

    void on(const Event& event, const SyscallReturned& body) {
        const auto index = end_span(event);
        if (!index) return;
        if (body.call != Syscall::Accept || body.result < 0) {
            finish(*index);
            return;
        }
        // accept() is a call on the listener; what it made belongs to the new connection.
        if (const auto it = accepted.find(event.id); it != accepted.end()) {
            owners[*index].socket = it->second;
            accepted.erase(it);
        } else {
            accepts[event.id] = *index;
        }
        finish(*index);
    }

    /// Its cause is the accept() that made it. The descriptor would not do: processes that accept at the same
    /// moment get the same number.
    void on(const Event& event, const SocketNamed& body) {
        datagrams.named(*reading, event, body, actors.is_server(event.actor));
        if (body.role != SocketRole::Accepted || !event.cause) return;
        if (const auto it = accepts.find(*event.cause); it != accepts.end()) {
            owners[it->second].socket = body.socket;
            accepts.erase(it);
        } else {
            accepted[*event.cause] = body.socket;
        }
    }

    void on(const Event& event, const BusyBegan& body) {
        begin_span(SpanKind::Busy, event,
                   {event.actor, body.has_socket ? std::optional(body.socket) : std::nullopt});
    }
    void on(const Event& event, const BusyEnded&) {
        if (const auto index = end_span(event)) finish(*index);
    }
    void on(const Event& event, const MessageFramed& body) {
        moment(RowKind::Message, event, {event.actor, body.socket});
    }
    void on(const Event& event, const Marker& body) {
        moment(RowKind::Marker, event,
               {event.actor, body.has_socket ? std::optional(body.socket) : std::nullopt});
    }
    void on(const Event& event, const Note&) {
        if (event.cause && told_losses.count(*event.cause) > 0) return;
        row(RowKind::Note, event.at, event.id, Side::Client, 0, std::nullopt);
    }
    void on(const Event& event, const ActorDeclared& body) { actors.declared(event.actor, body); }
    void on(const Event& event, const CaptureCounters& body) {
        const std::uint64_t lost = body.dropped_by_kernel + body.dropped_by_interface;
        const auto it = drops.find(event.actor);
        const Instant since =
            it == drops.end() ? rows.empty() ? event.at : rows.front().at : it->second.first;
        const std::uint64_t before = it == drops.end() ? 0 : it->second.second;
        drops[event.actor] = {event.at, lost};
        if (lost <= before) return;
        const auto index = static_cast<std::uint32_t>(spans.size());
        Span span;
        span.begin = since;
        span.end = event.at;
        span.event = event.id;
        span.finished = event.id;
        span.kind = SpanKind::Drops;
        span.dropped = lost - before;
        spans.push_back(span);
        owners.push_back({event.actor, std::nullopt});
        row(RowKind::DropsBegin, since, event.id, Side::Client, index, std::nullopt);
        row(RowKind::DropsEnd, event.at, event.id, Side::Client, index, std::nullopt);
    }
    void on(const Event& event, const PacketDelivered& body) {
        arrivals[body.packet] = {event.at, event.id, std::nullopt};
    }
    void on(const Event& event, const PacketDropped& body) {
        arrivals[body.packet] = {event.at, event.id, body.reason};
    }
    // Packets and states come from the tracker; the rest is for other views.
    void on(const Event& event, const PacketCaptured& body) {
        if (!options.connection) datagrams.captured(*reading, event, body.packet);
    }
    void on(const Event& event, const PacketSent& body) { sent.emplace_back(event.id, body.packet); }
    void on(const Event&, const ReadinessReported&) {}
    void on(const Event&, const TcpStateChanged&) {}
    void on(const Event&, const KernelSample&) {}
    void on(const Event&, const TimerSet&) {}
    void on(const Event&, const TimerFired&) {}
    void on(const Event&, const CwndChanged&) {}
    void on(const Event&, const ClockPaired&) {}
    void on(const Event&, const BoxActed&) {}

    // ---- from spans, moments and the tracker to rows

    std::vector<bool> placed;  ///< spans whose begin has a row

    void finish(std::uint32_t index) {
        if (index < placed.size() && placed[index]) end_row(index);
    }

    void end_row(std::uint32_t index) {
        const Span& span = spans[index];
        row(span.kind == SpanKind::Busy ? RowKind::BusyEnd : RowKind::CallEnd, span.end, *span.finished,
            span.side, index, span.connection);
    }

    void place_spans(const TraceSource& source, const track::Tracker& tracker) {
        placed.resize(spans.size(), false);
        std::vector<std::uint32_t> later;
        for (const std::uint32_t index : unplaced) {
            Span& span = spans[index];
            const std::optional<Instant> end = span.finished ? std::optional(span.end) : std::nullopt;
            const Belongs verdict = belongs(tracker, owners[index], span.begin, end, span.connection);
            if (verdict == Belongs::No) continue;
            span.side = side_of(tracker, owners[index]);
            if (verdict == Belongs::Yes && !placed[index]) {
                placed[index] = true;
                row(span.kind == SpanKind::Busy ? RowKind::BusyBegin : RowKind::CallBegin, span.begin,
                    span.event, span.side, index, span.connection);
                if (span.finished) end_row(index);
            }
            if (span.connection)
                note_connect(source, span);
            else if (!given_up(index) &&
                     (verdict == Belongs::NotYet || !span.finished || owners[index].socket))
                later.push_back(index);
        }
        unplaced = std::move(later);
    }

    /// A call that ended long ago on a socket of no connection (UDP, a listener) will not find one any more.
    [[nodiscard]] bool given_up(std::uint32_t index) const {
        constexpr std::size_t kPatience = 50'000;
        return spans[index].finished && seen - spans[index].event.value > kPatience;
    }

    /// The band of a connection stands above the connect() that made it.
    void note_connect(const TraceSource& source, const Span& span) {
        if (span.kind != SpanKind::Call) return;
        const Event event = source.event(span.event);
        const auto* body = std::get_if<SyscallEntered>(&event.body);
        if (body == nullptr || body->call != Syscall::Connect) return;
        if (span.connection->value >= progress.size()) progress.resize(span.connection->value + 1);
        Progress& p = progress[span.connection->value];
        if (!p.header) {
            p.header_at = p.header_at.ns == 0 ? span.begin : std::min(p.header_at, span.begin);
            return;
        }
        if (span.begin >= p.header_at) return;
        p.header_at = span.begin;
        for (Row& r : batch)
            if (r.kind == RowKind::Connection && r.connection == span.connection) r.at = span.begin;
        for (Row& r : rows)
            if (r.kind == RowKind::Connection && r.connection == span.connection) {
                r.at = span.begin;
                resort = true;
            }
    }
    bool resort = false;

    void place_moments(const track::Tracker& tracker) {
        std::vector<std::pair<Row, Owner>> later;
        for (auto& [r, owner] : waiting) {
            const Belongs verdict = belongs(tracker, owner, r.at, std::nullopt, r.connection);
            if (verdict == Belongs::NotYet) later.emplace_back(r, owner);
            if (verdict != Belongs::Yes) continue;
            r.side = side_of(tracker, owner);
            batch.push_back(r);
        }
        waiting = std::move(later);
    }

    bool take_connections(const track::Tracker& tracker) {
        progress.resize(std::max(progress.size(), tracker.connections().size()));
        for (const track::Connection& c : tracker.connections()) {
            if (!wants(c.id)) continue;
            Progress& p = progress[c.id.value];
            const bool states_changed =
                p.states > c.states.size() ||
                (p.last_state && (c.states[p.states - 1].state != p.last_state->state ||
                                  c.states[p.states - 1].at != p.last_state->at ||
                                  c.states[p.states - 1].side != p.last_state->side));
            if (states_changed || p.segments > c.segments.size()) return false;
            if (!p.header && !c.segments.empty()) {
                p.header = true;
                p.header_at = p.header_at.ns == 0 ? c.first_at : std::min(p.header_at, c.first_at);
                row(RowKind::Connection, p.header_at, c.segments.front().event, Side::Client, c.id.value,
                    c.id);
            }
            for (; p.segments < c.segments.size(); ++p.segments)
                take_segment(c, p.segments);
            for (; p.states < c.states.size(); ++p.states) {
                const track::StateChange& s = c.states[p.states];
                row(RowKind::State, s.at, s.event, s.side, static_cast<std::uint32_t>(p.states), c.id);
                p.last_state = s;
            }
        }
        return true;
    }

    /// What was put on a wire of ours and is no TCP has no connection to be drawn with.
    void take_frames(const TraceSource& source) {
        if (options.connection) return sent.clear();
        for (const auto& [id, packet] : sent) {
            const PacketBytes bytes = source.packet(packet);
            if (wire::find_tcp(bytes.link, bytes.bytes, bytes.original_length)) continue;
            const Event event = source.event(id);
            if (!datagrams.sent(source, event, packet))
                row(RowKind::Frame, event.at, id, Side::Client, 0, std::nullopt);
        }
        sent.clear();
        datagrams.look(source);
        for (; peers < datagrams.peers().size(); ++peers) {
            const DatagramPeer& p = datagrams.peers()[peers];
            row(RowKind::Peer, p.at, p.event, Side::Client, static_cast<std::uint32_t>(peers), std::nullopt);
        }
        for (; datagrams_shown < datagrams.all().size(); ++datagrams_shown) {
            const Datagram& d = datagrams.all()[datagrams_shown];
            const auto index = static_cast<std::uint32_t>(datagrams_shown);
            row(RowKind::Datagram, d.at, d.event, sender_of(d.direction), index, std::nullopt);
            arrive(d.packet, other(sender_of(d.direction)), index, std::nullopt);
        }
    }

    void arrive(PacketId packet, Side side, std::uint32_t index, std::optional<ConnectionId> connection) {
        if (const auto it = arrivals.find(packet); it != arrivals.end())
            row(RowKind::Arrival, it->second.at, it->second.event, side, index, connection);
    }

    void take_segment(const track::Connection& c, std::size_t index) {
        const track::Segment& s = c.segments[index];
        const Side sender = sender_of(s.direction);
        row(RowKind::Packet, s.at, s.event, sender, static_cast<std::uint32_t>(index), c.id);
        arrive(s.packet, other(sender), static_cast<std::uint32_t>(index), c.id);
    }

    // ---- order

    void merge_batch() {
        std::sort(batch.begin(), batch.end(), row_less);
        const bool late = !batch.empty() && !rows.empty() && row_less(batch.front(), rows.back());
        const auto middle = static_cast<std::ptrdiff_t>(rows.size());
        rows.insert(rows.end(), batch.begin(), batch.end());
        batch.clear();
        if (resort)
            std::sort(rows.begin(), rows.end(), row_less);
        else if (late)
            std::inplace_merge(rows.begin(), rows.begin() + middle, rows.end(), row_less);
        if (late || resort) {
            ++generation;
            active.restart();
        }
        resort = false;
        active.take(rows, spans);
    }

    void names(const TraceSource& source, const track::Tracker& tracker) {
        const auto name = [&](Side side) -> std::string {
            const auto text = actors.name_of(side, tracker, options.connection, peers > 0);
            return text ? std::string(source.text(*text)) : std::string{};
        };
        client_name = name(Side::Client);
        server_name = name(Side::Server);
    }

    void clear() {
        const TimelineOptions kept = options;
        const std::uint64_t next = generation + 1;
        *this = Impl{};
        options = kept;
        generation = next;
    }
};

Timeline::Timeline(TimelineOptions options) : impl_(std::make_unique<Impl>()) {
    impl_->options = options;
}
Timeline::~Timeline() = default;

void Timeline::update(const TraceSource& source, const track::Tracker& tracker,
                      std::uint64_t tracker_generation) {
    Impl& m = *impl_;
    if (tracker_generation != m.tracker_generation) {
        m.clear();
        m.tracker_generation = tracker_generation;
    }
    const std::size_t size = source.size();
    m.reading = &source;
    for (; m.seen < size; ++m.seen) {
        const Event event = source.event(EventId{static_cast<std::uint32_t>(m.seen)});
        std::visit([&](const auto& body) { m.on(event, body); }, event.body);
    }
    if (!m.take_connections(tracker)) {
        // The tracker changed its mind about what it had said: begin again.
        m.clear();
        m.tracker_generation = tracker_generation;
        update(source, tracker, tracker_generation);
        return;
    }
    m.take_frames(source);
    m.place_spans(source, tracker);
    m.place_moments(tracker);
    m.merge_batch();
    m.names(source, tracker);
}

const std::vector<Row>& Timeline::rows() const noexcept {
    return impl_->rows;
}
const std::vector<Span>& Timeline::spans() const noexcept {
    return impl_->spans;
}
const Datagrams& Timeline::datagrams() const noexcept {
    return impl_->datagrams;
}
std::uint64_t Timeline::generation() const noexcept {
    return impl_->generation;
}
const TimelineOptions& Timeline::options() const noexcept {
    return impl_->options;
}

std::optional<Instant> Timeline::first() const noexcept {
    return impl_->rows.empty() ? std::nullopt : std::optional(impl_->rows.front().at);
}

std::optional<Instant> Timeline::last() const noexcept {
    return impl_->rows.empty() ? std::nullopt : std::optional(impl_->rows.back().at);
}

std::optional<TextId> Timeline::name_of(ActorId actor) const {
    return impl_->actors.name_of(actor);
}

std::string_view Timeline::actor_name(Side side) const noexcept {
    return side == Side::Client ? impl_->client_name : impl_->server_name;
}

std::vector<std::uint32_t> Timeline::active_at(std::size_t row) const {
    return impl_->active.at(impl_->rows, row);
}

std::optional<Arrival> Timeline::arrival(PacketId packet) const {
    const auto it = impl_->arrivals.find(packet);
    return it == impl_->arrivals.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace synscope::model
