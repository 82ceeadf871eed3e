// What EINTR and EAGAIN mean, what to do without descriptors, and how a listener is made. The calls
// themselves: calls_socket.cpp.
#include "net/engine/socket.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "net/engine/unix_socket.hpp"

namespace synscope::engine {

UniqueFd::~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
}

void make_readable(const UniqueFd& event) noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

Io recv_some(Calls& calls, Socket& s, MutableByteSpan into, Where where) {
    for (;;) {
        const CallResult r = calls.recv(s, into, 0, where);
        if (r.value > 0) return {IoStatus::Some, static_cast<std::size_t>(r.value), 0};
        if (r.value == 0) return {IoStatus::End, 0, 0};
        if (r.error == EINTR) continue;
        return {r.error == EAGAIN ? IoStatus::WouldBlock : IoStatus::Failed, 0, r.error};
    }
}

Io send_some(Calls& calls, Socket& s, ByteSpan bytes, Where where) {
    for (;;) {
        const CallResult r = calls.send(s, bytes, 0, where);
        if (r.ok()) return {IoStatus::Some, static_cast<std::size_t>(r.value), 0};
        if (r.error == EINTR) continue;
        return {r.error == EAGAIN ? IoStatus::WouldBlock : IoStatus::Failed, 0, r.error};
    }
}

