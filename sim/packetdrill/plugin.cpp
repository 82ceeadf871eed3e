// What packetdrill loads: the table of functions over one simulated host. Preloaded as well (LD_PRELOAD), it
// answers the getsockopt() calls that packetdrill makes past the table, for TCP_INFO and its kin.
//
//   flags ("--so_flags=")     "bsd" for that personality, anything else is Linux
//   $SYNSCOPE_REQUESTS        what the script's shell commands ask for: requests.hpp
//   $SYNSCOPE_STATES          where to write the states of the connections

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "sim/packetdrill/calls.hpp"
#include "sim/packetdrill/interface.hpp"

namespace synscope::packetdrill {
namespace {

Calls& calls_of(void* user) {
    return *static_cast<Calls*>(user);
}

/// For the preloaded getsockopt(), which gets no `user`. One script, one process, one host.
Calls*& current_calls() {
    static Calls* calls = nullptr;
    return calls;
}

void release(void* user) {
    current_calls() = nullptr;
    delete static_cast<Calls*>(user);
}

// ---- receive and send, as messages
// -----------------------------------------------------------------------------

ssize_t receive_parts(void* user, int fd, const iovec* parts, std::size_t count, int flags) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);  // NOLINT: as readv() takes them
    message.msg_iovlen = count;
    return calls_of(user).receive(fd, message, flags);
}
ssize_t receive_bytes(void* user, int fd, void* to, std::size_t size, int flags) {
    const iovec part{to, size};
    return receive_parts(user, fd, &part, 1, flags);
}
ssize_t send_parts(void* user, int fd, const iovec* parts, std::size_t count, int flags) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);  // NOLINT: as writev() takes them
    message.msg_iovlen = count;
    return calls_of(user).send(fd, message, flags);
}
ssize_t send_bytes(void* user, int fd, const void* from, std::size_t size, int flags, const sockaddr* to,
                   socklen_t length) {
    iovec part{const_cast<void*>(from), size};  // NOLINT: as sendmsg() takes it
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(to);  // NOLINT: as sendmsg() takes it
    message.msg_namelen = length;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return calls_of(user).send(fd, message, flags);
}

int change_descriptor(void* user, int fd, int command, ...) {  // NOLINT: the interface's own
    std::va_list rest;
    va_start(rest, command);
    const int argument = command == F_SETFL ? va_arg(rest, int) : 0;
    va_end(rest);
    return calls_of(user).fcntl(fd, command, argument);
}
int ask_descriptor(void* user, int fd, unsigned long request, ...) {  // NOLINT: the interface's own
    std::va_list rest;
    va_start(rest, request);
    int* const argument = va_arg(rest, int*);
    va_end(rest);
    return calls_of(user).ioctl(fd, request, argument);
}

void fill_sockets(Interface& t) {
    t.socket = [](void* u, int domain, int type, int protocol) {
        return calls_of(u).socket(domain, type, protocol);
    };
    t.bind = [](void* u, int fd, const sockaddr* a, socklen_t n) { return calls_of(u).bind(fd, a, n); };
    t.listen = [](void* u, int fd, int backlog) { return calls_of(u).listen(fd, backlog); };
    t.accept = [](void* u, int fd, sockaddr* a, socklen_t* n) { return calls_of(u).accept(fd, a, n); };
    t.connect = [](void* u, int fd, const sockaddr* a, socklen_t n) { return calls_of(u).connect(fd, a, n); };
    t.close = [](void* u, int fd) { return calls_of(u).close(fd); };
    t.shutdown = [](void* u, int fd, int how) { return calls_of(u).shutdown(fd, how); };
    t.fcntl = change_descriptor;
    t.ioctl = ask_descriptor;
    t.getsockopt = [](void* u, int fd, int level, int name, void* value, socklen_t* n) {
        return calls_of(u).get_option(fd, level, name, value, n);
    };
    t.setsockopt = [](void* u, int fd, int level, int name, const void* value, socklen_t n) {
        return calls_of(u).set_option(fd, level, name, value, n);
    };
}

