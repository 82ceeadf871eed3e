// Engine `thread-pool`: a fixed number of threads, each of which serves one client at a time.
//
// Model   kPoolSize (4) threads that all want to accept(); one sleeps there, the others wait for its place.
//         Who got a client gives the place up, and sleeps in recv() and send() for that client until it has
//         gone.
// Calls   per connection accept, close; per request one recv and one send. No thread is made for a client.
// Costs   four stacks, however many come: the load is bounded, not the queue.
// Breaks  the fifth client waits as the second does with `blocking`, in the kernel's accept queue, and four
//         clients that connect and say nothing stop the whole server. A pool is for short conversations;
//         one that hands out *requests* instead of clients needs somebody who waits for all clients at
//         once: see `poll`.
// Seen    strace -f shows one accept4(4) that sleeps, and three threads in futex(). T1 gets a client, and
//         T2 is in accept4() before T1 has read the first byte:
//             T1  accept4(4) = 11    T2  accept4(4) asleep    T1  recvfrom(11, "hello\n") = 6
// Try it  synscope serve --engine thread-pool --service upper --port 7000
//         nc 127.0.0.1 7000    in five terminals: the fifth is answered when one of the others ends
#include <mutex>
#include <system_error>
#include <thread>

#include "net/engine/sleeping.hpp"

namespace synscope::engine {

namespace {

class ThreadPoolEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        {
            // A stop shuts the listener down: accept() then fails, for one thread after the other.
            const StopSignal::Interruptible interruptible{run.stop, run.calls, run.listener};
            std::vector<std::thread> workers;
            start(run, workers);
            for (std::thread& worker : workers)
                worker.join();
        }
        run.calls.close(run.listener);
        return outcome_;
    }

  private:
    void start(const Run& run, std::vector<std::thread>& workers) {
        workers.reserve(kPoolSize);
        try {
            while (workers.size() < kPoolSize)
                workers.emplace_back([this, &run] { work(run); });
        } catch (
            const std::system_error& error) {  // with some of them the server is slower, with none it is none
            run.host.note(Severity::Warning, "no thread left: the pool is smaller than it should be");
            if (workers.empty()) outcome_ = failure(OsError{"pthread_create", error.code().value(), {}});
        }
    }

    void work(const Run& run) {
        std::vector<std::byte> buffer(run.read_size);
        for (Socket socket; next(run, socket);)
            serve_sleeping(run, socket, buffer, Company::Others);
    }

    /// One thread at a time is in accept(): the kernel wakes one sleeper for a client, and the lock is
    /// shorter than the explanation of what it did on other systems. False when there will be no more.
    bool next(const Run& run, Socket& socket) {
        const std::lock_guard lock{accepting_};
        const auto came = accept_sleeping(run, spare_, socket);
        if (!came) outcome_ = failure(came.error());
        return came && *came;
    }

    std::mutex accepting_;
    SpareDescriptor spare_;          ///< under accepting_, as is the listener
    Result<void, OsError> outcome_;  ///< under accepting_ while there are workers
};

}  // namespace

std::unique_ptr<Engine> make_thread_pool() {
    return std::make_unique<ThreadPoolEngine>();
}

}  // namespace synscope::engine
