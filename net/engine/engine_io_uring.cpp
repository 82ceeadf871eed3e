// Engine `io_uring`: one thread, many clients, and the kernel makes the calls. We say what we want, and
// hear what came of it; "ready" is a word that does not occur.
//
// Model   completions instead of readiness. One accept stands for all clients to come, one receive for all
//         that a client will ever send (multishot); the kernel takes a buffer of the common pool when bytes
//         are there.
// Calls   per turn one io_uring_enter, however many clients had something; per request one send, made
//         directly: it nearly always has room, and then the answer leaves now and not with the next enter.
// Costs   the pool (kBuffers buffers, of which only used pages are memory), and two queues. A silent client
//         holds no buffer.
// Breaks  back-pressure comes late: what the kernel has received before we cancel is ours to keep. And a
//         descriptor that we close lives on while the kernel still works for us on it: cancel first, close
//         after the last completion, or the peer never sees a FIN.
// Older   kernels (before 6.0), or a pool that is refused: the ring only reports "readable", and accept and
//         recv are calls of our own.
// Try it  synscope serve --engine io_uring --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: io_uring_enter, sendto, io_uring_enter. Nobody calls recv.
#include "net/engine/engine_io_uring.hpp"

#include <poll.h>

#include <unordered_map>

#include "net/engine/serving.hpp"

namespace synscope::engine {

namespace {

constexpr unsigned kSubmissions = 256;
constexpr unsigned short kBuffers = 1024;
/// The kernel takes a buffer before it knows whose bytes will be in it, so all are of one, modest size.
constexpr std::size_t kMostBuffer = 16384;

/// What a completion is about, in the low bits of its name; above them the socket's id (which is never used
/// twice, unlike a descriptor).
enum class About : std::uint8_t { Cancel, Clients, Input, Room, Wake, Stop };
constexpr unsigned kAboutBits = 3;
constexpr std::uint64_t name_of(About about, SocketId id = {}) {
    return std::uint64_t{id.value} << kAboutBits | static_cast<std::uint64_t>(about);
}

struct Client {
    Socket socket;
    std::unique_ptr<Connection> connection;  ///< null: it is gone but for its last completions
    bool receiving = false;                  ///< its input was asked for, and that has not ended
    bool cancelled = false;                  ///< ... but was taken back
    bool awaiting_room = false;              ///< the kernel will tell when its send buffer has room
    bool peer_is_done = false;
};

class IoUringEngine final : public Engine {
  public:
    explicit IoUringEngine(RingAbilities abilities) : can_(abilities) {}

    Result<void, OsError> run(const Run& run) override {
        outcome_ = start(run);
        while (outcome_ && !run.stop.forced() && (!stopping_ || !clients_.empty()))
            turn(run);
        // The kernel may be writing into our buffers: not before it has let go of every client.
        while (outcome_ && !clients_.empty()) {
            for (auto next = clients_.begin(); next != clients_.end();)
                drop(run, (next++)->second);
            if (!clients_.empty()) turn(run);
        }
        if (run.listener.fd) run.calls.close(run.listener);
        return outcome_;
    }

  private:
    Result<void, OsError> start(const Run& run) {
        if (const auto r = run.calls.ring_setup(ring_, kSubmissions); !r.ok())
            return failure(OsError{"io_uring_setup", r.error, {}});
        if (!ring_.provide_buffers(std::min(run.read_size, kMostBuffer), kBuffers))
            can_.multishot_receive = false;
        buffer_.resize(run.read_size);
        // For when we accept ourselves: until EAGAIN.
        if (const auto r = run.calls.set_nonblocking(run.listener); !r.ok())
            return failure(OsError{"fcntl", r.error, "O_NONBLOCK"});
        await_clients(run);
        ring_.poll(run.calls, run.host.wake_fd(), POLLIN, name_of(About::Wake));
        ring_.poll(run.calls, run.stop.fd(), POLLIN, name_of(About::Stop));
        ring_.poll(run.calls, run.stop.force_fd(), POLLIN, name_of(About::Stop));
        return {};
    }

    void turn(const Run& run) {
        const auto r = run.calls.ring_enter(ring_, 1);
        // EBUSY: more has come than fits into the queue. What is there makes room.
        if (!r.ok() && r.error != EINTR && r.error != EBUSY && r.error != EAGAIN)
            outcome_ = failure(OsError{"io_uring_enter", r.error, {}});
        ring_.for_each_completion([&](const io_uring_cqe& completion) {
            dispatch(run, completion);
            ring_.give_back(completion);
        });
    }

    void dispatch(const Run& run, const io_uring_cqe& completion) {
        const auto about = static_cast<About>(completion.user_data & ((1u << kAboutBits) - 1));
        const SocketId id{static_cast<std::uint32_t>(completion.user_data >> kAboutBits)};
        const auto client = clients_.find(id);
        if (about == About::Clients) {
            clients_came(run, completion);
        } else if (about == About::Wake) {
            for (const SocketId woken : run.host.take_woken())
                if (const auto found = clients_.find(woken);
                    found != clients_.end() && found->second.connection) {
                    found->second.connection->collect();
                    serve(run, found->second);
                }
            ring_.poll(run.calls, run.host.wake_fd(), POLLIN, name_of(About::Wake));
        } else if (about == About::Stop) {  // once for the request, perhaps once more for force
            run.stop.look(run.calls);
            if (!stopping_) begin_stop(run);
        } else if (about == About::Input && client != clients_.end()) {
            input_came(run, client->second, completion);
        } else if (about == About::Room && client != clients_.end()) {
            client->second.awaiting_room = false;
            if (client->second.connection)
                serve(run, client->second);
            else
                drop(run, client->second);
        }
    }

