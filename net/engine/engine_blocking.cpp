// Engine `blocking`: one client at a time, with the calls of the first chapter.
//
// Model   one thread; it sleeps in accept(), then in recv() and send() of the one connection it serves.
// Calls   per connection accept, close; per request one recv and one send. Nothing can do it with fewer.
// Costs   nothing while it waits, and one sleeping thread is all there is.
// Breaks  the second client. It is connected (the kernel shook hands and queued it) and may even send, but
//         nobody reads until the first client has closed. One that connects and says nothing stops the whole
//         server. And a client that sends much before it reads anything: both ends then sleep in send(), each
//         waiting for the other.
// Try it  synscope serve --engine blocking --service upper --port 7000
//         nc 127.0.0.1 7000    in one terminal: type, it answers
//         nc 127.0.0.1 7000    in another: type, silence; end the first with Ctrl-C, and all is answered at
//         once
#include "net/engine/serving.hpp"

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
        while (!run.stop.requested()) {
            Socket socket;
            const Acceptance acceptance = next_client(run, spare, socket, 0);
            if (acceptance.status == AcceptStatus::Accepted) serve(run, socket);
            if (acceptance.status == AcceptStatus::Failed && !run.stop.requested())
                return failure(OsError{"accept", acceptance.error, run.listener.local.text()});
        }
        return {};
    }

    void serve(const Run& run, Socket& socket) {
        {
            const StopSignal::Interruptible interruptible{run.stop, run.calls, socket};
            const auto connection = run.host.open(socket);
            if (converse(run, socket, *connection)) connection->before_close();
        }
        run.calls.close(socket);
    }

    /// Until one of us has had enough; false when the connection broke.
    bool converse(const Run& run, Socket& socket, Connection& connection) {
        bool peer_is_done = false;
        for (;;) {
            // send() sleeps until there is room in the send buffer, and may still take less than all.
            if (write_output(run.calls, socket, connection) == Written::Broken) return false;
            // All is written. With the peer's end-of-file read there is nothing left to wait for.
            if (is_over(connection, peer_is_done)) return true;

            connection.before_read();
            const Io io = recv_some(run.calls, socket, buffer_);
            switch (io.status) {
                case IoStatus::Some:
                    connection.on_bytes(ByteSpan{buffer_}.first(io.count));
                    break;
                case IoStatus::End:
                    connection.on_eof();
                    peer_is_done = true;
                    break;
                case IoStatus::WouldBlock:  // a receive timeout, if somebody set one
                    break;
                case IoStatus::Failed:
                    return false;
            }
        }
    }

    std::vector<std::byte> buffer_;
};

}  // namespace

std::unique_ptr<Engine> make_blocking() {
    return std::make_unique<BlockingEngine>();
}

}  // namespace synscope::engine
