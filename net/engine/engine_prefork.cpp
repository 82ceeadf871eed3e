// Engine `prefork`: a fixed number of processes, made before the first client comes, that all accept.
//
// Model   kPoolSize (4) workers share the listener; each sleeps in accept(), serves its client in blocking
//         calls, and accepts again. The kernel wakes one of them for each client. The parent does nothing
//         but replace a worker that died.
// Calls   per connection accept, close; per request one recv and one send: no fork where a client waits.
// Costs   the workers, all the time, some 130 KiB of memory of its own each.
// Breaks  the fifth client: it is connected, may even send, and waits until a worker has time. Four that
//         say nothing stop the whole server. And clients of different workers have no memory in common.
// Seen    strace -f shows four clone(SIGCHLD), and in each worker an accept4(4) that sleeps. A client wakes
//         the one that has slept longest; the others sleep on:
//             W1  accept4(4) = 8     recvfrom(8, "hello\n") = 6     sendto(8, "HELLO\n") = 6
//             W2  accept4(4) = 8     the second client: the same number, in another process
//             W1  recvfrom(8, "") = 0, close(8), accept4(4)    back in the queue, behind the others
// Try it  synscope serve --engine prefork --service upper --port 7000
//         nc 127.0.0.1 7000    in five terminals: the fifth is answered when one of the others ends
//         ss -tnp sport = :7000    each client is held by another process
#include "net/engine/children.hpp"
#include "net/engine/sleeping.hpp"

namespace synscope::engine {

namespace {

/// Workers that die although nobody stopped them are replaced, but not for ever: whatever kills them may kill
/// each.
constexpr int kMostReplaced = 100;

class PreforkEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Children children{run};
        const Result<void, OsError> outcome = keep_up(run, children);
        run.calls.close_copy(run.listener);
        children.stop();
        return outcome;
    }

  private:
    static Result<void, OsError> keep_up(const Run& run, Children& children) {
        int made = 0;
        while (!run.stop.requested()) {
            while (children.count() < kPoolSize) {
                if (made++ == kMostReplaced)
                    return failure(OsError{"fork", 0, "the workers die again and again"});
                switch (children.fork()) {
                    case Children::Side::Child:
                        work(run);
                        children.leave();
                    case Children::Side::Parent:
                        break;
                    case Children::Side::Failed:
                        return failure(OsError{"fork", errno, "a worker"});
                }
            }
            static_cast<void>(children.wait(-1));
        }
        return {};
    }

    /// A worker's life.
    static void work(const Run& run) {
        const StopSignal::Interruptible interruptible{run.stop, run.calls, run.listener};
        SpareDescriptor spare;
        std::vector<std::byte> buffer(run.read_size);
        Socket socket;
        for (;;) {
            const auto came = accept_sleeping(run, spare, socket);
            if (!came || !*came) return;
            serve_sleeping(run, socket, buffer, Company::Alone);
        }
    }
};

}  // namespace

std::unique_ptr<Engine> make_prefork() {
    return std::make_unique<PreforkEngine>();
}

}  // namespace synscope::engine
