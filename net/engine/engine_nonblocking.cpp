// Engine `nonblocking`: one thread, many clients, and no call that waits: it asks everybody, again and
// again.
//
// Model   one loop over nonblocking sockets. accept4() and recv() answer at once: with something, or with
//         EAGAIN, which says "not now". So the loop goes round and asks the listener and each client in
//         turn.
// Calls   per round an accept4 and one recv per client, nearly all of them in vain; per request one recv
//         and one send that are not. The events count the EAGAINs.
// Costs   a whole core while nobody says anything. To keep a lecture's computer cool, the loop yields after
//         a round in vain, and after kRoundsInVain of them in a row takes naps of 1 ms (a poll() of
//         nothing).
// Breaks  batteries, neighbours on the same core, and with many clients the answer's delay: with n of them
//         a request waits for n questions. "Readiness" is what is missing: select() was made for it.
// Seen    strace shows, with two clients that are silent until one of them says a line:
//             accept4(4)                 = EAGAIN   nobody new
//             recvfrom(11)               = EAGAIN
//             recvfrom(12)               = EAGAIN
//             sched_yield()              = 0        and so a hundred times, then with a nap in between:
//             poll(NULL, 0, 1)           = 0
//             recvfrom(11, "hello\n")    = 6        asked at the right moment
//             sendto(11, "HELLO\n")      = 6
//             recvfrom(12)               = EAGAIN   the other one has its turn all the same
//         strace -c counts, for one client that comes, says one line and stays, in two seconds: 1,324
//         accept4 and 980 recvfrom, of which one each brought something, naps and all. `epoll-lt` did it
//         with 2 accept4, 1 recvfrom and 2 epoll_wait.
// Next    `select` and all that follow it ask the kernel once for everybody, and sleep until it knows of
//         somebody: the same loop, with one question that is never in vain.
// Learn   This is what O_NONBLOCK alone gives: no call holds the loop up, so one thread can have many
//         clients, and a silent one harms nobody. What it does not give is sleep.
// Try it  synscope serve --engine nonblocking --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -c -p PID     the errors are the questions in vain
#include <sched.h>

#include "net/engine/clients.hpp"

namespace synscope::engine {

namespace {

constexpr int kRoundsInVain = 100;

class NonblockingEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        for (int in_vain = 0; clients.serving();) {
            in_vain = round(run, clients) ? 0 : in_vain + 1;
            if (in_vain > kRoundsInVain)
                run.calls.poll({}, 1);
            else if (in_vain > 0)
                ::sched_yield();
        }
        return clients.outcome();
    }

  private:
    /// Asks everybody once. False when nobody had anything.
    static bool round(const Run& run, Clients& clients) {
        bool any = clients.accept_all();
        clients.heard(kWake, 0, {});  // ask, too: nobody told us
        if (run.stop.requested()) clients.heard(kStop, 0, {});
        for (auto& [id, client] : clients.all()) {
            client.readable = client.writable = true;  // so we believe, until EAGAIN
            clients.make_due(client);
        }
        while (Client* client = clients.next_due())
            any |= clients.serve(*client) != Clients::Turn::InVain;
        return any;
    }
};

}  // namespace

std::unique_ptr<Engine> make_nonblocking() {
    return std::make_unique<NonblockingEngine>();
}

}  // namespace synscope::engine
