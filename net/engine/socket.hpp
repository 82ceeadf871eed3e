#pragma once
// Sockets and the calls made on them. Every system call of an engine or a client goes through Calls, which
// records it when somebody watches; what EINTR and EAGAIN mean is decided here, once.
//
// Ownership: a Socket owns its descriptor. Thread rule: a Socket belongs to one thread at a time; a Calls
// object may be used by all.

#include <sys/select.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "net/base/result.hpp"
#include "net/engine/observe.hpp"
#include "net/engine/shared.hpp"
#include "sim/scenario/scenario.hpp"

struct epoll_event;
struct pollfd;
struct signalfd_siginfo;

namespace synscope::engine {

class Ring;
class SockAddr;

/// Owns a descriptor and closes it, unwatched. Watched sockets are closed by Calls::close.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~UniqueFd();
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

/// Of an eventfd; one that is full is readable already.
void make_readable(const UniqueFd& event) noexcept;

/// A TCP socket with what we know of it. Its id is never used twice within a run; a descriptor is.
struct Socket {
    UniqueFd fd;
    SocketId id;
    Endpoint local;
    Endpoint remote;  ///< family 0 for a listener
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::optional<TcpState> state;  ///< the kernel's last word
    bool nonblocking = false;       ///< no call on it sleeps
    bool has_tcp = true;            ///< false: a Unix socket or datagrams; TCP_INFO knows nothing of it
    bool listening = false;
    bool departed = false;  ///< TIME-WAIT took over: the descriptor knows nothing any more
};

/// A call's answer: errno is kept apart, so that nothing in between can change it.
struct CallResult {
    std::int64_t value = 0;
    int error = 0;
    std::optional<EventId> event = std::nullopt;  ///< what recorded the return, when somebody watches
    [[nodiscard]] bool ok() const noexcept { return value >= 0; }
};

/// The system calls, each recorded with where it stands in the source.
class Calls {
  public:
    /// `observer` may be null (or `level` Off): then the calls are made and nothing else.
    Calls(Observer* observer, ObserveLevel level)
        : observer_(level == ObserveLevel::Off ? nullptr : observer), samples_(level == ObserveLevel::Full) {
        next_id_->store(1);
    }

    [[nodiscard]] Observer* observer() const noexcept { return observer_; }

    CallResult socket(Socket& out, int family, int type, Where where = Where::here());
    CallResult bind(Socket& s, const Endpoint& to, Where where = Where::here());
    CallResult bind(Socket& s, const SockAddr& to, Where where = Where::here());
    CallResult listen(Socket& s, int backlog, Where where = Where::here());
    /// On success `out` is the new socket, named. `flags` as for accept4; close-on-exec is added.
    CallResult accept(Socket& listener, Socket& out, int flags, Where where = Where::here());
    CallResult connect(Socket& s, const Endpoint& to, Where where = Where::here());
    /// MSG_NOSIGNAL is added: a peer that went away is an errno, not a signal.
    CallResult send(Socket& s, ByteSpan bytes, int flags, Where where = Where::here());
    CallResult recv(Socket& s, MutableByteSpan into, int flags, Where where = Where::here());
    CallResult shutdown(Socket& s, int how, Where where = Where::here());
    /// shutdown() on a socket that another thread is using: recorded, but the socket's own data stay
    /// untouched.
    CallResult interrupt(int fd, SocketId id, int how, Where where = Where::here());
    CallResult close(Socket& s, Where where = Where::here());
    CallResult set_nonblocking(Socket& s, Where where = Where::here());
    CallResult set_blocking(Socket& s, Where where = Where::here());
    /// SO_ERROR, read and cleared: how a connect() ended that did not wait, as an errno; 0: well.
    int take_error(Socket& s, Where where = Where::here());
    CallResult set_option(Socket& s, int level, int name, const void* value, socklen_t size,
                          Where where = Where::here());
    CallResult set_option(Socket& s, int level, int name, int value, Where where = Where::here()) {
        return set_option(s, level, name, &value, sizeof value, where);
    }
    /// Waits until one of `fds` has what it is asked for, and says so in its `revents`; -1 ms: without end.
    CallResult poll(std::span<pollfd> fds, int timeout_ms, Where where = Where::here());
    /// The same with two sets of descriptors below `count`, which are overwritten with what is ready.
    CallResult select(int count, fd_set& readable, fd_set& writable, Where where = Where::here());
    CallResult epoll_create(UniqueFd& out, Where where = Where::here());
    /// `data` comes back with the events; `s` is the socket whose descriptor is registered, null for another
    /// kind.
    CallResult epoll_ctl(int epoll, int operation, int fd, const Socket* s, std::uint32_t events,
                         std::uint64_t data, Where where = Where::here());
    CallResult epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms,
                          Where where = Where::here());