namespace {

UniqueFd any_descriptor() {
    return UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

/// Errors of a connection that broke while it waited; accept(2) hands them on, and says to treat them as
/// EAGAIN.
bool is_the_connections_own(int error) {
    switch (error) {
        case ECONNABORTED:
        case EPROTO:
        case ENETDOWN:
        case ENOPROTOOPT:
        case EHOSTDOWN:
        case ENONET:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EPERM:  // a firewall rule
            return true;
        default:
            return false;
    }
}

}  // namespace

SpareDescriptor::SpareDescriptor() : spare_(any_descriptor()) {}

Acceptance SpareDescriptor::accept(Calls& calls, Socket& listener, Socket& out, int flags, Where where) {
    for (bool somebody_waits = false;;) {
        const CallResult r = calls.accept(listener, out, flags, where);
        if (r.ok()) return {AcceptStatus::Accepted, 0};
        if (r.error == EINTR) continue;
        if (r.error == EAGAIN) return {AcceptStatus::WouldBlock, r.error};
        if (is_the_connections_own(r.error)) return {AcceptStatus::Gone, r.error};
        if (r.error != EMFILE && r.error != ENFILE && r.error != ENOBUFS && r.error != ENOMEM)
            return {AcceptStatus::Failed, r.error};

        // The kernel looks for a free descriptor before it looks at the queue: nobody may be waiting at all.
        // A blocking engine is kept from asking in vain more than a hundred times a second. For somebody who
        // comes meanwhile it may be free again.
        if (!std::exchange(somebody_waits, true)) {
            pollfd waiting{listener.fd.get(), POLLIN, 0};
            if (::poll(&waiting, 1, (flags & SOCK_NONBLOCK) != 0 ? 0 : 10) > 0) continue;
            return {AcceptStatus::WouldBlock, r.error};
        }
        spare_ = UniqueFd{};
        Socket refused;
        if (calls.accept(listener, refused, SOCK_NONBLOCK, where).ok())
            calls.close(refused, where);
        else
            ::poll(nullptr, 0,
                   10);  // somebody else took the descriptor, or it is memory that lacks: not at once again
        spare_ = any_descriptor();
        return {AcceptStatus::Refused, r.error};
    }
}

Result<void, OsError> apply_options(Calls& calls, Socket& s, const scenario::SocketOptions& options) {
    const auto set = [&](int level, int name, std::optional<int> value,
                         const char* what) -> Result<void, OsError> {
        if (!value) return {};
        const CallResult r = calls.set_option(s, level, name, *value);
        if (!r.ok()) return failure(OsError{"setsockopt", r.error, what});
        return {};
    };
    const auto flag = [](std::optional<bool> b) { return b ? std::optional{*b ? 1 : 0} : std::nullopt; };
    Result<void, OsError> done = set(SOL_SOCKET, SO_RCVBUF, options.receive_buffer, "SO_RCVBUF");
    if (done) done = set(SOL_SOCKET, SO_SNDBUF, options.send_buffer, "SO_SNDBUF");
    if (done) done = set(IPPROTO_TCP, TCP_NODELAY, flag(options.no_delay), "TCP_NODELAY");
    if (done) done = set(IPPROTO_TCP, TCP_QUICKACK, flag(options.quick_ack), "TCP_QUICKACK");
    if (done) done = set(IPPROTO_TCP, TCP_CORK, flag(options.cork), "TCP_CORK");
    if (done) done = set(SOL_SOCKET, SO_KEEPALIVE, flag(options.keep_alive), "SO_KEEPALIVE");
    if (done) done = set(IPPROTO_TCP, TCP_KEEPIDLE, options.keep_alive_idle_s, "TCP_KEEPIDLE");
    if (done) done = set(IPPROTO_TCP, TCP_KEEPINTVL, options.keep_alive_interval_s, "TCP_KEEPINTVL");
    if (done) done = set(IPPROTO_TCP, TCP_KEEPCNT, options.keep_alive_count, "TCP_KEEPCNT");
    if (done) done = set(IPPROTO_TCP, TCP_USER_TIMEOUT, options.user_timeout_ms, "TCP_USER_TIMEOUT");
    if (done) done = set(IPPROTO_TCP, TCP_MAXSEG, options.max_segment, "TCP_MAXSEG");
    if (done) done = set(IPPROTO_TCP, TCP_SYNCNT, options.syn_retries, "TCP_SYNCNT");
    if (done && options.congestion) {
        const CallResult r = calls.set_option(s, IPPROTO_TCP, TCP_CONGESTION, options.congestion->data(),
                                              static_cast<socklen_t>(options.congestion->size()));
        if (!r.ok()) return failure(OsError{"setsockopt", r.error, "TCP_CONGESTION"});
    }
    if (done && options.linger_s) {
        const linger value{1, *options.linger_s};
        const CallResult r = calls.set_option(s, SOL_SOCKET, SO_LINGER, &value, sizeof value);
        if (!r.ok()) return failure(OsError{"setsockopt", r.error, "SO_LINGER"});
    }
    return done;
}

namespace {

/// A socket that is bound and has its options, not yet more.
Result<Socket, OsError> bound(Calls& calls, const ListenOptions& options, int type) {
    const std::string where = options.address.text();
    const auto failed = [&](const char* operation, const CallResult& r) {
        return failure(OsError{operation, r.error, where});
    };
    Socket s;
    const int family = options.address.address.family == 6 ? AF_INET6 : AF_INET;
    if (const auto r = calls.socket(s, family, type); !r.ok()) return failed("socket", r);
    // Without it, a server cannot come back to its port while connections of its last run are in TIME-WAIT.
    if (const auto r = calls.set_option(s, SOL_SOCKET, SO_REUSEADDR, 1); !r.ok())
        return failed("setsockopt", r);
    // Both families on one socket, whatever net.ipv6.bindv6only says.
    if (family == AF_INET6 && options.address.address.octets == IpAddress{}.octets)
        if (const auto r = calls.set_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0); !r.ok())
            return failed("setsockopt", r);
    // Before listen(): the receive buffer decides the window scale that the SYN-ACK announces (RFC 7323
    // section 2.2).
    if (auto applied = apply_options(calls, s, options.options); !applied) return failure(applied.error());
    if (const auto r = calls.bind(s, options.address); !r.ok()) return failed("bind", r);
    return s;
}

}  // namespace

Result<Socket, OsError> listen_on(Calls& calls, const ListenOptions& options) {
    auto s = options.unix_path.empty() ? bound(calls, options, SOCK_STREAM) : bound_to_path(calls, options);
    if (!s) return s;
    if (const auto r = calls.listen(*s, options.backlog); !r.ok())
        return failure(OsError{"listen", r.error, options.address.text()});
    return s;
}

Result<Socket, OsError> datagrams_on(Calls& calls, const ListenOptions& options) {
    auto s = bound(calls, options, SOCK_DGRAM);
    if (s) calls.name_datagram(*s);
    return s;
}

}  // namespace synscope::engine
