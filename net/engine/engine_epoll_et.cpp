// Engine `epoll-et`: one thread, many clients, told only when something *changes*.
//
// Model   one event loop over nonblocking sockets. Edge-triggered: epoll reports once that bytes arrived, not
//         again that they are still there. So the loop reads until recv() says EAGAIN, and remembers what it
//         was told.
// Calls   per connection accept4, one epoll_ctl, close; per request epoll_wait, recv, send, recv = EAGAIN.
// Costs   that last recv, and a first wake-up for each connection, which reports that it is writable.
// Breaks  forgetting to drain: bytes left in the receive buffer are never reported again, client and server
//         wait for each other for ever. And anything slow in the loop is slow for everybody: try server.busy.
// Fair    a client that sends without pause would be drained for ever; after kReadsPerTurn reads the others
//         have their turn, and the rest is *remembered* as unfinished, since epoll will not bring it up.
// Try it  synscope serve --engine epoll-et --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: epoll_wait, recvfrom = n, sendto, recvfrom = EAGAIN, epoll_wait
#include <sys/epoll.h>

#include <array>
#include <deque>
#include <unordered_map>

#include "net/engine/serving.hpp"

namespace synscope::engine {

namespace {

constexpr int kReadsPerTurn = 16;
// epoll hands back a socket's id (32 bits), never its descriptor, which may be another's by then; or one of:
constexpr std::uint64_t kListener = std::uint64_t{1} << 32;
constexpr std::uint64_t kWake = kListener + 1;
constexpr std::uint64_t kStop = kListener + 2;
constexpr std::uint32_t kBothEdges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

struct Client {
    Socket socket;
    std::unique_ptr<Connection> connection;
    bool readable = false;  ///< told so, and no EAGAIN since
    bool writable = false;
    bool peer_is_done = false;
};

class EpollEtEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        buffer_.resize(run.read_size);
        outcome_ = start(run);
        while (outcome_ && !run.stop.forced() && (!stopping_ || !clients_.empty()))
            turn(run);
        while (!clients_.empty())
            drop(run, clients_.begin()->second);
        if (run.listener.fd) run.calls.close(run.listener);
        return outcome_;
    }

  private:
    Result<void, OsError> start(const Run& run) {
        if (const auto r = run.calls.epoll_create(epoll_); !r.ok())
            return failure(OsError{"epoll_create1", r.error, {}});
        // Nonblocking: we accept until EAGAIN, and the connection that was reported may be gone by then.
        if (const auto r = run.calls.set_nonblocking(run.listener); !r.ok())
            return failure(OsError{"fcntl", r.error, "O_NONBLOCK"});
        const bool watched = watch(run, run.listener.fd.get(), &run.listener, EPOLLIN | EPOLLET, kListener) &&
                             watch(run, run.host.wake_fd(), nullptr, EPOLLIN, kWake) &&
                             watch(run, run.stop.fd(), nullptr, EPOLLIN | EPOLLONESHOT, kStop) &&
                             watch(run, run.stop.force_fd(), nullptr, EPOLLIN | EPOLLONESHOT, kStop);
        if (!watched) return failure(OsError{"epoll_ctl", error_, {}});
        return {};
    }