    // ---- datagrams (calls_datagram.cpp)
    /// One datagram, and who sent it. The result is its whole length: what is above `into`'s size is lost,
    /// and noted.
    CallResult recvfrom(Socket& s, MutableByteSpan into, int flags, Endpoint& from,
                        Where where = Where::here());
    CallResult sendto(Socket& s, ByteSpan bytes, int flags, const Endpoint& to, Where where = Where::here());
    /// Fills in where a bound socket of datagrams is, and names it.
    void name_datagram(Socket& s);
    /// A peer of `s`, which has no socket of its own: a name for what is said with it.
    [[nodiscard]] Socket datagram_peer(const Socket& s, const Endpoint& peer);

    // ---- signals (calls_signal.cpp)
    /// From now on a change on `s` sends `signal`, which is queued and names the descriptor, to this thread.
    /// Makes it nonblocking.
    CallResult signal_when_ready(Socket& s, int signal, Where where = Where::here());
    /// Queued signals from a signalfd; the result counts bytes.
    CallResult read_signals(int signals, std::span<signalfd_siginfo> into, Where where = Where::here());

    // ---- processes (calls_process.cpp)
    /// 0 in the child. Recorded in both.
    CallResult fork(Where where = Where::here());
    CallResult waitpid(int pid, int& status, int flags, Where where = Where::here());
    /// poll() without end, with `blocked` as the signals that are blocked while it sleeps.
    CallResult ppoll(std::span<pollfd> fds, const sigset_t& blocked, Where where = Where::here());
    /// Closes this process's descriptor of a socket that another process keeps: nothing ends by it.
    CallResult close_copy(Socket& s, Where where = Where::here());

    // ---- io_uring (calls_ring.cpp)
    CallResult ring_setup(Ring& out, unsigned submissions, Where where = Where::here());
    /// Hands over what was submitted, then waits until there are `wait_for` completions.
    CallResult ring_enter(Ring& ring, unsigned wait_for, Where where = Where::here());
    /// What came of an accept, or a recv with `room` bytes at most, that the kernel made for us; `outcome` is
    /// the completion's.
    CallResult ring_accepted(Socket& listener, Socket& out, int outcome, Where where = Where::here());
    CallResult ring_received(Socket& s, std::size_t room, int outcome, Where where = Where::here());

    /// Records that the kernel reported `s` ready; `mask` in poll(2)'s bits, which are epoll's.
    void ready(const Socket& s, std::uint32_t mask, ReadinessVia via) {
        if (observer_ != nullptr) [[unlikely]]
            tell_ready(s, mask, via);
    }
    /// Asks the kernel about the socket now and records the answer (level Full only).
    void sample(Socket& s, std::optional<EventId> cause) {
        if (samples_) sample_now(s, cause);
    }

