// The calls on one socket: making it, connecting it, moving bytes, ending it.
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/engine/plain_calls.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/engine/traced.hpp"

namespace synscope::engine {

CallResult Calls::socket(Socket& out, int family, int type, Where where) {
    out = Socket{};
    out.id = next_id();
    out.has_tcp = family != AF_UNIX && type == SOCK_STREAM;
    const int protocol = out.has_tcp ? IPPROTO_TCP : 0;
    const CallResult result = traced(Syscall::Socket, -1, nullptr, {family, type}, where, [&] {
        return std::int64_t{::socket(family, type | SOCK_CLOEXEC, protocol)};
    });
    if (result.ok()) out.fd = UniqueFd{static_cast<int>(result.value)};
    return result;
}

CallResult Calls::bind(Socket& s, const Endpoint& to, Where where) {
    return bind(s, SockAddr{to}, where);
}

CallResult Calls::bind(Socket& s, const SockAddr& address, Where where) {
    return traced(Syscall::Bind, s.fd.get(), &s, {}, where,
                  [&] { return std::int64_t{::bind(s.fd.get(), address.get(), address.size())}; });
}

CallResult Calls::listen(Socket& s, int backlog, Where where) {
    const CallResult result = traced(Syscall::Listen, s.fd.get(), &s, {backlog}, where,
                                     [&] { return std::int64_t{::listen(s.fd.get(), backlog)}; });
    if (result.ok()) {
        s.listening = true;
        s.local = local_endpoint(s.fd.get());
        name(s, SocketRole::Listener, result.event);
    }
    return result;
}

CallResult Calls::accept(Socket& listener, Socket& out, int flags, Where where) {
    SockAddr peer;
    const CallResult result = traced(Syscall::Accept, listener.fd.get(), &listener, {}, where, [&] {
        return std::int64_t{
            ::accept4(listener.fd.get(), peer.get(), peer.size_for_kernel(), flags | SOCK_CLOEXEC)};
    });
    if (!result.ok()) return result;
    take_accepted(out, listener, static_cast<int>(result.value), peer.endpoint(), result.event);
    out.nonblocking = (flags & SOCK_NONBLOCK) != 0;
    return result;
}

void Calls::take_accepted(Socket& out, const Socket& listener, int fd, const Endpoint& remote,
                          std::optional<EventId> cause) {
    out = Socket{};
    out.fd = UniqueFd{fd};
    out.id = next_id();
    out.remote = remote;
    out.has_tcp = listener.has_tcp;
    out.local = local_endpoint(fd);
    name(out, SocketRole::Accepted, cause);
    sample(out, cause);
}

CallResult Calls::connect(Socket& s, const Endpoint& to, Where where) {
    const SockAddr address{to};
    s.remote = to;
    const CallResult result = traced(Syscall::Connect, s.fd.get(), &s, {}, where, [&] {
        return std::int64_t{::connect(s.fd.get(), address.get(), address.size())};
    });
    // Also after a refusal the kernel often still knows the port it had chosen: the join to the SYN and its
    // RST.
    s.local = local_endpoint(s.fd.get());
    const SocketRole role = s.has_tcp ? SocketRole::Connecting : SocketRole::Datagram;
    if (s.local.port != 0) name(s, role, result.event);
    return result;
}

CallResult Calls::send(Socket& s, ByteSpan bytes, int flags, Where where) {
    return traced(Syscall::Send, s.fd.get(), &s, {static_cast<std::int64_t>(bytes.size()), flags}, where,
                  [&] { return plain::send(s.fd.get(), bytes.data(), bytes.size(), flags | MSG_NOSIGNAL); });
}

CallResult Calls::recv(Socket& s, MutableByteSpan into, int flags, Where where) {
    return traced(Syscall::Recv, s.fd.get(), &s, {static_cast<std::int64_t>(into.size()), flags}, where,
                  [&] { return plain::recv(s.fd.get(), into.data(), into.size(), flags); });
}

CallResult Calls::shutdown(Socket& s, int how, Where where) {
    return traced(Syscall::Shutdown, s.fd.get(), &s, {how}, where,
                  [&] { return std::int64_t{::shutdown(s.fd.get(), how)}; });
}

CallResult Calls::interrupt(int fd, SocketId id, int how, Where where) {
    Socket named;  // without a descriptor nobody asks the kernel about it: its own thread is using it
    named.id = id;
    return traced(Syscall::Shutdown, fd, &named, {how}, where,
                  [&] { return std::int64_t{::shutdown(fd, how)}; });
}

CallResult Calls::close(Socket& s, Where where) {
    const int fd = s.fd.get();
    const CallResult result =
        traced(Syscall::Close, fd, &s, {}, where, [&] { return std::int64_t{::close(s.fd.release())}; });
    if (observer_ != nullptr && s.has_tcp && s.remote.address.family != 0 && !s.departed)
        observer_->descriptor_gone(s.id, s.local, s.remote, s.state, result.event);
    return result;
}

CallResult Calls::set_nonblocking(Socket& s, Where where) {
    const CallResult result = traced(Syscall::Fcntl, s.fd.get(), &s, {F_SETFL, O_NONBLOCK}, where,
                                     [&] { return std::int64_t{::fcntl(s.fd.get(), F_SETFL, O_NONBLOCK)}; });
    s.nonblocking = s.nonblocking || result.ok();
    return result;
}

CallResult Calls::set_blocking(Socket& s, Where where) {
    return traced(Syscall::Fcntl, s.fd.get(), &s, {F_SETFL, 0}, where,
                  [&] { return std::int64_t{::fcntl(s.fd.get(), F_SETFL, 0)}; });
}

int Calls::take_error(Socket& s, Where where) {
    int error = 0;
    socklen_t size = sizeof error;
    const CallResult r = traced(Syscall::Getsockopt, s.fd.get(), &s, {SOL_SOCKET, SO_ERROR}, where, [&] {
        return std::int64_t{::getsockopt(s.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size)};
    });
    return r.ok() ? error : r.error;
}

CallResult Calls::set_option(Socket& s, int level, int name, const void* value, socklen_t size, Where where) {
    return traced(Syscall::Setsockopt, s.fd.get(), &s, {level, name}, where,
                  [&] { return std::int64_t{::setsockopt(s.fd.get(), level, name, value, size)}; });
}

}  // namespace synscope::engine
