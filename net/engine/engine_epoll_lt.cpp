// Engine `epoll-lt`: one thread, many clients, and a list that the kernel keeps.
//
// Model   one event loop over nonblocking sockets. The kernel is told once of each socket; epoll_wait()
//         sleeps until one of them is ready, and names who that is. Readiness is a level: whoever is left
//         unread is reported again.
// Calls   per connection accept4 and an accept4 = EAGAIN, one epoll_ctl, close; per request epoll_wait,
//         recv, send.
// Costs   an epoll_ctl whenever we want to hear something else of a client than before; a wake-up costs
//         what is ready, however many clients there are.
// Breaks  anything slow in the loop is slow for everybody: try server.busy. Asking for room (EPOLLOUT)
//         without having output would never sleep.
// Try it  synscope serve --engine epoll-lt --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: epoll_wait = 1, recvfrom, sendto
//         diff engine_poll.cpp engine_epoll_lt.cpp
#include <sys/epoll.h>

#include "net/engine/clients.hpp"

namespace synscope::engine {

namespace {

class EpollLtEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        if (const auto begun = begin(run, clients); !begun) return begun;
        while (clients.serving()) {
            wait(run, clients);
            while (Client* client = clients.next_due())
                if (clients.serve(*client) != Clients::Turn::Last) watch_again(run, clients, *client);
        }
        return clients.outcome();
    }

  private:
    Result<void, OsError> begin(const Run& run, const Clients& clients) {
        if (const auto r = run.calls.epoll_create(epoll_); !r.ok())
            return failure(OsError{"epoll_create1", r.error, {}});
        for (const auto& [fd, socket, key] : clients.standing()) {
            const std::uint32_t once = key == kStop ? std::uint32_t{EPOLLONESHOT} : 0;  // it stays readable
            if (const auto r = watch(run, EPOLL_CTL_ADD, fd, socket, EPOLLIN | once, key); !r.ok())
                return failure(OsError{"epoll_ctl", r.error, {}});
        }
        return {};
    }

    CallResult watch(const Run& run, int operation, int fd, const Socket* socket, std::uint32_t events,
                     Key key) {
        return run.calls.epoll_ctl(epoll_.get(), operation, fd, socket, events, key);
    }

    /// The list is the kernel's: it is told when a client is new, or wants to hear something else than
    /// before. A closed socket leaves it by itself.
    void watch_again(const Run& run, Clients& clients, Client& client) {
        const std::uint32_t events = interest(client);
        if (events == client.watched) return;
        const int operation = client.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        client.watched = events;
        if (!watch(run, operation, client.socket.fd.get(), &client.socket, events, key_of(client)).ok())
            clients.drop(client);  // no memory for it
    }

    void wait(const Run& run, Clients& clients) {
        const CallResult ready =
            run.calls.epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), -1);
        if (!ready.ok()) return;  // a signal
        for (std::size_t i = 0; i < static_cast<std::size_t>(ready.value); ++i)
            clients.heard(events_[i].data.u64, events_[i].events, ReadinessVia::Epoll);
    }

    UniqueFd epoll_;
    std::array<epoll_event, 64> events_;
};

}  // namespace

std::unique_ptr<Engine> make_epoll_lt() {
    return std::make_unique<EpollLtEngine>();
}

}  // namespace synscope::engine
