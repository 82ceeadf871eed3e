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

#include "net/engine/ring_clients.hpp"
#include "net/engine/serving.hpp"

namespace synscope::engine {

namespace {

constexpr unsigned kSubmissions = 256;

class IoUringEngine final : public Engine {
  public:
    explicit IoUringEngine(RingAbilities can)
        : multishot_accept_(can.multishot_accept), multishot_receive_(can.multishot_receive) {}

    Result<void, OsError> run(const Run& run) override {
        RingClients clients{ring_, run.calls, multishot_receive_};
        outcome_ = start(run, clients);
        while (outcome_ && !run.stop.forced() && (!stopping_ || !clients.empty()))
            turn(run, clients);
        // The kernel may be writing into our buffers: not before it has let go of every client.
        while (outcome_ && !clients.empty()) {
            clients.drop_all();
            if (!clients.empty()) turn(run, clients);
        }
        if (run.listener.fd) run.calls.close(run.listener);
        return outcome_;
    }

  private:
    Result<void, OsError> start(const Run& run, RingClients& clients) {
        if (const auto r = run.calls.ring_setup(ring_, kSubmissions); !r.ok())
            return failure(OsError{"io_uring_setup", r.error, {}});
        clients.begin(run.read_size);
        // For when we accept ourselves: until EAGAIN.
        if (const auto r = run.calls.set_nonblocking(run.listener); !r.ok())
            return failure(OsError{"fcntl", r.error, "O_NONBLOCK"});
        await_clients(run);
        ring_.poll(run.calls, run.host.wake_fd(), POLLIN, name_of(About::Wake));
        ring_.poll(run.calls, run.stop.fd(), POLLIN, name_of(About::Stop));
        ring_.poll(run.calls, run.stop.force_fd(), POLLIN, name_of(About::Stop));
        return {};
    }

    void turn(const Run& run, RingClients& clients) {
        const auto r = run.calls.ring_enter(ring_, 1);
        // EBUSY: more has come than fits into the queue. What is there makes room.
        if (!r.ok() && r.error != EINTR && r.error != EBUSY && r.error != EAGAIN)
            outcome_ = failure(OsError{"io_uring_enter", r.error, {}});
        ring_.for_each_completion([&](const io_uring_cqe& completion) {
            dispatch(run, clients, completion);
            ring_.give_back(completion);
        });
    }

    void dispatch(const Run& run, RingClients& clients, const io_uring_cqe& completion) {
        const About about = about_of(completion.user_data);
        RingClient* client = clients.find(socket_of(completion.user_data));
        if (about == About::Clients) {
            clients_came(run, clients, completion);
        } else if (about == About::Wake) {
            for (const SocketId woken : run.host.take_woken())
                if (client = clients.find(woken); client != nullptr && client->connection) {
                    client->connection->collect();
                    serve(run, clients, *client);
                }
            ring_.poll(run.calls, run.host.wake_fd(), POLLIN, name_of(About::Wake));
        } else if (about == About::Stop) {  // once for the request, perhaps once more for force
            run.stop.look(run.calls);
            if (!std::exchange(stopping_, true)) {
                run.calls.shutdown(run.listener, SHUT_RD);  // which completes what was asked for of it
                clients.end_input();
            }
        } else if (about == About::Input && client != nullptr) {
            input_came(run, clients, *client, completion);
        } else if (about == About::Room && client != nullptr) {
            client->awaiting_room = false;
            if (client->connection)
                serve(run, clients, *client);
            else
                clients.drop(*client);
        }
    }

    void await_clients(const Run& run) {
        if (multishot_accept_)
            ring_.accept(run.calls, run.listener.fd.get(), name_of(About::Clients));
        else
            ring_.poll(run.calls, run.listener.fd.get(), POLLIN, name_of(About::Clients));
    }

    void clients_came(const Run& run, RingClients& clients, const io_uring_cqe& completion) {
        Socket socket;
        if (multishot_accept_ && completion.res >= 0) {
            run.calls.ring_accepted(run.listener, socket, completion.res);
            admit(run, clients, std::move(socket));
        }
        if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
        if (stopping_) return run.calls.close(run.listener), void();
        // EINVAL: the kernel is older than that. Out of descriptors, a multishot accept would fail at once
        // again and again, with nobody in the queue; a question waits. The way back is not worth a line.
        if (completion.res < 0) multishot_accept_ = false;
        if (!multishot_accept_)
            outcome_ =
                accept_until_empty(run, spare_, [&](Socket&& next) { admit(run, clients, std::move(next)); });
        await_clients(run);
    }

    void admit(const Run& run, RingClients& clients, Socket&& accepted) {
        RingClient& client = clients.add(std::move(accepted));
        if (stopping_) return clients.drop(client);
        client.connection = run.host.open(client.socket);
        serve(run, clients, client);
    }

    void input_came(const Run& run, RingClients& clients, RingClient& client,
                    const io_uring_cqe& completion) {
        if ((completion.flags & IORING_CQE_F_MORE) == 0) client.receiving = client.cancelled = false;
        if (!client.connection) return clients.drop(client);
        if (!clients.has_news(completion)) return serve(run, clients, client);
        client.connection->before_read();
        ByteSpan bytes;
        switch (clients.take_input(client, completion, bytes)) {
            case IoStatus::Some:
                client.connection->on_bytes(bytes);
                break;
            case IoStatus::End:
                client.peer_is_done = true;
                client.connection->on_eof();
                break;
            case IoStatus::WouldBlock:
                break;
            case IoStatus::Failed:
                return clients.drop(client);
        }
        serve(run, clients, client);
    }

    void serve(const Run& run, RingClients& clients, RingClient& client) {
        Connection& connection = *client.connection;
        if (!client.awaiting_room) {
            const Written written = write_output(run.calls, client.socket, connection, kSendsPerTurn);
            if (written == Written::Broken) return clients.drop(client);
            if (written == Written::Later || written == Written::Enough) clients.await_room(client);
        }
        if (is_over(connection, client.peer_is_done)) {
            connection.before_close();
            return clients.drop(client);
        }
        const bool wanted = takes_input(connection) && !client.peer_is_done;
        if (wanted && !client.receiving) clients.await_input(client);
        if (!wanted && client.receiving) clients.take_back_input(client);
    }

    bool multishot_accept_;
    const bool multishot_receive_;
    Ring ring_;
    SpareDescriptor spare_;
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
