#include "net/engine/epoll_set.hpp"

namespace synscope::engine {

Result<void, OsError> EpollSet::begin(const Run& run, const Clients& clients) {
    if (const auto r = run.calls.epoll_create(epoll_); !r.ok())
        return failure(OsError{"epoll_create1", r.error, {}});
    for (const auto& [fd, socket, key] : clients.standing()) {
        const std::uint32_t once = key == kStop ? std::uint32_t{EPOLLONESHOT} : 0;  // a stop stays readable
        const auto r = run.calls.epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, socket, EPOLLIN | once, key);
        if (!r.ok()) return failure(OsError{"epoll_ctl", r.error, {}});
    }
    return {};
}

bool EpollSet::watch(const Run& run, Client& client, std::uint32_t events, Where where) {
    if (events == client.watched) return true;
    const int operation = client.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    client.watched = events;
    return run.calls
        .epoll_ctl(epoll_.get(), operation, client.socket.fd.get(), &client.socket, events, key_of(client),
                   where)
        .ok();
}

void EpollSet::wait(const Run& run, Clients& clients, int timeout_ms, Where where) {
    const CallResult ready = run.calls.epoll_wait(epoll_.get(), events_.data(),
                                                  static_cast<int>(events_.size()), timeout_ms, where);
    if (!ready.ok()) return;  // a signal
    for (std::size_t i = 0; i < static_cast<std::size_t>(ready.value); ++i)
        clients.heard(events_[i].data.u64, events_[i].events, ReadinessVia::Epoll);
}

}  // namespace synscope::engine
