// Engine `poll`: one thread, many clients, and a list of all of them at every call.
//
// Model   one event loop over nonblocking sockets. poll() is given the whole list, sleeps until one of them
//         is ready, and marks in the list who that is. Readiness is a level: whoever is left unread is
//         reported again.
// Calls   per connection accept4 and an accept4 = EAGAIN, close; per request poll, recv, send.
// Costs   the list. We write it, the kernel copies it and asks each socket on it, and we look through it
//         for the few that are marked: all of that for each wake-up, though one of a thousand clients
//         spoke.
// Breaks  nothing, it only gets slower: with n clients each request costs n. And anything slow in the loop
//         is slow for everybody: try server.busy. Asking for room (POLLOUT) without having output would
//         never sleep.
// Seen    strace shows of a client that says a line, and goes:
//             poll([4, 7, 5, 6], 4, -1)     = 1   the listener (4), and what tells us of a stop
//             accept4(4) = 9, accept4(4)    = EAGAIN
//             poll([4, 7, 5, 6, 9], 5, -1)  = 1   the list has grown by one
//             recvfrom(9, "hello\n")        = 6
//             sendto(9, "HELLO\n")          = 6
//             poll([4, 7, 5, 6, 9], 5, -1)  = 1   its FIN is readable, too
//             recvfrom(9, "")               = 0
//             close(9)                      = 0   and the list is as short as before
// Try it  synscope serve --engine poll --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: poll([...], n), recvfrom, sendto
//         diff engine_poll.cpp engine_epoll_lt.cpp
#include <poll.h>

#include "net/engine/clients.hpp"

namespace synscope::engine {

namespace {

class PollEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        while (clients.serving()) {
            wait(run, clients);
            while (Client* client = clients.next_due())
                clients.serve(*client);
        }
        return clients.outcome();
    }

  private:
    void watch(int fd, std::uint32_t events, Key key) {
        list_.push_back({fd, static_cast<short>(events), 0});  // poll() passes over a negative descriptor
        keys_.push_back(key);
    }

    /// The list is ours, and is written anew each time: that is simpler than keeping it, and as much work as
    /// the kernel has with it.
    void wait(const Run& run, Clients& clients) {
        list_.clear();
        keys_.clear();
        for (const auto& [fd, socket, key] : clients.standing())
            watch(fd, POLLIN, key);
        for (const auto& [id, client] : clients.all())
            watch(client.socket.fd.get(), interest(client), key_of(client));

        const CallResult ready = run.calls.poll(list_, -1);
        if (!ready.ok()) return;  // a signal
        for (std::size_t i = 0; i < list_.size(); ++i)
            if (list_[i].revents != 0)
                clients.heard(keys_[i], static_cast<std::uint32_t>(list_[i].revents), ReadinessVia::Poll);
    }

    std::vector<pollfd> list_;
    std::vector<Key> keys_;  ///< of the same places in list_
};

}  // namespace

std::unique_ptr<Engine> make_poll() {
    return std::make_unique<PollEngine>();
}

}  // namespace synscope::engine
