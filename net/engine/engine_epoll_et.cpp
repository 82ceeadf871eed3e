// Engine `epoll-et`: one thread, many clients, told only when something *changes*.
//
// Model   one event loop over nonblocking sockets. Edge-triggered: epoll reports once that bytes arrived,
//         not again that they are still there. So the loop reads until recv() says EAGAIN, and remembers
//         what it was told. While others wait it takes a short read (less than asked for) for the same
//         answer, as epoll(7) says one may; but not once the peer's end was reported, which lies behind the
//         bytes, nor urgent data, at which recv() stops, nor on a Unix socket.
// Calls   per connection accept4, one epoll_ctl, close; per request epoll_wait, recv, send, recv = EAGAIN
//         (for the last of those who were reported together; the others need none).
// Costs   that last recv, and a first wake-up for each connection, which reports that it is writable.
// Breaks  forgetting to drain: bytes left in the receive buffer are never reported again, client and server
//         wait for each other for ever. And anything slow in the loop is slow for everybody: try
//         server.busy.
// Fair    a client that sends without pause would be drained for ever; after kReadsPerTurn reads the others
//         have their turn, and the rest is *remembered* as due, since epoll will not bring it up. So it is
//         with writing.
// Seen    strace shows of a client that says a line, and goes:
//             epoll_wait(9)                  = 1   the listener
//             accept4(4) = 11, accept4(4)    = EAGAIN
//             epoll_ctl(9, ADD, 11, EPOLLIN|EPOLLPRI|EPOLLOUT|EPOLLRDHUP|EPOLLET)
//             epoll_wait(9)                  = 1   11: EPOLLIN|EPOLLOUT
//             recvfrom(11, "hello\n")        = 6
//             sendto(11, "HELLO\n")          = 6
//             recvfrom(11)                   = EAGAIN   drained: from here on news is an edge
//             epoll_wait(9)                  = 1   11: EPOLLIN|EPOLLOUT|EPOLLRDHUP
//             recvfrom(11, "")               = 0   its FIN
// Try it  synscope serve --engine epoll-et --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: epoll_wait, recvfrom = n, sendto, recvfrom = EAGAIN,
//                               epoll_wait
#include "net/engine/epoll_set.hpp"

namespace synscope::engine {

namespace {

constexpr int kReadsPerTurn = 16;
constexpr std::uint32_t kBothEdges = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

class EpollEtEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        if (const auto begun = epoll_.begin(run, clients); !begun) return begun;
        while (clients.serving()) {
            epoll_.wait(run, clients, clients.due() == 0 ? -1 : 0);
            // Who is cut off becomes due again, for the next time around.
            for (std::size_t n = clients.due(); n > 0; --n)
                serve(run, clients, *clients.next_due());
        }
        return clients.outcome();
    }

  private:
    void serve(const Run& run, Clients& clients, Client& client) {
        Connection& connection = *client.connection;
        // Both directions, once: "writable again" then comes by itself when a full send buffer drains.
        if (!epoll_.watch(run, client, kBothEdges)) return clients.drop(client);
        if (!clients.write(client)) return clients.drop(client);
        if (Clients::has_input(client)) connection.before_read();
        for (int reads = 0; Clients::has_input(client); ++reads) {
            if (reads == kReadsPerTurn) return clients.make_due(client);
            const IoStatus status = clients.read(client);  // EAGAIN: it is drained, and no longer readable
            if (status == IoStatus::Failed || !clients.write(client)) return clients.drop(client);
            // Others wait: a short read says the same as EAGAIN, and costs no call.
            if (clients.due() > 0 && Clients::is_drained(client)) client.readable = false;
        }
        if (client.writable && connection.demand().write)
            return clients.make_due(client);  // it had its share
        if (!is_over(connection, client.peer_is_done)) return;
        connection.before_close();
        clients.drop(client);
    }

    EpollSet epoll_;
};

}  // namespace

std::unique_ptr<Engine> make_epoll_et() {
    return std::make_unique<EpollEtEngine>();
}

}  // namespace synscope::engine
