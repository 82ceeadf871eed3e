#pragma once
// The one event type of the program: everything that happens is an Event {id, at, actor, cause, body}.
//
// Capture, engines and simulator produce events; everything else only reads them. Bodies are small plain
// values: bytes are named by PacketId, strings by TextId, both resolved by the trace (capture/trace). Visit
// the body with a full overload set, so that a new kind breaks the build where it matters. The order of the
// alternatives is the kind number in session files: append, never reorder. Thread rule: values.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/syscall.hpp"
#include "net/base/tcp_state.hpp"

namespace synscope {

// ---- packets
// ------------------------------------------------------------------------------------------------------

/// A packet seen by a capture. On loopback each packet is seen once.
struct PacketCaptured {
    PacketId packet;
    friend bool operator==(const PacketCaptured&, const PacketCaptured&) = default;
};
/// A packet put on a wire of ours (simulated or TAP).
struct PacketSent {
    PacketId packet;
    friend bool operator==(const PacketSent&, const PacketSent&) = default;
};
/// It came out at the far end of the wire.
struct PacketDelivered {
    PacketId packet;
    friend bool operator==(const PacketDelivered&, const PacketDelivered&) = default;
};
enum class DropReason : std::uint8_t {
    Rule,
    RandomLoss,
    BurstLoss,
    QueueFull,
    CoDel,
    Corrupted,
    TooBig,
    NoRoute,
    TtlExpired,
    NoAnswer,   ///< nobody answered the ARP requests for its next hop
    NotForUs,   ///< a box got it that it is not addressed to
    Malformed,  ///< a box could not read it
    NoReceiver  ///< no program or protocol takes it there
};
inline constexpr std::size_t kDropReasonCount = 13;
/// It never arrives.
struct PacketDropped {
    PacketId packet;
    DropReason reason = DropReason::Rule;
    friend bool operator==(const PacketDropped&, const PacketDropped&) = default;
};

// ---- system calls
// -------------------------------------------------------------------------------------------------

/// Where in our source a call is made.
struct SourceLine {
    TextId file;
    std::uint32_t line = 0;
    friend bool operator==(const SourceLine&, const SourceLine&) = default;
};
/// A call is entered. `args` are the call's numbers in the manual's order, without pointers; unused ones are
/// 0: send(fd, length, flags): {length, flags}; accept: {}; epoll_wait: {maxevents, timeout_ms}; shutdown:
/// {how}.
struct SyscallEntered {
    Syscall call = Syscall::Socket;
    std::int32_t fd = -1;  ///< -1 when the call takes none
    SocketId socket;       ///< valid when has_socket
    bool has_socket = false;
    ThreadId thread;
    std::array<std::int64_t, 2> args{};
    SourceLine source;
    friend bool operator==(const SyscallEntered&, const SyscallEntered&) = default;
};
/// The same call returns. Its cause is the SyscallEntered event.
struct SyscallReturned {
    Syscall call = Syscall::Socket;
    std::int32_t fd = -1;
    SocketId socket;
    bool has_socket = false;
    ThreadId thread;
    std::int64_t result = 0;  ///< -1 on failure
    std::int32_t error = 0;   ///< errno, 0 on success
    /// The bytes of the stream that the call wrote or read (see writes_stream, reads_stream); empty for other
    /// calls. Offsets count from the first byte this socket wrote, or read.
    ByteRange bytes;
    friend bool operator==(const SyscallReturned&, const SyscallReturned&) = default;
};
enum class ReadinessVia : std::uint8_t { Poll, Select, Epoll, Cqe, Signal };
inline constexpr std::size_t kReadinessViaCount = 5;
/// The kernel reported a socket ready. `mask` is poll(2)'s bits.
struct ReadinessReported {
    std::int32_t fd = -1;
    SocketId socket;
    ThreadId thread;
    std::uint32_t mask = 0;
    ReadinessVia via = ReadinessVia::Poll;
    friend bool operator==(const ReadinessReported&, const ReadinessReported&) = default;
};
enum class SocketRole : std::uint8_t { Listener, Accepted, Connecting, Datagram };
/// Ties a socket to its addresses: the exact join between system calls and packets.
struct SocketNamed {
    SocketId socket;
    std::int32_t fd = -1;
    SocketRole role = SocketRole::Connecting;
    Endpoint local;
    Endpoint remote;  ///< family 0 for a listener
    friend bool operator==(const SocketNamed&, const SocketNamed&) = default;
};

// ---- endpoints
// ----------------------------------------------------------------------------------------------------

/// An endpoint changed its state, by the word of the kernel or of our simulator. States worked out from
/// packets are not events: capture/track derives them.
struct TcpStateChanged {
    SocketId socket;
    TcpState from = TcpState::Closed;
    TcpState to = TcpState::Closed;
    Evidence evidence = Evidence::Kernel;
    friend bool operator==(const TcpStateChanged&, const TcpStateChanged&) = default;
};
enum class SampleSource : std::uint8_t { TcpInfo, SockDiag, Simulator };
/// What the kernel (or the simulator) said about a socket at one instant. Between two samples anything may
/// have happened.
struct KernelSample {
    SocketId socket;
    SampleSource source = SampleSource::TcpInfo;
    TcpState state = TcpState::Closed;
    std::uint8_t congestion_state = 0;  ///< tcpi_ca_state: 0 open .. 4 loss
    std::uint32_t receive_queue = 0;    ///< SIOCINQ, bytes; for a listener: connections waiting for accept
    std::uint32_t send_queue = 0;       ///< SIOCOUTQ, bytes written and not yet acknowledged
    std::uint32_t not_sent = 0;         ///< tcpi_notsent_bytes
    std::uint32_t unacked = 0;          ///< segments
    std::uint32_t retransmits = 0;      ///< consecutive, of the segment at snd.una
    std::uint32_t total_retransmits = 0;
    std::uint32_t snd_cwnd = 0;      ///< segments
    std::uint32_t snd_ssthresh = 0;  ///< segments
    std::uint32_t snd_mss = 0;
    std::uint32_t rcv_mss = 0;
    std::uint32_t snd_wnd = 0;  ///< bytes; 0 where the kernel does not say
    std::uint32_t rcv_wnd = 0;  ///< bytes; 0 where the kernel does not say
    std::uint32_t rtt_us = 0;
    std::uint32_t rttvar_us = 0;
    std::uint32_t rto_us = 0;
    std::uint32_t ato_us = 0;
    friend bool operator==(const KernelSample&, const KernelSample&) = default;
};
enum class TimerKind : std::uint8_t {
    Retransmission,
    Persist,
    DelayedAck,
    KeepAlive,
    TimeWait,
    UserTimeout,
    TailLossProbe,
    Reordering
};
struct TimerSet {
    SocketId socket;
    TimerKind timer = TimerKind::Retransmission;
    Instant deadline;
    friend bool operator==(const TimerSet&, const TimerSet&) = default;
};
struct TimerFired {
    SocketId socket;
    TimerKind timer = TimerKind::Retransmission;
    friend bool operator==(const TimerFired&, const TimerFired&) = default;
};
struct CwndChanged {
    SocketId socket;
    std::uint32_t cwnd_bytes = 0;
    std::uint32_t ssthresh_bytes = 0;
    friend bool operator==(const CwndChanged&, const CwndChanged&) = default;
};

// ---- the program above the socket
// ---------------------------------------------------------------------------------

/// A program found a whole message in the stream it reads, or put one into the stream it writes.
struct MessageFramed {
    SocketId socket;
    bool outgoing = false;
    std::uint32_t index = 0;  ///< per socket and way, from 0
    ByteRange bytes;          ///< header and body, in the stream
    ByteRange body;           ///< the body alone
    TextId framing;           ///< "len32"
    friend bool operator==(const MessageFramed&, const MessageFramed&) = default;
};
/// A program is busy on purpose (a scenario key says so) and does not look at its sockets.
struct BusyBegan {
    TextId reason;  ///< the scenario key: "server.busy"
    Duration planned;
    SocketId socket;
    bool has_socket = false;
    friend bool operator==(const BusyBegan&, const BusyBegan&) = default;
};
/// Its cause is the BusyBegan event.
struct BusyEnded {
    TextId reason;
    friend bool operator==(const BusyEnded&, const BusyEnded&) = default;
};
/// A step of the scenario is reached that carries a name ("a", "handshake").
struct Marker {
    TextId name;
    SocketId socket;
    bool has_socket = false;
    friend bool operator==(const Marker&, const Marker&) = default;
};
enum class Severity : std::uint8_t { Info, Warning, Error };
struct Note {
    Severity severity = Severity::Info;
    TextId text;
    friend bool operator==(const Note&, const Note&) = default;
};

// ---- the record itself
// --------------------------------------------------------------------------------------------

enum class ActorRole : std::uint8_t { Capture, Client, Server, Wire, Host, Program };
/// Names an actor. The first event of each actor.
struct ActorDeclared {
    ActorRole role = ActorRole::Program;
    TextId name;
    std::uint32_t process = 0;  ///< pid, 0 when there is none
    friend bool operator==(const ActorDeclared&, const ActorDeclared&) = default;
};
/// The same moment on both clocks, read as wall, monotonic, wall; `error` is half the time between the wall
/// readings. An actor's times are monotonic readings moved to wall time by its nearest pairing.
struct ClockPaired {
    std::int64_t monotonic_ns = 0;
    std::int64_t wall_ns = 0;
    Duration error;
    friend bool operator==(const ClockPaired&, const ClockPaired&) = default;
};
/// The capture's own counters so far (pcap_stats).
struct CaptureCounters {
    std::uint64_t received = 0;
    std::uint64_t dropped_by_kernel = 0;
    std::uint64_t dropped_by_interface = 0;
    friend bool operator==(const CaptureCounters&, const CaptureCounters&) = default;
};

// ---- boxes
// --------------------------------------------------------------------------------------------------------

/// What a simulated host, switch or router does with a packet, or learns from it.
enum class BoxAction : std::uint8_t {
    MacLearned,         ///< a switch learned behind which port an address is
    MacMoved,           ///< it is behind another port now
    MacForgotten,       ///< it was silent for too long
    Forwarded,          ///< a switch sends it to the port where its destination is
    Flooded,            ///< a switch sends it to every port, not knowing where its destination is
    Filtered,           ///< a switch keeps it: its destination is where it came from
    Routed,             ///< a router chose the next hop
    TtlDecreased,       ///< a router took one from its time to live
    MacRewritten,       ///< a router sends it with the link addresses of the next link
    Fragmented,         ///< it was cut into fragments
    Reassembled,        ///< its fragments were put together
    ArpLearned,         ///< an ARP cache has a new or changed entry
    ArpExpired,         ///< an entry of an ARP cache grew too old
    ArpFailed,          ///< nobody answered
    ArpQueued,          ///< it waits until the link address of its next hop is known
    AddressTaken,       ///< an interface was given an IP address
    AddressGiven,       ///< an interface gave up its IP address
    AddressConflict,    ///< somebody else uses it
    ReassemblyTimedOut  ///< not all of its fragments came in time
};
inline constexpr std::size_t kBoxActionCount = 19;
/// A box opened a packet, did something and closed it again; or learned or forgot something.
struct BoxActed {
    BoxAction action = BoxAction::MacLearned;
    PacketId packet;  ///< valid when has_packet
    bool has_packet = false;
    std::uint16_t port = 0;  ///< which of the box's interfaces, from 0
    TextId detail;           ///< "02:00:00:00:00:01 on port 1"
    friend bool operator==(const BoxActed&, const BoxActed&) = default;
};

// ---- the variant
// --------------------------------------------------------------------------------------------------

using EventBody = std::variant<PacketCaptured, PacketSent, PacketDelivered, PacketDropped, SyscallEntered,
                               SyscallReturned, ReadinessReported, SocketNamed, TcpStateChanged, KernelSample,
                               TimerSet, TimerFired, CwndChanged, MessageFramed, BusyBegan, BusyEnded, Marker,
                               Note, ActorDeclared, ClockPaired, CaptureCounters, BoxActed>;
inline constexpr std::size_t kEventKindCount = std::variant_size_v<EventBody>;

struct Event {
    EventId id;
    Instant at;
    ActorId actor;
    std::optional<EventId> cause;
    EventBody body;
    friend bool operator==(const Event&, const Event&) = default;
};
static_assert(sizeof(EventBody) <= 96,
              "bodies are small plain values: bytes and text are referred to, not held");

/// "syscall returned": for summaries and messages.
[[nodiscard]] std::string_view event_kind_name(const EventBody& body) noexcept;
[[nodiscard]] std::string_view drop_reason_text(DropReason reason) noexcept;
/// "address learned", "time to live decreased": for summaries and messages.
[[nodiscard]] std::string_view box_action_text(BoxAction action) noexcept;

/// For std::visit with one lambda per kind.
template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

}  // namespace synscope
