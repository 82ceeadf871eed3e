// What is recorded around a call: entry and return, names, and the kernel's own word. The calls themselves:
// calls_*.cpp.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "net/engine/traced.hpp"

namespace synscope::engine {

namespace {

thread_local std::uint32_t own_id = 0;  ///< asked once: gettid() is a system call

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

ThreadId this_thread() noexcept {
    if (own_id == 0) renew_this_thread();
    return ThreadId{own_id};
}

void renew_this_thread() noexcept {
    own_id = static_cast<std::uint32_t>(gettid());
}

std::optional<ObserveLevel> observe_level_from_name(std::string_view name) noexcept {
    if (name == "off") return ObserveLevel::Off;
    if (name == "calls") return ObserveLevel::Calls;
    if (name == "full") return ObserveLevel::Full;
    return std::nullopt;
}

std::string_view source_name(const char* file) noexcept {
    const std::string_view path{file};
    const auto at = path.rfind("/net/");
    return at == std::string_view::npos ? path : path.substr(at + 1);
}

SyscallReturned returned_body(const CallBegun& begun, const CallEnded& ended) noexcept {
    SyscallReturned body;
    body.call = begun.call;
    body.fd = begun.fd;
    body.socket = begun.socket;
    body.has_socket = begun.has_socket;
    body.thread = begun.thread;
    body.result = ended.result;
    body.error = ended.error;
    body.bytes = ended.bytes;
    return body;
}

SyscallEntered entered_body(const CallBegun& begun, TextId file) noexcept {
    SyscallEntered body;
    body.call = begun.call;
    body.fd = begun.fd;
    body.socket = begun.socket;
    body.has_socket = begun.has_socket;
    body.thread = begun.thread;
    body.args = begun.args;
    body.source = {file, begun.where.line};
    return body;
}

EventId Observer::begin_call(const CallBegun& begun) {
    return emit(begun.at_ns, std::nullopt, entered_body(begun, intern(source_name(begun.where.file))));
}

std::optional<EventId> Observer::end_call(const CallBegun& begun, std::optional<EventId> event,
                                          const CallEnded& ended, bool) {
    if (!event) event = begin_call(begun);
    return emit(ended.at_ns, event, returned_body(begun, ended));
}

void Observer::ready(std::int64_t at_monotonic_ns, const ReadinessReported& body) {
    emit(at_monotonic_ns, std::nullopt, body);
}

void Calls::name(const Socket& s, SocketRole role, std::optional<EventId> cause) {
    if (observer_ == nullptr) return;
    observer_->emit(monotonic_ns(), cause, SocketNamed{s.id, s.fd.get(), role, s.local, s.remote});
}

void Calls::sample_now(Socket& s, std::optional<EventId> cause) {
    if (observer_ == nullptr || !s.has_tcp || !s.fd || s.departed) return;
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

}  // namespace synscope::engine
