#pragma once
// Connections worked out from packets and socket events: relative numbers, states with their evidence, byte
// lists.
//
// Feed events in time order; a little disorder between sources is fine, lists stay sorted by time (the
// tracker keeps no event, only what it derives). Pure: no clock, no I/O. Connections are numbered as
// Wireshark's tcp.stream, in order of their first packet; a SYN with another initial sequence number starts a
// new one on used addresses and ports. Which connection, relative numbers, windows and flags are the
// analyser's (analysis.hpp), so that there is one truth; `retransmission` is about bytes, not about time.
//
// The states kept here are an observer's: what a capture lets one conclude about two endpoints, never a TCP
// of our own. A segment shows what its sender is in. A state entered by an arrival that TCP answers (SYN,
// FIN) is shown by the answer; where no answer will come (the ACK of a SYN or a FIN, a RST) the segment is
// taken to have arrived when it was captured. What the capture does not show, as after joining in the middle,
// is not claimed. Ownership: the tracker owns its connections; references stay valid while it lives and
// nothing is fed. Thread rule: one thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "capture/track/analysis.hpp"
#include "net/base/event.hpp"
#include "net/wire/transport.hpp"

namespace synscope::track {

/// One TCP segment of a connection, in relative numbers. Offsets are stream offsets (0: first byte after
/// SYN).
struct Segment {
    PacketId packet;
    EventId event;
    Instant at;
    Direction direction = Direction::ClientToServer;
    wire::TcpFlags flags;
    std::int64_t seq = 0;             ///< relative as written in text: SYN is 0, the first byte 1
    std::optional<std::int64_t> ack;  ///< relative; nothing without the ACK flag
    std::uint32_t length = 0;         ///< payload bytes
    std::uint32_t window = 0;         ///< scaled, when the scale is known
    bool retransmission = false;      ///< carries bytes (or SYN, FIN) seen before in this direction
    AnalysisFlags analysis;           ///< what the analyser calls it (docs/ANALYSIS.md)
    bool super_segment = false;       ///< longer than the MSS its receiver announced
    /// The bytes it carries, as stream offsets: [seq - 1, seq - 1 + length), one further behind a SYN. What
    /// lies before the first byte (a keep-alive on a connection joined in the middle) is left out.
    [[nodiscard]] ByteRange bytes() const noexcept;
};

/// A state an endpoint was in from this moment on, and why we think so.
struct StateChange {
    Instant at;
    Side side = Side::Client;
    TcpState state = TcpState::Closed;
    Evidence evidence = Evidence::Inferred;
    EventId event;                   ///< the packet or sample that showed it
    std::optional<SocketId> socket;  ///< whose sample it was; nothing for Evidence::Inferred
    ActorId actor;                   ///< valid with `socket`
    friend bool operator==(const StateChange&, const StateChange&) = default;
};

/// What told a program that a call on a socket would not have to wait, and the call in which it learned that.
struct Reported {
    EventId event;
    Instant at;
    ReadinessVia via = ReadinessVia::Poll;
    /// The last call of that thread that waits for many sockets at once: epoll_wait, poll, io_uring_enter.
    struct Wait {
        EventId entered;
        Syscall call = Syscall::Poll;
        Instant entered_at;
        Instant returned_at;
    };
    std::optional<Wait> wait;
};

/// A call that wrote or read bytes of this connection.
struct StreamCall {
    EventId entered;
    EventId returned;
    Instant entered_at;
    Instant returned_at;
    Side side = Side::Client;
    bool writes = false;
    ByteRange bytes;  ///< empty for a read at end-of-file
    Syscall call = Syscall::Send;
    ActorId actor;
    SocketId socket;
    std::optional<Reported> reported;     ///< before the call, and no other call has answered it
    std::optional<Duration> clock_error;  ///< of its times against the capture's; nothing when never paired
};

/// A call on one of the connection's sockets that moved no bytes: connect, shutdown, close, a recv that
/// failed, also those made before the socket had its addresses; and the accept() that made the socket.
struct SocketCall {
    EventId entered;
    EventId returned;
    Instant entered_at;
    Instant returned_at;
    Side side = Side::Client;
    Syscall call = Syscall::Socket;
    std::int64_t result = 0;
    std::int32_t error = 0;  ///< errno
    ActorId actor;
    SocketId socket;                      ///< of an accept(): the one it made, not the listener
    std::optional<Reported> reported;     ///< as in StreamCall
    std::optional<Duration> clock_error;  ///< as in StreamCall
};

/// How a packet's way through a wire of ours ended.
struct WireEnd {
    Instant at;
    bool dropped = false;
};

/// A framed message, in stream offsets.
struct Message {
    EventId event;
    Side side = Side::Client;  ///< who framed (outgoing) or found (incoming) it
    bool outgoing = false;
    std::uint32_t index = 0;
    ByteRange bytes;
    ByteRange body;
    TextId framing;
    Instant at;
    ActorId actor;
    SocketId socket;
};

struct Connection {
    ConnectionId id;
    Endpoint client;
    Endpoint server;
    std::optional<SocketId> client_socket;  ///< known when our own programs made the connection
    std::optional<SocketId> server_socket;
    ActorId client_actor;
    ActorId server_actor;
    bool saw_syn = false;
    Instant first_at;
    Instant last_at;
    std::vector<Segment> segments;
    std::vector<StateChange> states;       ///< in time order, both sides
    std::vector<StreamCall> calls;         ///< in order of their return
    std::vector<SocketCall> socket_calls;  ///< likewise
    std::vector<Message> messages;         ///< in time order
    /// Of its packets that crossed a wire of ours; empty for captures, which see each packet once.
    std::unordered_map<PacketId, WireEnd> wire_ends;
    bool reused_ports = false;  ///< an earlier connection had the same addresses and ports
    /// What relative 0 stands for, by direction; nothing before it is known. The true initial sequence number
    /// where a SYN was seen or acknowledged, else the number before the first one seen.
    std::array<std::optional<Seq32>, 2> isn;

    [[nodiscard]] const Endpoint& endpoint(Side side) const noexcept {
        return side == Side::Client ? client : server;
    }
    /// The state of a side at `at` by one kind of evidence: the last change not after it.
    [[nodiscard]] std::optional<StateChange> state_at(Side side, Evidence evidence, Instant at) const;
    /// The segment a packet event is, by its index in `segments`.
    [[nodiscard]] std::optional<std::size_t> segment_of(PacketId packet) const;
};

class Tracker {
  public:
    Tracker();
    ~Tracker();
    Tracker(const Tracker&) = delete;
    Tracker& operator=(const Tracker&) = delete;

    /// A packet event (captured, sent or delivered) with its bytes; a packet that is known already adds
    /// nothing.
    void packet(const Event& event, wire::LinkType link, ByteSpan frame, std::uint32_t original_length);
    /// Any other event.
    void event(const Event& event);

    [[nodiscard]] const std::vector<Connection>& connections() const noexcept;
    /// Which connection and which of its segments a packet is; nothing for packets that are no TCP.
    struct Place {
        ConnectionId connection;
        std::size_t segment = 0;
    };
    [[nodiscard]] std::optional<Place> find(PacketId packet) const;
    [[nodiscard]] std::optional<ConnectionId> find(ActorId actor, SocketId socket) const;
    /// Whether it said that it is a socket of datagrams, which belong to no connection.
    [[nodiscard]] bool is_datagram(ActorId actor, SocketId socket) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::track
