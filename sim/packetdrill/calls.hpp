#pragma once
// The system calls of a script, over the simulated host: results as the kernel's, errno included. A call that
// would block sleeps until virtual time has brought what it waits for (turns.hpp); on packetdrill's main
// thread, which nobody else would drive, it drives the time itself. Thread rule: any thread; each call takes
// the lock.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <optional>

#include "sim/packetdrill/descriptors.hpp"
#include "sim/packetdrill/machine.hpp"

namespace synscope::packetdrill {

class Calls {
  public:
    explicit Calls(MachineOptions options) : machine_(std::move(options)) {}

    // ---- sockets (calls.cpp)
    int socket(int domain, int type, int protocol);
    int bind(int fd, const sockaddr* address, socklen_t length);
    int listen(int fd, int backlog);
    int accept(int fd, sockaddr* address, socklen_t* length);
    int connect(int fd, const sockaddr* address, socklen_t length);
    int close(int fd);
    int shutdown(int fd, int how);
    int fcntl(int fd, int command, int argument);
    int ioctl(int fd, unsigned long request, int* argument);
    int get_option(int fd, int level, int name, void* value, socklen_t* length);
    int set_option(int fd, int level, int name, const void* value, socklen_t length);
    /// Whether the descriptor stands for a simulated socket.
    [[nodiscard]] bool owns(int fd);

    // ---- bytes (transfer.cpp)
    ssize_t receive(int fd, msghdr& message, int flags);
    ssize_t send(int fd, const msghdr& message, int flags);

    // ---- readiness (readiness.cpp)
    int poll(pollfd* fds, nfds_t count, int timeout_ms);
    int epoll_create();
    int epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
    int epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms);

    // ---- the wire and the clock (calls.cpp)
    int datagram_in(const void* datagram, std::size_t size);
    int datagram_out(void* datagram, std::size_t* size, long long* sent_at_us);
    int sleep_us(useconds_t us);
    int clock(timeval* now);

  private:
    using Error = sim::tcp::Error;

    /// errno, and -1.
    static int fail(Error error) noexcept;
    /// The socket behind `fd`; nothing, with errno, when there is none.
    SocketDescriptor* socket_of(int fd);
    /// The lock, with everything done that the script's commands asked for.
    Turns::Lock enter();
    /// After a call into the stack.
    void settled();
    /// Sleeps until there may be something new. False when nothing will come, or `until` is past.
    bool wait(Turns::Lock& lock, std::optional<Instant> until = std::nullopt);
    /// A turn is given back by reading the clock: a call that slept is about to return.
    template <class Value>
    Value leave(Value value) noexcept {
        machine_.turns().leave();
        return value;
    }
    /// close(); waits as SO_LINGER asks.
    void close_socket(Turns::Lock& lock, const SocketDescriptor& socket);
    /// Waits for an active open to end; why it failed.
    Error await_connection(Turns::Lock& lock, SocketId socket);
    /// Waits until a writer is told that there is room, or that there never will be. False when nothing will
    /// come.
    bool await_room(Turns::Lock& lock, SocketId socket);
    [[nodiscard]] std::uint32_t readiness(int fd);
    int report(EpollDescriptor& epoll, epoll_event* events, int capacity);
    [[nodiscard]] std::optional<Instant> deadline(int timeout_ms) const;
    sim::tcp::IoResult send_some(const SocketDescriptor& from, const msghdr& message,
                                 const sim::Payload& bytes, int flags);

    Machine machine_;
    Descriptors descriptors_;
};

}  // namespace synscope::packetdrill