    void await_clients(const Run& run) {
        if (can_.multishot_accept)
            ring_.accept(run.calls, run.listener.fd.get(), name_of(About::Clients));
        else
            ring_.poll(run.calls, run.listener.fd.get(), POLLIN, name_of(About::Clients));
    }

    void clients_came(const Run& run, const io_uring_cqe& completion) {
        Socket socket;
        if (can_.multishot_accept && completion.res >= 0) {
            run.calls.ring_accepted(run.listener, socket, completion.res);
            admit(run, std::move(socket));
        }
        if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
        if (stopping_) return run.calls.close(run.listener), void();
        // EINVAL: the kernel is older than that. Out of descriptors, a multishot accept would fail at once
        // again and again, with nobody in the queue; a question waits. The way back is not worth a line.
        if (completion.res < 0) can_.multishot_accept = false;
        if (!can_.multishot_accept) accept_all(run);
        await_clients(run);
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
        Client& client = clients_[accepted.id];
        client.socket = std::move(accepted);
        if (stopping_) return drop(run, client);
        client.connection = run.host.open(client.socket);
        serve(run, client);
    }

    void input_came(const Run& run, Client& client, const io_uring_cqe& completion) {
        if ((completion.flags & IORING_CQE_F_MORE) == 0) client.receiving = client.cancelled = false;
        if (!client.connection) return drop(run, client);
        // No news of the peer: taken back, no buffer was left, or the kernel is older than that. Ask again.
        const int told = -completion.res;
        if (told == EINVAL) can_.multishot_receive = false;
        if (told == EINVAL || told == ECANCELED || told == ENOBUFS) return serve(run, client);

        client.connection->before_read();
        ByteSpan bytes = ring_.received(completion);
        bool failed = false;
        if (can_.multishot_receive) {
            failed = !run.calls.ring_received(client.socket, ring_.buffer_size(), completion.res).ok();
        } else {  // we were told that it is readable, or broken, and the call says which
            run.calls.ready(client.socket, static_cast<std::uint32_t>(completion.res), ReadinessVia::Cqe);
            const Io io = recv_some(run.calls, client.socket, buffer_);
            if (io.status == IoStatus::WouldBlock) return serve(run, client);
            failed = io.status == IoStatus::Failed;
            bytes = ByteSpan{buffer_}.first(io.count);
        }
        if (failed) return drop(run, client);
        client.peer_is_done = bytes.empty();
        if (client.peer_is_done)
            client.connection->on_eof();
        else
            client.connection->on_bytes(bytes);
        serve(run, client);
    }

    void serve(const Run& run, Client& client) {
        Connection& connection = *client.connection;
        const SocketId id = client.socket.id;
        if (!client.awaiting_room) {
            const Written written = write_output(run.calls, client.socket, connection, kSendsPerTurn);
            if (written == Written::Broken) return drop(run, client);
            client.awaiting_room = written == Written::Later || written == Written::Enough;
            if (client.awaiting_room)
                ring_.poll(run.calls, client.socket.fd.get(), POLLOUT, name_of(About::Room, id));
        }
        if (is_over(connection, client.peer_is_done)) {
            connection.before_close();
            return drop(run, client);
        }
        const bool wanted = takes_input(connection) && !client.peer_is_done;
        if (wanted && !client.receiving) {
            client.receiving = true;
            if (can_.multishot_receive)
                ring_.receive(run.calls, client.socket.fd.get(), name_of(About::Input, id));
            else
                ring_.poll(run.calls, client.socket.fd.get(), POLLIN, name_of(About::Input, id));
        } else if (!wanted && client.receiving) {
            take_back(run, client);
        }
    }

    void take_back(const Run& run, Client& client) {
        if (client.cancelled) return;
        client.cancelled = true;
        ring_.cancel(run.calls, name_of(About::Input, client.socket.id), name_of(About::Cancel));
    }

    /// The listener and each client hear end-of-file, which completes what was asked for of them.
    void begin_stop(const Run& run) {
        stopping_ = true;
        run.calls.shutdown(run.listener, SHUT_RD);
        for (auto& [id, client] : clients_)
            if (client.connection && !client.peer_is_done) run.calls.shutdown(client.socket, SHUT_RD);
    }

    /// At once where nothing is asked for of it, else with the last completion.
    void drop(const Run& run, Client& client) {
        const SocketId id = client.socket.id;
        client.connection.reset();
        if (client.receiving) take_back(run, client);
        if (client.awaiting_room) ring_.cancel(run.calls, name_of(About::Room, id), name_of(About::Cancel));
        if (client.receiving || client.awaiting_room) return;
        run.calls.close(client.socket);
        clients_.erase(id);
    }

    RingAbilities can_;
    Ring ring_;
    SpareDescriptor spare_;
    std::vector<std::byte> buffer_;                 ///< for our own recv()
    std::unordered_map<SocketId, Client> clients_;  ///< stable addresses: connections refer to their socket
    Result<void, OsError> outcome_;
    bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_io_uring(RingAbilities abilities) {
    return std::make_unique<IoUringEngine>(abilities);
}
std::unique_ptr<Engine> make_io_uring() {
    return make_io_uring(RingAbilities{});
}
std::optional<std::string> io_uring_unavailable() {
    return why_no_ring();
}

}  // namespace synscope::engine
