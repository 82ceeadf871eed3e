// Engine `coroutine`: straight lines as with `blocking`, one thread as with `epoll-lt`. C++20 coroutines
// over epoll.
//
// Model   each client has a coroutine that reads as if it slept for the client alone. Where it would sleep,
//         it says co_await: the compiler has made the function into an object that remembers the place, the
//         thread goes back to epoll_wait(), and from there on with whoever is ready.
// Calls   as with `epoll-lt`: per connection accept4 and an accept4 = EAGAIN, one epoll_ctl, close; per
//         request epoll_wait, recv, send.
// Costs   a small block of memory per client (what the function remembers) instead of a thread's stack.
// Breaks  as with `blocking`, a client that sends much before it reads anything is not read while we wait
//         for room: a line of code does one thing after the other. The other clients are not held up. But
//         one blocking call anywhere in a coroutine stops all of them: try server.busy.
// Try it  synscope serve --engine coroutine --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: epoll_wait = 1, recvfrom, sendto
#include <coroutine>
#include <exception>

#include "net/engine/epoll_set.hpp"

namespace synscope::engine {

namespace {

/// What serve() returns: nothing. It begins at once, and its frame goes when it ends.
struct Detached {
    struct promise_type {
        Detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

class CoroutineEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        if (const auto begun = epoll_.begin(run, clients); !begun) return begun;
        while (clients.serving()) {
            epoll_.wait(run, clients, -1);
            while (Client* client = clients.next_due())
                go_on(run, clients, *client);
        }
        for (const auto& [id, coroutine] : asleep_)
            coroutine.destroy();
        return clients.outcome();
    }

  private:
    /// The life of a client, from the first line to the last.
    Detached serve(const Run& run, Clients& clients, Client& client) {
        Connection& connection = *client.connection;
        for (;;) {
            bool well = clients.write(client);
            if (!well) break;
            if (connection.demand().write) {
                well = co_await ready(run, client, EPOLLOUT);
                if (!well) break;
                continue;
            }
            // All is written. With the peer's end-of-file read there is nothing left to wait for.
            if (is_over(connection, client.peer_is_done)) {
                connection.before_close();
                break;
            }
            well = co_await ready(run, client, EPOLLIN);
            if (!well) break;
            if (!client.readable) continue;  // another connection left something to write

            connection.before_read();
            if (clients.read(client) == IoStatus::Failed) break;
            client.readable = false;  // more will be reported again
        }
        clients.drop(client);
    }

    /// What co_await does: has the kernel report `events` of the client, and puts the coroutine to sleep
    /// until somebody turns to the client again. Its result is false when the kernel could not be asked.
    struct Ready {
        CoroutineEngine& engine;
        const Run& run;
        Client& client;
        std::uint32_t events;
        bool well = true;

        [[nodiscard]] bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> coroutine) {
            well = engine.epoll_.watch(run, client, events);
            if (well) engine.asleep_[client.socket.id] = coroutine;
            return well;
        }
        [[nodiscard]] bool await_resume() const noexcept { return well; }
    };
    Ready ready(const Run& run, Client& client, std::uint32_t events) { return {*this, run, client, events}; }

    /// Wakes the client's coroutine, or begins it for a new client.
    void go_on(const Run& run, Clients& clients, Client& client) {
        const auto found = asleep_.find(client.socket.id);
        if (found == asleep_.end()) {
            serve(run, clients, client);
            return;
        }
        const std::coroutine_handle<> coroutine = found->second;
        asleep_.erase(found);
        coroutine.resume();
    }

    EpollSet epoll_;
    std::unordered_map<SocketId, std::coroutine_handle<>> asleep_;
};

}  // namespace

std::unique_ptr<Engine> make_coroutine() {
    return std::make_unique<CoroutineEngine>();
}

}  // namespace synscope::engine
