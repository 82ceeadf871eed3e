#pragma once
// The system calls of a program in virtual time, recorded as those on a real kernel are (net/engine/calls):
// the simulator's word, entry, the call, return, its word again; with Linux's arguments, results and errno.
//
// A call takes kEntry before the TCP sees it and kExit after its answer, so that what it causes lies between
// its entry and its return. A blocking call that has to wait returns kExit after what it waited for. Times
// are chosen, not measured: a call on a real machine takes about as long. Ownership: sockets are the
// program's. Thread rule: one world, one thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/event.hpp"
#include "net/base/task.hpp"
#include "sim/run/process.hpp"
#include "sim/run/recorder.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

struct SimSocket {
    std::int32_t fd = -1;
    SocketId id;
    Endpoint local;
    Endpoint remote;  ///< family 0 for a listener
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    bool datagram = false;                          ///< UDP
    std::optional<std::uint32_t> receive_buffer{};  ///< UDP: bytes, where a scenario says so
    [[nodiscard]] bool open() const noexcept { return fd >= 0; }
};

struct Returned {
    std::int64_t value = 0;  ///< -1 on failure
    tcp::Error error = tcp::Error::None;
    std::optional<EventId> event = std::nullopt;  ///< its return in the record
    [[nodiscard]] bool ok() const noexcept { return value >= 0; }
};

class Calls {
  public:
    static constexpr Duration kEntry = Duration::microseconds(1);
    static constexpr Duration kExit = Duration::microseconds(1);
    static constexpr Duration kBetween = Duration::microseconds(1);

    /// `file`: the scenario's name, where calls come from.
    Calls(Process& process, Recorder& recorder, std::string_view file);

    [[nodiscard]] Process& process() noexcept { return process_; }
    [[nodiscard]] Instant now() const noexcept { return process_.now(); }

    // `line` of the scenario file. Blocking calls wait where `wait` says so; `most` limits connect(), as
    // SO_SNDTIMEO does.
    Task<Returned> socket(SimSocket& out, int line);
    Task<Returned> bind(SimSocket& s, Endpoint to, int line);
    Task<Returned> listen(SimSocket& s, int backlog, int line);
    Task<Returned> accept(SimSocket& listener, SimSocket& out, bool wait, int line);
    Task<Returned> connect(SimSocket& s, Endpoint to, bool wait, std::optional<Duration> most, int line);
    Task<Returned> send(SimSocket& s, ByteSpan bytes, bool wait, int line);
    Task<Returned> recv(SimSocket& s, MutableByteSpan into, bool wait, int line);
    Task<Returned> shutdown(SimSocket& s, tcp::ShutdownHow how, int line);
    /// Waits as SO_LINGER asks; also when it is not to wait, where the personality's kernel does.
    Task<Returned> close(SimSocket& s, bool wait, int line);
    /// Every option that is given, one call each; stops at the first that fails.
    Task<Returned> set_options(SimSocket& s, const scenario::SocketOptions& options, int line);
    /// SO_LINGER of 0: close() then resets.
    Task<Returned> set_linger_0(SimSocket& s, int line);

    // ---- not to be blocked (calls_wait.cpp)
    Task<Returned> set_nonblocking(SimSocket& s, bool nonblocking, int line);
    /// SO_ERROR: how a connect() ended that did not wait.
    Task<tcp::Error> take_error(SimSocket& s, int line);
    /// What the socket has of `mask`, or an error, once there is something; 0 when the time is over.
    Task<std::uint32_t> poll(const SimSocket& s, std::uint32_t mask, std::optional<Duration> most, int line);
    Task<Returned> epoll_create(std::int32_t& fd, int line);
    /// Recorded alone: epoll_wait() is told what to look at.
    Task<Returned> epoll_add(std::int32_t fd, SimSocket& s, int line);
    /// Those of `sockets` that have what `masks` asks for, or an error, once there is one; none at `until`.
    Task<std::vector<std::size_t>> epoll_wait(std::int32_t fd, const std::vector<const SimSocket*>& sockets,
                                              const std::vector<std::uint32_t>& masks, int line,
                                              std::optional<Instant> until = std::nullopt);

    // ---- datagrams (calls_datagram.cpp)
    Task<Returned> datagram_socket(SimSocket& out, int line);
    /// From any free port, unless it has one; nothing is sent, and nobody is asked.
    Task<Returned> connect_datagrams(SimSocket& s, Endpoint to, int line);
    /// One datagram: to the socket's peer as send(), or as sendto() with `to`.
    Task<Returned> send_datagram(SimSocket& s, ByteSpan bytes, std::optional<Endpoint> to, int line);
    /// One datagram. The result is its length, of which `into` may hold the beginning alone: the rest is
    /// lost, and a note says so.
    Task<Returned> recvfrom(SimSocket& s, MutableByteSpan into, bool wait, Endpoint& from, int line);
    /// Names who talks to a server's socket.
    [[nodiscard]] SimSocket datagram_peer(const SimSocket& s, const Endpoint& peer);

    // ---- what is no call
    /// poll(2)'s bits, as they are now.
    [[nodiscard]] std::uint32_t readiness(const SimSocket& s);
    void ready(const SimSocket& s, std::uint32_t mask, ReadinessVia via);
    void framed(const SimSocket& s, bool outgoing, std::uint32_t index, ByteRange bytes, ByteRange body,
                std::string_view framing);
    Task<void> busy(std::string_view reason, Duration duration, const SimSocket& s);
    void mark(std::string_view name, const SimSocket& s);
    void note(Severity severity, std::string_view text);

  private:
    struct Entered {
        Syscall call = Syscall::Socket;
        std::int32_t fd = -1;
        std::optional<SocketId> socket;
        EventId event;
        std::uint64_t room = UINT64_MAX;  ///< for bytes that are read
    };
    EventId emit(std::optional<EventId> cause, const EventBody& body);
    [[nodiscard]] Entered enter(Syscall call, const SimSocket* s, std::array<std::int64_t, 2> args, int line);
    Returned leave(const Entered& entered, std::int64_t value, tcp::Error error, SimSocket* moved = nullptr);
    /// From now on, and at this instant, what happens is caused by this call.
    void act(const Entered& entered);
    /// Gives a socket of datagrams a port; 0: any free one.
    [[nodiscard]] tcp::Error take_port(SimSocket& s, const Endpoint& to);
    /// What a peer's host said of earlier datagrams; it is said once.
    [[nodiscard]] tcp::Error take_datagram_error(const SimSocket& s);
    void sample(const SimSocket& s, std::optional<EventId> cause);
    void name(const SimSocket& s, SocketRole role, std::optional<EventId> cause);
    /// setsockopt: `change` is made between entry and return.
    template <class Change>
    Task<Returned> option(SimSocket& s, int level, int number, int line, Change change);
    Task<Returned> set_more_options(SimSocket& s, const scenario::SocketOptions& options, int line);
    [[nodiscard]] std::int32_t free_fd();
    [[nodiscard]] tcp::Stack& tcp() noexcept { return process_.machine().tcp(); }
    [[nodiscard]] UdpPorts& udp() noexcept { return process_.machine().host().udp(); }

    Process& process_;
    Recorder& recorder_;
    TextId file_;
    std::uint32_t datagram_sockets_ = 0;
    std::vector<bool> fds_ = std::vector<bool>(3, true);  ///< in use; 0 to 2 are a program's standard ones
};

/// "ECONNREFUSED (connection refused)"-like words for a step's message.
[[nodiscard]] std::string error_words(tcp::Error error);

}  // namespace synscope::sim
