// The traced system calls. The order is the same for each: the kernel's word, entry, the call, return, the
// kernel's word again. Asking the kernel lies outside the measured time.
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>

#include "net/engine/sockaddr.hpp"
#include "net/engine/socket.hpp"

namespace synscope::engine {

namespace {

ThreadId this_thread() noexcept {
    thread_local const ThreadId id{static_cast<std::uint32_t>(gettid())};
    return id;
}

std::uint32_t queue_bytes(int fd, unsigned long request) noexcept {
    int bytes = 0;
    return ioctl(fd, request, &bytes) == 0 && bytes > 0 ? static_cast<std::uint32_t>(bytes) : 0;
}

/// tcp_info grows at its end with the kernel; we read what this kernel gives, also past what our headers
/// know.
struct TcpInfoBuffer {
    alignas(tcp_info) std::array<std::byte, 512> bytes{};
    socklen_t size = sizeof bytes;
};

std::optional<KernelSample> ask_kernel(const Socket& s) noexcept {
    TcpInfoBuffer buffer;
    if (getsockopt(s.fd.get(), IPPROTO_TCP, TCP_INFO, buffer.bytes.data(), &buffer.size) != 0)
        return std::nullopt;
    tcp_info info{};
    std::memcpy(&info, buffer.bytes.data(), sizeof info);
    const auto state = tcp_state_from_linux(info.tcpi_state);
    if (!state) return std::nullopt;

    KernelSample k;
    k.socket = s.id;
    k.source = SampleSource::TcpInfo;
    k.state = *state;
    k.congestion_state = info.tcpi_ca_state;
    if (*state == TcpState::Listen) {
        k.receive_queue = info.tcpi_unacked;  // Linux puts the accept queue's length here
        return k;
    }
    k.receive_queue = queue_bytes(s.fd.get(), SIOCINQ);
    k.send_queue = queue_bytes(s.fd.get(), SIOCOUTQ);
    k.not_sent = info.tcpi_notsent_bytes;
    k.unacked = info.tcpi_unacked;
    k.retransmits = info.tcpi_retransmits;
    k.total_retransmits = info.tcpi_total_retrans;
    k.snd_cwnd = info.tcpi_snd_cwnd;
    k.snd_ssthresh = info.tcpi_snd_ssthresh;
    k.snd_mss = info.tcpi_snd_mss;
    k.rcv_mss = info.tcpi_rcv_mss;
    k.snd_wnd = info.tcpi_snd_wnd;
    // tcpi_rcv_wnd follows (Linux 6.2); the headers of Debian 12 do not name it yet.
    constexpr std::size_t kReceiveWindow = offsetof(tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd;
    if (buffer.size >= kReceiveWindow + sizeof k.rcv_wnd)
        std::memcpy(&k.rcv_wnd, buffer.bytes.data() + kReceiveWindow, sizeof k.rcv_wnd);
    k.rtt_us = info.tcpi_rtt;
    k.rttvar_us = info.tcpi_rttvar;
    k.rto_us = info.tcpi_rto;
    k.ato_us = info.tcpi_ato;
    return k;
}

/// Whether a socket in this state ends in TIME-WAIT (RFC 9293 figure 5), unless it is reset.
bool closes_actively(std::optional<TcpState> state) noexcept {
    return state == TcpState::FinWait1 || state == TcpState::FinWait2 || state == TcpState::Closing;
}

}  // namespace

std::int64_t monotonic_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string_view source_name(const char* file) noexcept {
    const std::string_view path{file};
    const auto at = path.rfind("/net/");
    return at == std::string_view::npos ? path : path.substr(at + 1);
}

// ---- recording
// ----------------------------------------------------------------------------------------------------

EventId Calls::entered(Syscall call, int fd, std::optional<SocketId> socket, std::array<std::int64_t, 2> args,
                       Where where) {
    SyscallEntered body;
    body.call = call;
    body.fd = fd;
    body.socket = socket.value_or(SocketId{});
    body.has_socket = socket.has_value();
    body.thread = this_thread();
    body.args = args;
    body.source = {observer_->intern(source_name(where.file)), where.line};
    return observer_->emit(monotonic_ns(), std::nullopt, body);
}

EventId Calls::returned(std::int64_t at, EventId cause, Syscall call, int fd, std::optional<SocketId> socket,
                        const CallResult& result, ByteRange bytes) {
    SyscallReturned body;
    body.call = call;
    body.fd = fd;
    body.socket = socket.value_or(SocketId{});
    body.has_socket = socket.has_value();
    body.thread = this_thread();
    body.result = result.value;
    body.error = result.error;
    body.bytes = bytes;
    return observer_->emit(at, cause, body);
}

void Calls::name(const Socket& s, SocketRole role, std::optional<EventId> cause) {
    if (observer_ == nullptr) return;
    observer_->emit(monotonic_ns(), cause, SocketNamed{s.id, s.fd.get(), role, s.local, s.remote});
}

void Calls::sample(Socket& s, std::optional<EventId> cause) {
    if (observer_ == nullptr || !samples_ || !s.fd || s.departed) return;
    const auto answer = ask_kernel(s);
    if (!answer) return;
    if (answer->state == TcpState::Closed && closes_actively(s.state)) {
        s.departed = true;
        observer_->descriptor_gone(s.id, s.local, s.remote, s.state, cause);
        return;
    }
    const std::int64_t at = monotonic_ns();
    const EventId sampled = observer_->emit(at, cause, *answer);
    if (s.state.value_or(TcpState::Closed) != answer->state)
        observer_->emit(
            at, sampled,
            TcpStateChanged{s.id, s.state.value_or(TcpState::Closed), answer->state, Evidence::Kernel});
    s.state = answer->state;
}

void Calls::ready(const Socket& s, std::uint32_t mask, ReadinessVia via) {
    if (observer_ == nullptr) return;
    observer_->emit(monotonic_ns(), std::nullopt,
                    ReadinessReported{s.fd.get(), s.id, this_thread(), mask, via});
}

template <class Call>
CallResult Calls::traced(Syscall call, int fd, Socket* socket, std::array<std::int64_t, 2> args, Where where,
                         Call&& make) {
    CallResult result;
    if (observer_ == nullptr) [[likely]] {
        result.value = make();
        if (result.value < 0) result.error = errno;
        return result;
    }
    const auto id = socket != nullptr ? std::optional{socket->id} : std::nullopt;
    if (socket != nullptr) sample(*socket, std::nullopt);
    const EventId entry = entered(call, fd, id, args, where);
    result.value = make();
    if (result.value < 0) result.error = errno;
    const std::int64_t at = monotonic_ns();

    ByteRange bytes;
    if (socket != nullptr && result.value > 0 && (writes_stream(call) || reads_stream(call))) {
        std::uint64_t& offset = writes_stream(call) ? socket->bytes_written : socket->bytes_read;
        bytes = {offset, offset + static_cast<std::uint64_t>(result.value)};
        offset = bytes.end;
    }
    const EventId exit = returned(at, entry, call, fd, id, result, bytes);
    if (socket != nullptr && call != Syscall::Close) sample(*socket, exit);
    result.event = exit;
    return result;
}

// ---- the calls
// ----------------------------------------------------------------------------------------------------

CallResult Calls::socket(Socket& out, int family, int type, Where where) {
    out = Socket{};
    out.id = next_id();
    const CallResult result = traced(Syscall::Socket, -1, nullptr, {family, type}, where, [&] {
        return std::int64_t{::socket(family, type | SOCK_CLOEXEC, IPPROTO_TCP)};
    });
    if (result.ok()) out.fd = UniqueFd{static_cast<int>(result.value)};
    return result;
}

CallResult Calls::bind(Socket& s, const Endpoint& to, Where where) {
    const SockAddr address{to};
    return traced(Syscall::Bind, s.fd.get(), &s, {}, where,
                  [&] { return std::int64_t{::bind(s.fd.get(), address.get(), address.size())}; });
}

CallResult Calls::listen(Socket& s, int backlog, Where where) {
    const CallResult result = traced(Syscall::Listen, s.fd.get(), &s, {backlog}, where,
                                     [&] { return std::int64_t{::listen(s.fd.get(), backlog)}; });
    if (result.ok()) {
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
    out = Socket{};
    out.fd = UniqueFd{static_cast<int>(result.value)};
    out.id = next_id();
    out.remote = peer.endpoint();
    out.local = local_endpoint(out.fd.get());
    name(out, SocketRole::Accepted, result.event);
    sample(out, result.event);
    return result;
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
    if (s.local.port != 0) name(s, SocketRole::Connecting, result.event);
    return result;
}

CallResult Calls::send(Socket& s, ByteSpan bytes, int flags, Where where) {
    return traced(
        Syscall::Send, s.fd.get(), &s, {static_cast<std::int64_t>(bytes.size()), flags}, where,
        [&] { return std::int64_t{::send(s.fd.get(), bytes.data(), bytes.size(), flags | MSG_NOSIGNAL)}; });
}

CallResult Calls::recv(Socket& s, MutableByteSpan into, int flags, Where where) {
    return traced(Syscall::Recv, s.fd.get(), &s, {static_cast<std::int64_t>(into.size()), flags}, where,
                  [&] { return std::int64_t{::recv(s.fd.get(), into.data(), into.size(), flags)}; });
}

CallResult Calls::shutdown(Socket& s, int how, Where where) {
    return traced(Syscall::Shutdown, s.fd.get(), &s, {how}, where,
                  [&] { return std::int64_t{::shutdown(s.fd.get(), how)}; });
}

CallResult Calls::interrupt(int fd, SocketId id, int how, Where where) {
    CallResult result;
    const auto entry = observer_ != nullptr ? entered(Syscall::Shutdown, fd, id, {how}, where) : EventId{};
    result.value = ::shutdown(fd, how);
    if (result.value < 0) result.error = errno;
    if (observer_ != nullptr) returned(monotonic_ns(), entry, Syscall::Shutdown, fd, id, result, {});
    return result;
}

CallResult Calls::close(Socket& s, Where where) {
    const int fd = s.fd.release();
    if (observer_ == nullptr) return {::close(fd)};
    s.fd = UniqueFd{fd};  // still ours while the kernel is asked
    sample(s, std::nullopt);
    static_cast<void>(s.fd.release());
    CallResult result;
    const EventId entry = entered(Syscall::Close, fd, s.id, {}, where);
    result.value = ::close(fd);
    if (result.value < 0) result.error = errno;
    const EventId exit = returned(monotonic_ns(), entry, Syscall::Close, fd, s.id, result, {});
    if (s.remote.address.family != 0 && !s.departed)
        observer_->descriptor_gone(s.id, s.local, s.remote, s.state, exit);
    return result;
}

CallResult Calls::set_nonblocking(Socket& s, Where where) {
    return traced(Syscall::Fcntl, s.fd.get(), &s, {F_SETFL, O_NONBLOCK}, where,
                  [&] { return std::int64_t{::fcntl(s.fd.get(), F_SETFL, O_NONBLOCK)}; });
}

CallResult Calls::set_option(Socket& s, int level, int name, const void* value, socklen_t size, Where where) {
    return traced(Syscall::Setsockopt, s.fd.get(), &s, {level, name}, where,
                  [&] { return std::int64_t{::setsockopt(s.fd.get(), level, name, value, size)}; });
}

CallResult Calls::epoll_create(UniqueFd& out, Where where) {
    const CallResult result = traced(Syscall::EpollCreate, -1, nullptr, {EPOLL_CLOEXEC}, where,
                                     [] { return std::int64_t{::epoll_create1(EPOLL_CLOEXEC)}; });
    if (result.ok()) out = UniqueFd{static_cast<int>(result.value)};
    return result;
}

CallResult Calls::epoll_ctl(int epoll, int operation, int fd, const Socket* s, std::uint32_t events,
                            std::uint64_t data, Where where) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    CallResult result;
    const auto id = s != nullptr ? std::optional{s->id} : std::nullopt;
    const auto entry =
        observer_ != nullptr ? entered(Syscall::EpollCtl, epoll, id, {operation, fd}, where) : EventId{};
    result.value = ::epoll_ctl(epoll, operation, fd, &event);
    if (result.value < 0) result.error = errno;
    if (observer_ != nullptr) returned(monotonic_ns(), entry, Syscall::EpollCtl, epoll, id, result, {});
    return result;
}

CallResult Calls::epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms, Where where) {
    return traced(Syscall::EpollWait, epoll, nullptr, {capacity, timeout_ms}, where,
                  [&] { return std::int64_t{::epoll_wait(epoll, events, capacity, timeout_ms)}; });
}

}  // namespace synscope::engine
