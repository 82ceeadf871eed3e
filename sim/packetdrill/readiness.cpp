// poll and epoll over the readiness of simulated sockets.
#include <algorithm>
#include <cerrno>

#include "sim/packetdrill/calls.hpp"

namespace synscope::packetdrill {
namespace {

constexpr std::uint32_t kAlways = EPOLLERR | EPOLLHUP;

}  // namespace

std::uint32_t Calls::readiness(int fd) {
    const auto* socket = descriptors_.find<SocketDescriptor>(fd);
    return socket == nullptr ? 0u : machine_.stack().poll(socket->socket);
}

std::optional<Instant> Calls::deadline(int timeout_ms) const {
    if (timeout_ms < 0) return std::nullopt;
    return machine_.now() + Duration::milliseconds(timeout_ms);
}

int Calls::poll(pollfd* fds, nfds_t count, int timeout_ms) {
    auto lock = enter();
    const auto until = deadline(timeout_ms);
    while (true) {
        int ready = 0;
        for (nfds_t i = 0; i < count; ++i) {
            const auto wanted = static_cast<std::uint16_t>(fds[i].events) | kAlways;
            fds[i].revents = 0;
            if (fds[i].fd < 0) continue;
            const bool known = descriptors_.find<SocketDescriptor>(fds[i].fd) != nullptr;
            fds[i].revents = static_cast<short>(known ? readiness(fds[i].fd) & wanted : POLLNVAL);
            if (fds[i].revents != 0) ++ready;
        }
        if (ready > 0 || !wait(lock, until)) return leave(ready);
    }
}

int Calls::epoll_create() {
    const auto lock = enter();
    return descriptors_.add(EpollDescriptor{}).value_or(-1);
}

int Calls::epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
    const auto lock = enter();
    auto* instance = descriptors_.find<EpollDescriptor>(epoll);
    if (instance == nullptr) return fail(Error::BadDescriptor);
    if (socket_of(fd) == nullptr) return -1;
    const auto found = instance->watched.find(fd);
    if (operation == EPOLL_CTL_ADD && found != instance->watched.end()) return fail(Error{EEXIST});
    if (operation != EPOLL_CTL_ADD && found == instance->watched.end()) return fail(Error{ENOENT});
    if (operation == EPOLL_CTL_DEL) {
        instance->watched.erase(found);
        return 0;
    }
    if (event == nullptr) return fail(Error::Fault);
    instance->watched.insert_or_assign(fd, Watched{event->events, event->data.u64, true, true});
    return 0;
}

int Calls::report(EpollDescriptor& epoll, epoll_event* events, int capacity) {
    int count = 0;
    for (auto& [fd, watched] : epoll.watched) {
        if (count == capacity) break;
        const std::uint32_t ready = readiness(fd) & (watched.events | kAlways);
        const bool edge_triggered = (watched.events & EPOLLET) != 0;
        if (ready == 0 || !watched.armed || (edge_triggered && !watched.edge)) continue;
        watched.edge = false;
        watched.armed = (watched.events & EPOLLONESHOT) == 0;
        events[count].events = ready;
        events[count].data.u64 = watched.data;
        ++count;
    }
    return count;
}

int Calls::epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) {
    auto lock = enter();
    const auto until = deadline(timeout_ms);
    while (true) {
        auto* instance = descriptors_.find<EpollDescriptor>(epoll);
        if (instance == nullptr) return leave(fail(Error::BadDescriptor));
        const int count = report(*instance, events, capacity);
        if (count > 0 || !wait(lock, until)) return leave(count);
    }
}

}  // namespace synscope::packetdrill
