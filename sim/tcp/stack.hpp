#pragma once
// One host's TCP: every connection and listener, RFC 9293 and its companions. No I/O, no clock: time is a
// parameter.
//
//   stack.arrives(now, segment);             // SEGMENT ARRIVES, section 3.10.7
//   stack.advance(now);                      // TIMEOUTS, section 3.10.8, all that are due
//   for (Segment& s : stack.output()) ...    // what to put on the wire; clear it when drained
//   for (SocketId id : stack.wakeups()) ...  // sockets whose readiness may have changed; clear it when
//   drained schedule(stack.next_deadline());
//
// User calls are section 3.10.1 to 3.10.6 with the socket API's cut: open is create, bind and listen or
// connect. No call blocks: Error::Again and Error::InProgress are what a blocking caller waits on. Times
// never go back. Ownership: the stack owns its connections; a SocketId is never used twice. The Observer is
// the caller's. Thread rule: one stack, one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "sim/tcp/errors.hpp"
#include "sim/tcp/observer.hpp"
#include "sim/tcp/options.hpp"
#include "sim/tcp/personality.hpp"
#include "sim/tcp/segment.hpp"
#include "sim/tcp/tcb.hpp"
#include "sim/tcp/tcp_info.hpp"

namespace synscope::sim::tcp {

struct StackOptions {
    Personality personality = kLinux;
    std::uint64_t seed = 1;  ///< keys of ISNs, cookies, ports (RFC 6528)
    std::vector<IpAddress>
        addresses;  ///< the host's own; connect() takes the first when the socket is not bound
    Observer* observer = nullptr;
};

/// An ICMP error about a segment of ours (RFC 9293 section 3.9.2.2).
enum class IcmpKind : std::uint8_t {
    NetUnreachable,
    HostUnreachable,
    ProtocolUnreachable,
    PortUnreachable,
    FragmentationNeeded,  ///< with the next hop's MTU (RFC 1191)
    SourceRouteFailed,
    AdminProhibited,
    TimeExceeded,
    ParameterProblem,
    SourceQuench,  ///< ignored (RFC 6633)
};
struct IcmpReport {
    IcmpKind kind = IcmpKind::HostUnreachable;
    Endpoint source;       ///< of the quoted segment: our end
    Endpoint destination;  ///< of the quoted segment: the peer
    Seq32 seq;             ///< of the quoted segment
    std::uint16_t next_hop_mtu = 0;
};

/// What poll(2) would say, as its bits.
namespace readiness {
inline constexpr std::uint32_t kIn = 0x001;
inline constexpr std::uint32_t kPri = 0x002;
inline constexpr std::uint32_t kOut = 0x004;
inline constexpr std::uint32_t kErr = 0x008;
inline constexpr std::uint32_t kHup = 0x010;
inline constexpr std::uint32_t kRdNorm = 0x040;
inline constexpr std::uint32_t kWrNorm = 0x100;
inline constexpr std::uint32_t kRdHup = 0x2000;
}  // namespace readiness

/// Counted as Linux's SNMP counters of the same meaning.
struct StackCounters {
    std::uint64_t listen_overflows = 0;
    std::uint64_t listen_drops = 0;
    std::uint64_t syncookies_sent = 0;
    std::uint64_t syncookies_received = 0;
    std::uint64_t syncookies_failed = 0;
    std::uint64_t challenge_acks = 0;
    std::uint64_t resets_sent = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t tail_loss_probes = 0;
    std::uint64_t spurious_undos = 0;
    std::uint64_t paws_drops = 0;
    std::uint64_t delayed_acks = 0;
    std::uint64_t out_of_window_icmps = 0;
    std::uint64_t fastopen_active = 0;
    std::uint64_t fastopen_passive = 0;
};

struct Core;  // the connections and their table (core.hpp)

class Stack {
  public:
    explicit Stack(StackOptions options);
    Stack(Stack&&) noexcept;
    Stack& operator=(Stack&&) noexcept;
    ~Stack();

    // ---- the wire and the clock
    void arrives(Instant now, const Segment& segment);
    void icmp(Instant now, const IcmpReport& report);
    /// The earliest timer of all, exact; kNever when none runs.
    [[nodiscard]] Instant next_deadline() const noexcept;
    /// Fires what is due at `now`, in the order of deadlines.
    void advance(Instant now);
    [[nodiscard]] std::vector<Segment>& output() noexcept;
    [[nodiscard]] std::vector<SocketId>& wakeups() noexcept;

