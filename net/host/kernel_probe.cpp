#include "net/host/kernel_probe.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace synscope::host {

namespace {

struct Request {
    nlmsghdr header;
    inet_diag_req_v2 body;
};

/// An IPv4 connection on an IPv6 socket is looked up as IPv4.
bool is_mapped(const IpAddress& a) {
    constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return a.family == 6 && std::equal(kPrefix.begin(), kPrefix.end(), a.octets.begin());
}
void put_address(__be32 (&into)[4], const IpAddress& a) {
    if (is_mapped(a))
        std::memcpy(into, a.octets.data() + 12, 4);
    else
        std::memcpy(into, a.octets.data(), a.family == 6 ? 16 : 4);
}

Request exact(const Endpoint& local, const Endpoint& remote, std::uint32_t sequence) {
    Request r{};
    r.header.nlmsg_len = sizeof r;
    r.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    r.header.nlmsg_flags = NLM_F_REQUEST;
    r.header.nlmsg_seq = sequence;
    r.body.sdiag_family = local.address.family == 6 && !is_mapped(local.address) ? AF_INET6 : AF_INET;
    r.body.sdiag_protocol = IPPROTO_TCP;
    r.body.idiag_states = ~0u;
    r.body.id.idiag_sport = htons(local.port);
    r.body.id.idiag_dport = htons(remote.port);
    put_address(r.body.id.idiag_src, local.address);
    put_address(r.body.id.idiag_dst, remote.address);
    r.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return r;
}

}  // namespace

SockDiag::SockDiag() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
    // The kernel answers within the sendto(); a limit all the same, so that we never sleep on it.
    const timeval limit{0, 100'000};
    if (fd_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

std::optional<DiagAnswer> SockDiag::look_up(const Endpoint& local, const Endpoint& remote) {
    if (!fd_) return std::nullopt;
    const Request request = exact(local, remote, ++sequence_);
    if (::send(fd_.get(), &request, sizeof request, 0) != static_cast<ssize_t>(sizeof request))
        return std::nullopt;
    alignas(nlmsghdr) std::array<std::byte, 4096> answer;
    for (;;) {
        const ssize_t n = ::recv(fd_.get(), answer.data(), answer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < static_cast<ssize_t>(sizeof(nlmsghdr))) return std::nullopt;
        nlmsghdr header{};
        std::memcpy(&header, answer.data(), sizeof header);
        if (header.nlmsg_seq != sequence_) continue;  // a late answer to an earlier question
        const std::byte* payload = answer.data() + NLMSG_HDRLEN;
        if (header.nlmsg_type == NLMSG_ERROR) {
            nlmsgerr error{};
            std::memcpy(&error, payload, std::min(sizeof error, static_cast<std::size_t>(n) - NLMSG_HDRLEN));
            return error.error == -ENOENT ? std::optional{DiagAnswer{}} : std::nullopt;
        }
        inet_diag_msg message{};
        if (static_cast<std::size_t>(n) < NLMSG_HDRLEN + sizeof message) return std::nullopt;
        std::memcpy(&message, payload, sizeof message);
        const auto state = tcp_state_from_linux(message.idiag_state);
        if (!state) return std::nullopt;
        DiagAnswer found{true, {}};
        found.sample.source = SampleSource::SockDiag;
        found.sample.state = *state;
        found.sample.receive_queue = message.idiag_rqueue;
        found.sample.send_queue = message.idiag_wqueue;
        found.sample.retransmits = message.idiag_retrans;
        return found;
    }
}

KernelProbe::KernelProbe(engine::Observer& observer) : observer_(observer), thread_([this] { run(); }) {}

KernelProbe::~KernelProbe() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void KernelProbe::watch(SocketId socket, const Endpoint& local, const Endpoint& remote,
                        std::optional<TcpState> last_state, std::optional<EventId> cause) {
    if (!diag_.available()) return;
    const std::lock_guard lock{mutex_};
    if (unsettled_ >= kMostWatched) return;
    ++unsettled_;
    waiting_.push_back({socket, local, remote, last_state.value_or(TcpState::Closed), cause,
                        engine::monotonic_ns() + kPatience.ns});
    changed_.notify_all();
}

void KernelProbe::settle(Duration patience) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::nanoseconds{patience.ns}, [this] { return unsettled_ == 0; });
}

bool KernelProbe::ask(Watched& w) {
    const auto answer = diag_.look_up(w.local, w.remote);
    const std::int64_t now = engine::monotonic_ns();
    if (!answer) return false;
    // No such socket any more: the kernel's word for CLOSED, of which there is nothing else to sample.
    const TcpState state = answer->found ? answer->sample.state : TcpState::Closed;
    if (state != w.state) {
        std::optional<EventId> cause = w.cause;
        if (answer->found) {
            KernelSample sample = answer->sample;
            sample.socket = w.socket;
            cause = observer_.emit(now, w.cause, sample);
        }
        observer_.emit(now, cause, TcpStateChanged{w.socket, w.state, state, Evidence::Kernel});
        w.state = state;
    }
    return state != TcpState::TimeWait && state != TcpState::Closed && now < w.until_ns;
}

void KernelProbe::run() {
    std::vector<Watched> watched;
    std::unique_lock lock{mutex_};
    for (;;) {
        if (watched.empty())
            changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        else
            changed_.wait_for(lock, std::chrono::milliseconds{2},
                              [this] { return ending_ || !waiting_.empty(); });
        if (ending_) return;
        watched.insert(watched.end(), waiting_.begin(), waiting_.end());
        waiting_.clear();
        lock.unlock();
        const std::size_t settled = std::erase_if(watched, [this](Watched& w) { return !ask(w); });
        lock.lock();
        unsettled_ -= settled;
        if (settled > 0) changed_.notify_all();
    }
}

}  // namespace synscope::host
