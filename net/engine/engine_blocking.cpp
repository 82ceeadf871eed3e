// Engine `blocking`: one client at a time, with the calls of the first chapter.
//
// Model   one thread; it sleeps in accept(), then in recv() and send() of the one connection it serves.
// Calls   per connection accept, close; per request one recv and one send. Nothing can do it with fewer.
// Costs   nothing while it waits, and one sleeping thread is all there is.
// Breaks  the second client. It is connected (the kernel shook hands and queued it) and may even send, but
//         nobody reads until the first client has closed. One that connects and says nothing stops the
//         whole server. And a client that sends much before it reads anything: both ends then sleep in
//         send(), each waiting for the other.
// Seen    strace shows of a client that says a line, and of a second one that comes a moment later:
//             accept4(4)                 = 11   asleep until somebody is in the queue
//             recvfrom(11, "hello\n")    = 6    asleep until the first one says something
//             sendto(11, "HELLO\n")      = 6    at once: there is room in the send buffer
//             recvfrom(11, "")           = 0    asleep until it has closed; the second one, connected all
//                                               the while, has been waiting since it came
//             close(11)                  = 0
//             accept4(4)                 = 11   at once: it is the first in the queue
//             recvfrom(11, "second\n")   = 7    at once: what it said has been in its receive buffer
//             sendto(11, "SECOND\n")     = 7
//             recvfrom(11, "")           = 0    until it has closed, too, and a third one would wait
//             close(11)                  = 0
//         as they see it, from left to right:
//             first    connect  hello  HELLO  (thinks)         close
//             second            connect  second  . . . . . . . . . .  SECOND
//             server   - the first one - - - - - - - - - - - - - - -  the second one - -
//         On the wire nothing tells the two apart: both SYNs are answered at once, and both lines are
//         acknowledged, since that is the kernel's doing. Only the second answer is late. So a capture alone
//         cannot show why; the calls beside it can.
// Queue   listen()'s backlog (--backlog) is how many may wait so. Beyond it the kernel drops SYNs, which
//         their senders repeat after a second, and again: it is slow, and nobody is refused. "ss -ltn" shows
//         how many wait as Recv-Q, and how many may as Send-Q.
// Stop    another thread shuts down the reading side of the listener and of the connection: accept4() is
//         then EINVAL, and recvfrom() brings what has come, and then end-of-file. So what a client has said
//         by then is still answered.
// Next    What helps the second client: somebody of its own (`thread`, `fork`, and pools of them), or a loop
//         in which no call waits for one client alone (`nonblocking`, and all that follow it).
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