    // ---- user calls
    [[nodiscard]] SocketId create();
    /// Port 0 is chosen at connect or listen, as ephemeral ports are. AddressInUse, Invalid (bound already).
    Error bind(SocketId socket, const Endpoint& local);
    /// Passive OPEN. Called again it changes the backlog.
    Error listen(Instant now, SocketId socket, std::uint32_t backlog);
    /// Active OPEN: InProgress when the SYN is out; Already, IsConnected, or why it failed afterwards.
    Error connect(Instant now, SocketId socket, const Endpoint& remote);
    /// An established connection of the listener; Again, or Invalid when it does not listen.
    [[nodiscard]] Result<SocketId, Error> accept(Instant now, SocketId listener);
    /// SEND. Fewer bytes than given when the buffer is full; Again when none fit.
    IoResult send(Instant now, SocketId socket, ByteSpan bytes, SendFlags flags = {});
    /// The same without a copy: the payload's block is shared.
    IoResult send(Instant now, SocketId socket, const Payload& bytes, SendFlags flags = {});
    /// SEND with an OPEN (RFC 7413): sendto() with MSG_FASTOPEN.
    IoResult send_to(Instant now, SocketId socket, const Endpoint& remote, const Payload& bytes,
                     SendFlags flags);
    /// RECEIVE. 0 bytes without an error is the end of the stream.
    IoResult receive(Instant now, SocketId socket, MutableByteSpan out, ReceiveFlags flags = {});
    /// The same without a copy, as far as the bytes lie in one block.
    [[nodiscard]] Result<Payload, Error> take(Instant now, SocketId socket, std::size_t most);
    Error shutdown(Instant now, SocketId socket, ShutdownHow how);
    /// CLOSE. The id is gone for the user; the connection lives on as long as the protocol needs.
    void close(Instant now, SocketId socket);
    /// The first half of a close() that waits (SO_LINGER with a time): until when, at most, while closing()
    /// says so. Then comes close(). None: nothing to wait for.
    [[nodiscard]] std::optional<Instant> begin_close(Instant now, SocketId socket, bool nonblocking);
    /// Not everything is acknowledged, the FIN included.
    [[nodiscard]] bool closing(SocketId socket) const noexcept;
    /// ABORT.
    void abort(Instant now, SocketId socket);
    /// connect() with AF_UNSPEC: aborts and leaves a CLOSED socket that may be used again.
    Error disconnect(Instant now, SocketId socket);

    // ---- options and STATUS
    [[nodiscard]] const SocketOptions& options(SocketId socket) const;
    /// Applies what differs: uncorking pushes, a keep-alive starts, buffers change.
    void set_options(Instant now, SocketId socket, const SocketOptions& options);
    /// TCP_NODELAY, 1: pushes what Nagle or a cork holds back, also when it was set before.
    void set_no_delay(Instant now, SocketId socket);
    /// TCP_QUICKACK.
    void set_quick_ack(Instant now, SocketId socket, bool on);
    /// SO_ERROR: read and cleared.
    [[nodiscard]] Error take_error(SocketId socket);
    /// poll(2)'s bits (namespace readiness). Who finds no room to write is woken when there is.
    [[nodiscard]] std::uint32_t poll(SocketId socket);
    [[nodiscard]] TcpInfo info(Instant now, SocketId socket) const;
    /// Bytes that can be read; bytes not acknowledged; bytes not sent; whether the urgent mark is reached.
    [[nodiscard]] std::uint32_t unread(SocketId socket) const;
    [[nodiscard]] std::uint32_t unacknowledged(SocketId socket) const;
    [[nodiscard]] std::uint32_t unsent(SocketId socket) const;
    [[nodiscard]] bool at_mark(SocketId socket) const;
    /// None when no such socket or connection is left.
    [[nodiscard]] const Tcb* find(SocketId socket) const noexcept;
    /// By its pair of endpoints, a TIME-WAIT one too.
    [[nodiscard]] const Tcb* find(const Endpoint& local, const Endpoint& remote) const noexcept;
    /// Every connection and listener there is, in the order of creation.
    [[nodiscard]] std::vector<SocketId> sockets() const;

    // ---- the host
    [[nodiscard]] const Personality& personality() const noexcept;
    /// Takes effect with the next decision, as a sysctl does.
    void set_personality(const Personality& personality);
    [[nodiscard]] const StackCounters& counters() const noexcept;
    void set_observer(Observer* observer) noexcept;
    /// The host's own addresses, when they change (DHCP). Connections keep theirs.
    void set_addresses(std::vector<IpAddress> addresses);
    /// The link below refuses what it is given (a full queue), and says so: data stays unsent and is tried
    /// again. What is not data is the caller's to throw away.
    void set_link_refuses(bool refuses) noexcept;
    /// Forgets every fast open cookie, or plants one for a peer (`ip tcp_metrics`).
    void flush_fastopen_cache() noexcept;
    void set_fastopen_cookie(const IpAddress& peer, ByteSpan cookie, std::uint16_t mss);

  private:
    std::unique_ptr<Core> core_;
};

}  // namespace synscope::sim::tcp
