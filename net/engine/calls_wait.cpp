// The calls that wait for many sockets at once, and what they report.
#include <poll.h>
#include <sys/epoll.h>

#include "net/engine/plain_calls.hpp"
#include "net/engine/traced.hpp"

namespace synscope::engine {

void Calls::tell_ready(const Socket& s, std::uint32_t mask, ReadinessVia via) {
    // Reported when the call that reports returned; completions and signals, when we look at them.
    const bool by_call =
        via == ReadinessVia::Epoll || via == ReadinessVia::Poll || via == ReadinessVia::Select;
    observer_->ready(by_call ? last_report_ns : monotonic_ns(),
                     ReadinessReported{s.fd.get(), s.id, this_thread(), mask, via});
}

CallResult Calls::poll(std::span<pollfd> fds, int timeout_ms, Where where) {
    return traced(Syscall::Poll, -1, nullptr, {static_cast<std::int64_t>(fds.size()), timeout_ms}, where,
                  [&] { return std::int64_t{::poll(fds.data(), fds.size(), timeout_ms)}; });
}

CallResult Calls::select(int count, fd_set& readable, fd_set& writable, Where where) {
    return traced(Syscall::Select, -1, nullptr, {count}, where,
                  [&] { return std::int64_t{::select(count, &readable, &writable, nullptr, nullptr)}; });
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
    Socket named;  // without a descriptor nobody asks the kernel about it
    if (s != nullptr) named.id = s->id;
    return traced(Syscall::EpollCtl, epoll, s != nullptr ? &named : nullptr, {operation, fd}, where,
                  [&] { return std::int64_t{::epoll_ctl(epoll, operation, fd, &event)}; });
}

CallResult Calls::epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms, Where where) {
    return traced(Syscall::EpollWait, epoll, nullptr, {capacity, timeout_ms}, where,
                  [&] { return plain::epoll_wait(epoll, events, capacity, timeout_ms); });
}

}  // namespace synscope::engine