  private:
    template <class Call>
    CallResult traced(Syscall call, int fd, Socket* socket, std::array<std::int64_t, 2> args, Where where,
                      Call&& make);
    /// Not part of its callers: what a call costs that nobody watches is, for the most part, the memory that
    /// its instructions lie in, since the kernel has emptied the processor's.
    template <class Call>
    [[gnu::noinline]] CallResult watched(Syscall call, int fd, Socket* socket,
                                         std::array<std::int64_t, 2> args, Where where, Call& make);
    [[nodiscard]] static bool may_sleep(Syscall call, const Socket* socket, std::int64_t timeout) noexcept;
    [[nodiscard]] static CallBegun begun(Syscall call, int fd, const Socket* socket,
                                         std::array<std::int64_t, 2> args, Where where) noexcept;
    void tell_ready(const Socket& s, std::uint32_t mask, ReadinessVia via);
    void sample_now(Socket& s, std::optional<EventId> cause);
    void name(const Socket& s, SocketRole role, std::optional<EventId> cause);
    /// What is known of a socket that accept has just given us.
    void take_accepted(Socket& out, const Socket& listener, int fd, const Endpoint& remote,
                       std::optional<EventId> cause);
    SocketId next_id() noexcept { return SocketId{next_id_->fetch_add(1, std::memory_order_relaxed)}; }

    Observer* observer_;
    bool samples_;
    Shared<std::atomic<std::uint32_t>> next_id_;  ///< processes of one run use no id twice either
};

// ---- what EINTR and EAGAIN mean
// -----------------------------------------------------------------------------------

enum class IoStatus : std::uint8_t {
    Some,        ///< `count` bytes went or came
    WouldBlock,  ///< nonblocking and not now (EAGAIN)
    End,         ///< recv only: the peer said end-of-file
    Failed,      ///< the connection is broken: `error` says how
};
struct Io {
    IoStatus status = IoStatus::Failed;
    std::size_t count = 0;
    int error = 0;
};
/// One recv(), repeated while a signal interrupts it.
[[nodiscard]] Io recv_some(Calls& calls, Socket& s, MutableByteSpan into, Where where = Where::here());
/// One send(), repeated while a signal interrupts it. It may take fewer bytes than given.
[[nodiscard]] Io send_some(Calls& calls, Socket& s, ByteSpan bytes, Where where = Where::here());

enum class AcceptStatus : std::uint8_t {
    Accepted,
    WouldBlock,
    Refused,  ///< no descriptor or memory left: the waiting connection was taken and closed at once
    Gone,     ///< that connection ended before it was accepted; there may be others
    Failed,   ///< the listener is of no more use (also: it was shut down by a stop)
};
struct Acceptance {
    AcceptStatus status = AcceptStatus::Failed;
    int error = 0;
};
/// A descriptor held back, so that a server out of descriptors can still take a connection and close it:
/// otherwise the connection would stay in the queue, keep the listener readable, and the client would wait
/// for nobody.
class SpareDescriptor {
  public:
    SpareDescriptor();
    /// One accept(), repeated while a signal interrupts it.
    [[nodiscard]] Acceptance accept(Calls& calls, Socket& listener, Socket& out, int flags,
                                    Where where = Where::here());

  private:
    UniqueFd spare_;
};

// ---- making sockets
// -----------------------------------------------------------------------------------------------

/// Sets the options that are given. Those of a listener pass to what it accepts, except TCP_QUICKACK.
Result<void, OsError> apply_options(Calls& calls, Socket& s, const scenario::SocketOptions& options);

struct ListenOptions {
    /// 127.0.0.1 or ::1 unless somebody asked otherwise; port 0: any free one. `::` takes IPv4 too.
    Endpoint address;
    int backlog = 128;
    scenario::SocketOptions options;
    std::string unix_path = {};  ///< a Unix socket there instead (unix_socket.hpp)
};
/// A listening, blocking socket. Its `local` holds the port the kernel chose.
Result<Socket, OsError> listen_on(Calls& calls, const ListenOptions& options);
/// A bound, blocking socket for datagrams.
Result<Socket, OsError> datagrams_on(Calls& calls, const ListenOptions& options);

}  // namespace synscope::engine
