// Engine `thread`: a thread for each client, with the calls of the first chapter.
//
// Model   one thread sleeps in accept(); each client has a thread of its own, which sleeps in recv() and
//         send() for it.
// Calls   per connection accept, close, and a thread (clone: some 20 us); per request one recv and one
//         send. With a service whose clients talk to each other a poll before each recv: a thread that
//         sleeps in recv() would not hear of what others have for its client.
// Costs   a stack per client (8 MiB of addresses, some 10 KiB of memory), and a context switch per request.
// Breaks  thousands of clients: the scheduler and the stacks. And anything that two clients share: from
//         here on it needs a lock, and a forgotten one shows once a month.
// Try it  synscope serve --engine thread --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         ps -T -p PID         a thread for each of them
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/engine/sleeping.hpp"

namespace synscope::engine {

namespace {

class ThreadEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        const Result<void, OsError> outcome = accept_loop(run);
        run.calls.close(run.listener);
        wait_for_all();
        return outcome;
    }

  private:
    struct Client {
        Socket socket;
        std::thread thread;
    };

    Result<void, OsError> accept_loop(const Run& run) {
        // While we sleep in accept(), a stop shuts the listener down; accept() then fails, now and ever
        // after.
        const StopSignal::Interruptible interruptible{run.stop, run.calls, run.listener};
        SpareDescriptor spare;
        for (;;) {
            Socket socket;
            const auto came = accept_sleeping(run, spare, socket);
            if (!came) return failure(came.error());
            if (!*came) return {};
            start(run, std::move(socket));
        }
    }

    void start(const Run& run, Socket&& accepted) {
        const std::lock_guard lock{mutex_};  // a client that is gone at once waits for its thread's name
        Client& client = clients_[accepted.id];
        client.socket = std::move(accepted);
        try {
            client.thread = std::thread{[this, &run, &client] { serve(run, client); }};
        } catch (const std::system_error&) {
            run.host.note(Severity::Warning, "no thread left: a connection was closed unserved");
            run.calls.close(client.socket);
            clients_.erase(client.socket.id);
        }
    }

    void serve(const Run& run, Client& client) {
        std::vector<std::byte> buffer(run.read_size);
        serve_sleeping(run, client.socket, buffer, Company::Others);
        leave(client.socket.id);
    }

    /// A thread cannot join itself, and one that nobody joins keeps its stack: so each that ends joins the
    /// one that ended before it.
    void leave(SocketId id) {
        std::thread before;
        {
            const std::lock_guard lock{mutex_};
            auto client = clients_.extract(id);
            before = std::exchange(last_, std::move(client.mapped().thread));
            if (clients_.empty()) all_gone_.notify_all();
        }
        if (before.joinable()) before.join();
    }

    void wait_for_all() {
        std::unique_lock lock{mutex_};
        all_gone_.wait(lock, [this] { return clients_.empty(); });
        if (last_.joinable()) last_.join();
    }

    std::mutex mutex_;
    std::condition_variable all_gone_;
    std::map<SocketId, Client> clients_;  ///< stable addresses; under mutex_, as is all that follows
    std::thread last_;                    ///< that ended; it is joined by the next
};

}  // namespace

std::unique_ptr<Engine> make_thread() {
    return std::make_unique<ThreadEngine>();
}

}  // namespace synscope::engine
