// Engine `blocking`: one client at a time, with the calls of the first chapter.
//
// Model   one thread; it sleeps in accept(), then in recv() and send() of the one connection it serves.
// Calls   per connection accept, close; per request one recv and one send. Nothing can do it with fewer.
// Costs   nothing while it waits, and one sleeping thread is all there is.
// Breaks  the second client. It is connected (the kernel shook hands and queued it) and may even send, but
//         nobody reads until the first client has closed. One that connects and says nothing stops the
//         whole server. And a client that sends much before it reads anything: both ends then sleep in
//         send(), each waiting for the other.
// Try it  synscope serve --engine blocking --service upper --port 7000
//         nc 127.0.0.1 7000    in one terminal: type, it answers
//         nc 127.0.0.1 7000    in another: type, silence; end the first with Ctrl-C, and all is answered at
//         once
#include "net/engine/sleeping.hpp"

namespace synscope::engine {

namespace {

class BlockingEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        buffer_.resize(run.read_size);
        Result<void, OsError> outcome = accept_loop(run);
        run.calls.close(run.listener);
        return outcome;
    }

  private:
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
            serve_sleeping(run, socket, buffer_, Company::Alone);  // and nobody else meanwhile
        }
    }

    std::vector<std::byte> buffer_;
};

}  // namespace

std::unique_ptr<Engine> make_blocking() {
    return std::make_unique<BlockingEngine>();
}

}  // namespace synscope::engine