void fill_transfers(Interface& t) {
    t.read = [](void* u, int fd, void* to, size_t n) { return receive_bytes(u, fd, to, n, 0); };
    t.recv = [](void* u, int fd, void* to, size_t n, int flags) {
        return receive_bytes(u, fd, to, n, flags);
    };
    t.recvfrom = [](void* u, int fd, void* to, size_t n, int flags, sockaddr*, socklen_t*) {
        return receive_bytes(u, fd, to, n, flags);
    };
    t.readv = [](void* u, int fd, const iovec* parts, int count) {
        return receive_parts(u, fd, parts, static_cast<std::size_t>(count), 0);
    };
    t.recvmsg = [](void* u, int fd, msghdr* message, int flags) {
        return calls_of(u).receive(fd, *message, flags);
    };
    t.write = [](void* u, int fd, const void* from, size_t n) {
        return send_bytes(u, fd, from, n, 0, nullptr, 0);
    };
    t.send = [](void* u, int fd, const void* from, size_t n, int flags) {
        return send_bytes(u, fd, from, n, flags, nullptr, 0);
    };
    t.sendto = send_bytes;
    t.writev = [](void* u, int fd, const iovec* parts, int count) {
        return send_parts(u, fd, parts, static_cast<std::size_t>(count), 0);
    };
    t.sendmsg = [](void* u, int fd, const msghdr* message, int flags) {
        return calls_of(u).send(fd, *message, flags);
    };
}

void fill_readiness(Interface& t) {
    t.poll = [](void* u, pollfd* fds, nfds_t count, int ms) { return calls_of(u).poll(fds, count, ms); };
    t.epoll_create = [](void* u, int) { return calls_of(u).epoll_create(); };
    t.epoll_ctl = [](void* u, int epoll, int operation, int fd, epoll_event* event) {
        return calls_of(u).epoll_ctl(epoll, operation, fd, event);
    };
    t.epoll_wait = [](void* u, int epoll, epoll_event* events, int capacity, int ms) {
        return calls_of(u).epoll_wait(epoll, events, capacity, ms);
    };
}

void fill_wire_and_clock(Interface& t) {
    t.datagram_in = [](void* u, const void* datagram, size_t n) {
        return calls_of(u).datagram_in(datagram, n);
    };
    t.datagram_out = [](void* u, void* datagram, size_t* n, long long* at_us) {
        return calls_of(u).datagram_out(datagram, n, at_us);
    };
    t.sleep_us = [](void* u, useconds_t us) { return calls_of(u).sleep_us(us); };
    t.time_of_day = [](void* u, timeval* now, struct timezone*) { return calls_of(u).clock(now); };
}

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace
}  // namespace synscope::packetdrill

extern "C" {

[[gnu::visibility("default")]] void packetdrill_interface_init(const char* flags,
                                                               synscope::packetdrill::Interface* table) {
    using namespace synscope::packetdrill;
    const bool bsd = flags != nullptr && std::string_view{flags} == "bsd";
    MachineOptions options{bsd ? synscope::sim::tcp::kBsd : synscope::sim::tcp::kLinux,
                           environment("SYNSCOPE_REQUESTS"), environment("SYNSCOPE_STATES")};
    // The script's own commands need no simulated sockets.
    ::unsetenv("LD_PRELOAD");
    auto calls = std::make_unique<Calls>(std::move(options));
    current_calls() = calls.get();
    *table = Interface{};
    table->release = release;
    fill_sockets(*table);
    fill_transfers(*table);
    fill_readiness(*table);
    fill_wire_and_clock(*table);
    table->user = calls.release();
}

[[gnu::visibility("default")]] int getsockopt(int fd, int level, int name, void* value,
                                              socklen_t* length) noexcept {
    using namespace synscope::packetdrill;
    if (Calls* calls = current_calls(); calls != nullptr && calls->owns(fd))
        return calls->get_option(fd, level, name, value, length);
    return static_cast<int>(::syscall(SYS_getsockopt, fd, level, name, value, length));
}
}