    bool watch(const Run& run, int fd, const Socket* socket, std::uint32_t events, std::uint64_t data) {
        const auto r = run.calls.epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, socket, events, data);
        error_ = r.error;
        return r.ok();
    }

    void turn(const Run& run) {
        std::array<epoll_event, 64> events;
        const auto r = run.calls.epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                            unfinished_.empty() ? -1 : 0);
        for (std::int64_t i = 0; i < r.value; ++i)
            dispatch(run, events[static_cast<std::size_t>(i)]);
        for (std::size_t n = unfinished_.size(); n > 0; --n) {
            const auto client = clients_.find(unfinished_.front());
            unfinished_.pop_front();
            if (client != clients_.end()) serve(run, client->second);
        }
    }

    void dispatch(const Run& run, const epoll_event& event) {
        if (event.data.u64 == kListener && !stopping_) {  // not closed earlier in this batch
            run.calls.ready(run.listener, event.events, ReadinessVia::Epoll);
            accept_all(run);
        } else if (event.data.u64 == kWake) {
            for (const SocketId id : run.host.take_woken())
                if (const auto client = clients_.find(id); client != clients_.end()) {
                    client->second.connection->collect();
                    serve(run, client->second);
                }
        } else if (event.data.u64 == kStop) {  // once for the request, perhaps once more for force
            if (!stopping_) begin_stop(run);
        } else if (const auto found = clients_.find(SocketId{static_cast<std::uint32_t>(event.data.u64)});
                   event.data.u64 < kListener && found != clients_.end()) {
            Client& client = found->second;
            run.calls.ready(client.socket, event.events, ReadinessVia::Epoll);
            // An error or a hang-up is told by the next call, so it counts as both.
            client.readable |= (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
            client.writable |= (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
            serve(run, client);
        }
    }

    void accept_all(const Run& run) {
        for (;;) {
            Socket socket;
            const Acceptance next = next_client(run, spare_, socket, SOCK_NONBLOCK);
            if (next.status == AcceptStatus::Failed)
                outcome_ = failure(OsError{"accept4", next.error, run.listener.local.text()});
            if (next.status != AcceptStatus::Accepted) return;
            admit(run, std::move(socket));
        }
    }

    void admit(const Run& run, Socket&& accepted) {
        const SocketId id = accepted.id;
        Client& client = clients_[id];
        client.socket = std::move(accepted);
        client.connection = run.host.open(client.socket);
        // Both directions, once: "writable again" then comes by itself when a full send buffer drains.
        if (!watch(run, client.socket.fd.get(), &client.socket, kBothEdges, id.value)) drop(run, client);
    }

    void serve(const Run& run, Client& client) {
        Connection& connection = *client.connection;
        if (!write(run, client)) return drop(run, client);
        if (has_input(client)) connection.before_read();
        for (int reads = 0; has_input(client); ++reads) {
            if (reads == kReadsPerTurn) {
                unfinished_.push_back(client.socket.id);
                return;
            }
            const Io io = recv_some(run.calls, client.socket, buffer_);
            if (io.status == IoStatus::Failed) return drop(run, client);
            if (io.status == IoStatus::WouldBlock) client.readable = false;  // drained
            if (io.status == IoStatus::Some) connection.on_bytes(ByteSpan{buffer_}.first(io.count));
            if (io.status == IoStatus::End) {
                client.peer_is_done = true;
                connection.on_eof();
            }
            if (!write(run, client)) return drop(run, client);
        }
        if (!is_over(connection, client.peer_is_done)) return;
        connection.before_close();
        drop(run, client);
    }

    /// As far as we were told: epoll said so, and no recv() has said EAGAIN since.
    static bool has_input(const Client& client) {
        return client.readable && !client.peer_is_done && takes_input(*client.connection);
    }

    /// What the kernel does not take now waits for the edge "writable". False: the connection broke.
    static bool write(const Run& run, Client& client) {
        if (!client.writable) return true;
        const Written written = write_output(run.calls, client.socket, *client.connection);
        client.writable = written != Written::Later;
        return written != Written::Broken;
    }

    /// No new clients; the old ones hear end-of-file once what they sent is read, and go when it is answered.
    void begin_stop(const Run& run) {
        stopping_ = true;
        run.calls.close(run.listener);
        for (auto& [id, client] : clients_)
            if (!client.peer_is_done) run.calls.shutdown(client.socket, SHUT_RD);
    }

    void drop(const Run& run, Client& client) {
        const SocketId id = client.socket.id;
        client.connection.reset();
        run.calls.close(client.socket);  // which also takes it out of the epoll set
        clients_.erase(id);
    }

    UniqueFd epoll_;
    SpareDescriptor spare_;
    std::vector<std::byte> buffer_;
    std::unordered_map<SocketId, Client> clients_;  ///< stable addresses: connections refer to their socket
    std::deque<SocketId> unfinished_;               ///< readable, but their turn was over
    Result<void, OsError> outcome_;
    bool stopping_ = false;
    int error_ = 0;  ///< of the last watch()
};

}  // namespace

std::unique_ptr<Engine> make_epoll_et() {
    return std::make_unique<EpollEtEngine>();
}

}  // namespace synscope::engine
