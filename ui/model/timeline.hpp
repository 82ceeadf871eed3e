#pragma once
// Everything worth drawing, in time order, over all connections of a trace or one of them.
//
// A row is one moment (a packet, a call entered, a state reached); a span joins two of them (a call and its
// return, busy from and to). Rows come from events and from what the tracker worked out. Incremental:
// update() costs what is new, unless something arrived late (events of several processes are not in time
// order): then the order is made anew and generation() moves on. Sides are roles, not addresses: on loopback
// both are 127.0.0.1.
//
//   TraceReader reader; reader.update(source);               // feeds the tracker, in time order
//   Timeline timeline({connection}); timeline.update(source, reader.tracker(), reader.generation());
//
// Thread rule: one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/track/tracker.hpp"
#include "ui/model/datagrams.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

/// Feeds a tracker with the events of a growing trace, each once, in the order that tells the truth. A
/// session mixes sources whose streams arrive interleaved: its events are fed in time order, and those that
/// come too late make it start over with a new tracker. A capture of packets alone is fed as it was recorded,
/// as Wireshark reads it: there the order is part of what was recorded.
class TraceReader {
  public:
    TraceReader();
    ~TraceReader();
    TraceReader(const TraceReader&) = delete;
    TraceReader& operator=(const TraceReader&) = delete;

    /// Takes what is new. In a large growing trace, late events may be fed late for a while.
    void update(const TraceSource& source);
    /// The same, and in order without exception: when the trace is complete.
    void settle(const TraceSource& source);
    [[nodiscard]] const track::Tracker& tracker() const noexcept { return *tracker_; }
    /// Moves on when the tracker was made anew.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  private:
    void feed(const TraceSource& source, const std::vector<EventId>& order);
    void restart(const TraceSource& source);
    std::unique_ptr<track::Tracker> tracker_;
    std::size_t seen_ = 0;
    std::size_t restarted_at_ = 0;
    Instant newest_;
    bool session_ = false;  ///< one of our programs told something
    bool late_ = false;     ///< some events were fed out of order
    std::uint64_t generation_ = 0;
};

// In the order in which rows of one moment stand.
enum class RowKind : std::uint8_t {
    Connection,  ///< a connection begins
    Peer,        ///< two sockets begin to talk UDP
    Marker,
    Note,
    DropsBegin,  ///< the capture lost packets somewhere between these two rows
    DropsEnd,
    CallEnd,
    Packet,
    Datagram,
    Frame,    ///< a packet on a wire of ours that belongs to none of the above: ARP, ICMP, UDP of nobody we
              ///< know
    Arrival,  ///< a packet comes out of a wire of ours, or is dropped by it
    State,
    Message,
    BusyEnd,
    CallBegin,
    BusyBegin,
};

struct Row {
    Instant at;
    EventId event;
    std::optional<ConnectionId> connection;
    std::uint32_t index = 0;  ///< Packet: of the segment; State: of the state change; calls, busy, drops: of
                              ///< the span; Peer, Datagram: in datagrams()
    RowKind kind = RowKind::Packet;
    Side side = Side::Client;  ///< Packet, Datagram: who sent it
};

enum class SpanKind : std::uint8_t { Call, Busy, Drops };
struct Span {
    Instant begin;
    Instant end;  ///< equal to begin while it is not finished
    EventId event;
    std::optional<EventId> finished;  ///< returned, ended
    std::optional<ConnectionId> connection;
    SpanKind kind = SpanKind::Call;
    Side side = Side::Client;
    std::uint8_t lane = 0;      ///< calls that overlap in time stand beside each other
    bool waits = false;         ///< took longer than kWaiting or kSlow
    std::uint64_t dropped = 0;  ///< Drops: packets lost by the capture
    std::uint64_t lost = 0;     ///< Call: bytes of a datagram that its room was too short for
};

/// The far end of a packet's way through a wire of ours.
struct Arrival {
    Instant at;
    EventId event;
    std::optional<DropReason> dropped;
};

struct TimelineOptions {
    std::optional<ConnectionId> connection;  ///< nothing: all of them
};

class Timeline {
  public:
    /// Calls that take longer are drawn with their entry and their return on rows of their own: calls that
    /// may wait for the other side (recv, accept, ...) and the rest.
    static constexpr Duration kWaiting = Duration::microseconds(20);
    static constexpr Duration kSlow = Duration::microseconds(500);
    static constexpr std::uint8_t kLanes = 3;

    explicit Timeline(TimelineOptions options);
    ~Timeline();
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;

    void update(const TraceSource& source, const track::Tracker& tracker, std::uint64_t tracker_generation);

    [[nodiscard]] const std::vector<Row>& rows() const noexcept;    ///< in time order
    [[nodiscard]] const std::vector<Span>& spans() const noexcept;  ///< in order of arrival
    /// Spans that began on a row before this one and do not end before it: those that reach into a view.
    [[nodiscard]] std::vector<std::uint32_t> active_at(std::size_t row) const;
    /// UDP; shown where all connections are.
    [[nodiscard]] const Datagrams& datagrams() const noexcept;
    /// When and how a packet put on a wire of ours came out of it. Nothing for captures: they see one moment.
    [[nodiscard]] std::optional<Arrival> arrival(PacketId packet) const;
    /// Moves on when rows were put before others that were there already; otherwise rows are only appended.
    [[nodiscard]] std::uint64_t generation() const noexcept;
    [[nodiscard]] const TimelineOptions& options() const noexcept;
    [[nodiscard]] std::optional<Instant> first() const noexcept;
    [[nodiscard]] std::optional<Instant> last() const noexcept;
    /// What an actor declared itself as.
    [[nodiscard]] std::optional<TextId> name_of(ActorId actor) const;
    /// What the actor of this side is called, not escaped; empty when the trace does not say.
    [[nodiscard]] std::string_view actor_name(Side side) const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::model
