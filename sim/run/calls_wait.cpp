// The calls of who does not want to be blocked: what they wait with, and what they ask afterwards.
#include <algorithm>

#include "sim/run/calls.hpp"

namespace synscope::sim {

namespace {

// Linux's numbers.
constexpr std::int64_t kSetFlags = 4;            // F_SETFL
constexpr std::int64_t kNonblock = 0x800;        // O_NONBLOCK
constexpr std::int64_t kSocketLevel = 1;         // SOL_SOCKET
constexpr std::int64_t kSocketError = 4;         // SO_ERROR
constexpr std::int64_t kAdd = 1;                 // EPOLL_CTL_ADD
constexpr std::int64_t kEpollCreated = 0x80000;  // EPOLL_CLOEXEC
constexpr std::uint32_t kAlways = tcp::readiness::kErr | tcp::readiness::kHup;

/// As poll() and epoll_wait() take it: rounded up, -1 for no end.
std::int64_t timeout_ms(std::optional<Duration> most) {
    return most ? (std::max<std::int64_t>(most->ns, 0) + 999'999) / 1'000'000 : -1;
}

}  // namespace

std::uint32_t Calls::readiness(const SimSocket& s) {
    if (!s.datagram) return tcp().poll(s.id);
    return tcp::readiness::kOut | (udp().has_waiting(s.local.port) ? tcp::readiness::kIn : 0u) |
           (udp().has_error(s.local.port) ? tcp::readiness::kErr : 0u);
}

Task<Returned> Calls::set_nonblocking(SimSocket& s, bool nonblocking, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Fcntl, &s, {kSetFlags, nonblocking ? kNonblock : 0}, line);
    co_await process_.sleep(kEntry + kExit);
    co_return leave(entered, 0, tcp::Error::None);
}

Task<tcp::Error> Calls::take_error(SimSocket& s, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Getsockopt, &s, {kSocketLevel, kSocketError}, line);
    co_await process_.sleep(kEntry);
    const tcp::Error error = s.datagram ? take_datagram_error(s) : tcp().take_error(s.id);
    co_await process_.sleep(kExit);
    leave(entered, 0, tcp::Error::None);
    co_return error;
}

Task<std::uint32_t> Calls::poll(const SimSocket& s, std::uint32_t mask, std::optional<Duration> most,
                                int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Poll, nullptr, {1, timeout_ms(most)}, line);
    const std::optional<Instant> until = most ? std::optional(now() + *most) : std::nullopt;
    co_await process_.sleep(kEntry);
    std::uint32_t has = 0;
    for (;;) {
        has = readiness(s) & (mask | kAlways);
        if (has != 0 || (until && now() >= *until)) break;
        co_await process_.event(until);
    }
    co_await process_.sleep(kExit);
    leave(entered, has != 0 ? 1 : 0, tcp::Error::None);
    if (has != 0) ready(s, has, ReadinessVia::Poll);
    co_return has;
}

Task<Returned> Calls::epoll_create(std::int32_t& fd, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::EpollCreate, nullptr, {kEpollCreated, 0}, line);
    co_await process_.sleep(kEntry + kExit);
    fd = free_fd();
    co_return leave(entered, fd, tcp::Error::None);
}

Task<Returned> Calls::epoll_add(std::int32_t fd, SimSocket& s, int line) {
    co_await process_.sleep(kBetween);
    Entered entered = enter(Syscall::EpollCtl, &s, {kAdd, s.fd}, line);
    entered.fd = fd;
    co_await process_.sleep(kEntry + kExit);
    co_return leave(entered, 0, tcp::Error::None);
}

Task<std::vector<std::size_t>> Calls::epoll_wait(std::int32_t fd,
                                                 const std::vector<const SimSocket*>& sockets,
                                                 const std::vector<std::uint32_t>& masks, int line,
                                                 std::optional<Instant> until) {
    co_await process_.sleep(kBetween);
    constexpr std::int64_t kEvents = 64;
    const auto most = until ? std::optional(*until - now()) : std::nullopt;
    Entered entered = enter(Syscall::EpollWait, nullptr, {kEvents, timeout_ms(most)}, line);
    entered.fd = fd;
    co_await process_.sleep(kEntry);
    std::vector<std::size_t> ready;
    for (;;) {
        for (std::size_t i = 0; i < sockets.size(); ++i)
            if ((readiness(*sockets[i]) & (masks[i] | kAlways)) != 0) ready.push_back(i);
        if (!ready.empty() || (until && now() >= *until)) break;
        co_await process_.event(until);
    }
    co_await process_.sleep(kExit);
    leave(entered, static_cast<std::int64_t>(ready.size()), tcp::Error::None);
    co_return ready;
}

}  // namespace synscope::sim
