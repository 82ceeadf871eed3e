// Engine `select`: one thread, many clients, and two sets of descriptors at every call. The oldest way to
// wait for many (4.2BSD), and the one with a wall in it.
//
// Model   one event loop over nonblocking sockets. select() is given a bit for each descriptor that is
//         waited for, sleeps until one is ready, and overwrites the bits with who that is. Readiness is a
//         level: whoever is left unread is reported again.
// Calls   per connection accept4 and an accept4 = EAGAIN, close; per request select, recv, send.
// Costs   the sets. We fill them, the kernel looks at every bit up to the highest, and so do we, for each
//         wake-up.
// Breaks  a descriptor of 1024 (FD_SETSIZE) or more: there is no bit for it, and FD_SET would write beside
//         the set. Such a client is refused here. And anything slow in the loop is slow for everybody.
// Try it  synscope serve --engine select --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: pselect6(n, [...]), which libc makes of select(); recvfrom,
//         sendto
#include <poll.h>
#include <sys/select.h>

#include <algorithm>
#include <cerrno>

#include "net/engine/clients.hpp"

namespace synscope::engine {

namespace {

class SelectEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run, FD_SETSIZE};
        if (const auto begun = clients.begin(); !begun) return begun;
        for (const auto& [fd, socket, key] : clients.standing())
            if (fd >= FD_SETSIZE) return failure(OsError{"select", EBADF, "the server's own descriptors"});
        while (clients.serving()) {
            wait(run, clients);
            while (Client* client = clients.next_due())
                clients.serve(*client);
        }
        return clients.outcome();
    }

  private:
    struct Watched {
        int fd;
        Key key;
    };

    void watch(int fd, std::uint32_t events, Key key) {
        if (fd < 0) return;
        if ((events & POLLIN) != 0) FD_SET(fd, &readable_);
        if ((events & POLLOUT) != 0) FD_SET(fd, &writable_);
        highest_ = std::max(highest_, fd);
        list_.push_back({fd, key});
    }

    /// The sets are filled anew each time, because select() overwrites them. It says "readable" for an error
    /// or a hang-up as well.
    void wait(const Run& run, Clients& clients) {
        FD_ZERO(&readable_);
        FD_ZERO(&writable_);
        highest_ = -1;
        list_.clear();
        for (const auto& [fd, socket, key] : clients.standing())
            watch(fd, POLLIN, key);
        for (const auto& [id, client] : clients.all())
            watch(client.socket.fd.get(), interest(client), key_of(client));

        const CallResult ready = run.calls.select(highest_ + 1, readable_, writable_);
        if (!ready.ok()) return;  // a signal
        for (const auto& [fd, key] : list_) {
            const std::uint32_t in = FD_ISSET(fd, &readable_) ? POLLIN : 0;
            const std::uint32_t out = FD_ISSET(fd, &writable_) ? POLLOUT : 0;
            if ((in | out) != 0) clients.heard(key, in | out, ReadinessVia::Select);
        }
    }

    fd_set readable_;
    fd_set writable_;
    int highest_ = -1;
    std::vector<Watched> list_;
};

}  // namespace

std::unique_ptr<Engine> make_select() {
    return std::make_unique<SelectEngine>();
}

}  // namespace synscope::engine
