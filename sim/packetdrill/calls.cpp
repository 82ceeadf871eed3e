#include "sim/packetdrill/calls.hpp"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/packetdrill/addresses.hpp"
#include "sim/packetdrill/socket_options.hpp"

namespace synscope::packetdrill {
namespace {

/// Longer than every timer of TCP but keep-alive's: nothing that a script waits for lies beyond.
constexpr Duration kPatience = Duration::seconds(4 * 3600);
constexpr Duration kClockStep = Duration::microseconds(1);

bool opening(const sim::tcp::Tcb* tcb) {
    return tcb != nullptr && (tcb->state == TcpState::SynSent || tcb->state == TcpState::SynReceived);
}

}  // namespace

int Calls::fail(Error error) noexcept {
    errno = static_cast<int>(error);
    return -1;
}

SocketDescriptor* Calls::socket_of(int fd) {
    auto* found = descriptors_.find<SocketDescriptor>(fd);
    if (found == nullptr) errno = descriptors_.find<EpollDescriptor>(fd) != nullptr ? ENOTSOCK : EBADF;
    return found;
}

Turns::Lock Calls::enter() {
    auto lock = machine_.turns().lock();
    machine_.obey_requests();
    return lock;
}

void Calls::settled() {
    machine_.collect();
    descriptors_.wake(machine_.take_wakeups());
}

bool Calls::wait(Turns::Lock& lock, std::optional<Instant> until) {
    if (until && *until <= machine_.now()) return false;
    if (machine_.turns().on_main_thread()) {
        const Duration limit = until ? std::min(*until - machine_.now(), kPatience) : kPatience;
        if (machine_.step(lock, limit)) return true;
        if (until) machine_.pass(lock, limit);
        return false;
    }
    machine_.turns().sleep(lock, until);
    descriptors_.wake(machine_.take_wakeups());
    return true;
}

int Calls::socket(int domain, int type, int /*protocol*/) {
    const auto lock = enter();
    if ((type & 0xf) != SOCK_STREAM) return fail(Error::ProtocolNotSupported);
    if (domain != AF_INET && domain != AF_INET6) return fail(Error::AddressFamily);
    const auto fd = descriptors_.add(
        SocketDescriptor{machine_.stack().create(), domain, (type & SOCK_NONBLOCK) != 0, false});
    settled();
    return fd.value_or(-1);
}

int Calls::bind(int fd, const sockaddr* address, socklen_t length) {
    const auto lock = enter();
    const auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    const auto local = read_address(address, length);
    if (!local) return fail(Error::Invalid);
    machine_.own(local->address);
    const Error error = machine_.stack().bind(socket->socket, *local);
    settled();
    return error == Error::None ? 0 : fail(error);
}

int Calls::listen(int fd, int backlog) {
    const auto lock = enter();
    const auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    const Error error =
        machine_.stack().listen(machine_.now(), socket->socket, static_cast<std::uint32_t>(backlog));
    settled();
    return error == Error::None ? 0 : fail(error);
}

int Calls::accept(int fd, sockaddr* address, socklen_t* length) {
    auto lock = enter();
    while (true) {
        const auto* listener = socket_of(fd);
        if (listener == nullptr) return leave(-1);
        const auto accepted = machine_.stack().accept(machine_.now(), listener->socket);
        settled();
        if (accepted) {
            if (const auto* tcb = machine_.stack().find(*accepted); tcb != nullptr)
                write_address(tcb->remote, listener->family, address, length);
            return leave(
                descriptors_.add(SocketDescriptor{*accepted, listener->family, false, false}).value_or(-1));
        }
        const bool again = accepted.error() == Error::Again && !listener->nonblocking;
        if (!again || !wait(lock)) return leave(fail(accepted.error()));
    }
}

Calls::Error Calls::await_connection(Turns::Lock& lock, SocketId socket) {
    while (opening(machine_.stack().find(socket)))
        if (!wait(lock)) return Error::TimedOut;
    return machine_.stack().take_error(socket);
}

int Calls::connect(int fd, const sockaddr* address, socklen_t length) {
    auto lock = enter();
    const auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    const SocketId id = socket->socket;
    if (address != nullptr && length >= sizeof(sa_family_t) && address->sa_family == AF_UNSPEC) {
        const Error error = machine_.stack().disconnect(machine_.now(), id);
        settled();
        return error == Error::None ? 0 : fail(error);
    }
    const auto remote = read_address(address, length);
    if (!remote) return fail(Error::Invalid);
    const bool blocks = !socket->nonblocking;
    Error error = machine_.stack().connect(machine_.now(), id, *remote);
    settled();
    if ((error == Error::InProgress || error == Error::Already) && blocks) error = await_connection(lock, id);
    return leave(error == Error::None ? 0 : fail(error));
}

int Calls::close(int fd) {
    auto lock = enter();
    if (const auto* found = descriptors_.find<SocketDescriptor>(fd)) {
        const SocketDescriptor socket = *found;
        descriptors_.remove(fd);
        close_socket(lock, socket);
    } else if (descriptors_.find<EpollDescriptor>(fd) != nullptr) {
        descriptors_.remove(fd);
    } else {
        return fail(Error::BadDescriptor);
    }
    return leave(0);
}

void Calls::close_socket(Turns::Lock& lock, const SocketDescriptor& socket) {
    auto& stack = machine_.stack();
    const auto until = stack.begin_close(machine_.now(), socket.socket, socket.nonblocking);
    settled();
    while (until && stack.closing(socket.socket) && wait(lock, until)) {
    }
    stack.close(machine_.now(), socket.socket);
    settled();
}

int Calls::shutdown(int fd, int how) {
    const auto lock = enter();
    const auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    if (how < SHUT_RD || how > SHUT_RDWR) return fail(Error::Invalid);
    const Error error =
        machine_.stack().shutdown(machine_.now(), socket->socket, static_cast<sim::tcp::ShutdownHow>(how));
    settled();
    return error == Error::None ? 0 : fail(error);
}

int Calls::fcntl(int fd, int command, int argument) {
    const auto lock = enter();
    auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    switch (command) {
        case F_GETFL:
            return O_RDWR | (socket->nonblocking ? O_NONBLOCK : 0);
        case F_SETFL:
            socket->nonblocking = (argument & O_NONBLOCK) != 0;
            return 0;
        case F_GETFD:
        case F_SETFD:
            return 0;
        default:
            return fail(Error::Invalid);
    }
}

int Calls::ioctl(int fd, unsigned long request, int* argument) {
    const auto lock = enter();
    auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    if (argument == nullptr) return fail(Error::Fault);
    const auto& stack = machine_.stack();
    const auto* tcb = stack.find(socket->socket);
    if (request != FIONBIO && tcb != nullptr && tcb->state == TcpState::Listen) return fail(Error::Invalid);
    switch (request) {
        case FIONBIO:
            socket->nonblocking = *argument != 0;
            return 0;
        case SIOCINQ:
            *argument = static_cast<int>(stack.unread(socket->socket));
            return 0;
        case SIOCOUTQ:
            *argument = static_cast<int>(stack.unacknowledged(socket->socket));
            return 0;
        case SIOCOUTQNSD:
            *argument = static_cast<int>(stack.unsent(socket->socket));
            return 0;
        case SIOCATMARK:
            *argument = stack.at_mark(socket->socket) ? 1 : 0;
            return 0;
        default:
            return fail(Error{ENOTTY});
    }
}

int Calls::get_option(int fd, int level, int name, void* value, socklen_t* length) {
    const auto lock = enter();
    const auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    if (value == nullptr || length == nullptr) return fail(Error::Fault);
    const MutableByteSpan out{static_cast<std::byte*>(value), *length};
    const auto size =
        packetdrill::get_option(machine_.stack(), machine_.now(), socket->socket, {level, name}, out);
    settled();
    if (!size) return fail(size.error());
    *length = static_cast<socklen_t>(*size);
    return 0;
}

int Calls::set_option(int fd, int level, int name, const void* value, socklen_t length) {
    const auto lock = enter();
    auto* socket = socket_of(fd);
    if (socket == nullptr) return -1;
    const ByteSpan bytes{static_cast<const std::byte*>(value), value == nullptr ? 0 : length};
    const Error error =
        packetdrill::set_option(machine_.stack(), machine_.now(), socket->socket, {level, name}, bytes);
    if (error == Error::None && level == IPPROTO_TCP && name == TCP_INQ)
        socket->tells_unread = load_u8(bytes, 0) != 0;
    settled();
    return error == Error::None ? 0 : fail(error);
}

bool Calls::owns(int fd) {
    const auto lock = machine_.turns().lock();
    return descriptors_.find<SocketDescriptor>(fd) != nullptr;
}

// ---- the wire and the clock
// ----------------------------------------------------------------------------------

int Calls::datagram_in(const void* datagram, std::size_t size) {
    auto lock = enter();
    machine_.arrives({static_cast<const std::byte*>(datagram), size});
    settled();
    machine_.turns().settle(lock);
    return 0;
}

int Calls::datagram_out(void* datagram, std::size_t* size, long long* sent_at_us) {
    auto lock = enter();
    auto sent = machine_.take_sent();
    while (!sent && machine_.step(lock, kPatience))
        sent = machine_.take_sent();
    descriptors_.wake(machine_.take_wakeups());
    if (!sent) {
        *size = 0;
        return 0;
    }
    *size = std::min(*size, sent->datagram.size());
    std::memcpy(datagram, sent->datagram.data(), *size);
    *sent_at_us = sent->at.ns / 1000;
    return 0;
}

int Calls::sleep_us(useconds_t us) {
    machine_.turns().let_finish();
    auto lock = enter();
    machine_.pass(lock, Duration::microseconds(us));
    descriptors_.wake(machine_.take_wakeups());
    return 0;
}

int Calls::clock(timeval* now) {
    auto lock = machine_.turns().lock();
    if (!machine_.turns().clock_read()) machine_.pass(lock, kClockStep);
    now->tv_sec = machine_.now().ns / 1'000'000'000;
    now->tv_usec = machine_.now().ns % 1'000'000'000 / 1000;
    return 0;
}

}  // namespace synscope::packetdrill
