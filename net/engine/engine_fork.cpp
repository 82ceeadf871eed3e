// Engine `fork`: a process for each client, with the calls of the first chapter.
//
// Model   the parent sleeps until somebody is in the queue, accepts and forks. The child serves that one
//         client, asleep in recv() and send(), and exits. Both have a descriptor of each socket after
//         fork(), and each closes the one that is the other's business.
// Calls   per connection accept, fork, two closes too many, waitpid; per request one recv and one send.
// Costs   a process per client: fork() copies page tables, and a child that has answered has some 130 KiB of
//         memory of its own; the rest it shares until somebody writes to it.
// Breaks  a parent that keeps its copy of the connection: the client never gets its FIN, since the socket
//         is open as long as one descriptor is. One that does not wait for its children: each stays in the
//         process table as a zombie. And everything clients want of each other: no memory is common, so a
//         chat cannot be had this way.
// Seen    strace -f shows of a client that says a line, and goes (P: the parent, C: the child):
//             P  ppoll([4, 5, 6])         = 1   the listener, and what tells us of a stop
//             P  accept4(4)               = 8
//             P  clone(SIGCHLD)           = C   and at once close(8), and ppoll() again
//             C  close(4)                 = 0   the listener is the parent's business
//             C  recvfrom(8, "hello\n")   = 6
//             C  sendto(8, "HELLO\n")     = 6
//             C  recvfrom(8, "")          = 0   and close(8), exit_group(0)
//             P  ppoll()                  = EINTR, SIGCHLD: wait4(-1, WNOHANG) = C
// Gains   a client that crashes its process harms nobody.
// Try it  synscope serve --engine fork --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         pstree -p PID        a process for each of them; kill one, and one client goes
#include "net/engine/children.hpp"
#include "net/engine/sleeping.hpp"

namespace synscope::engine {

namespace {

class ForkEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Children children{run};
        const Result<void, OsError> outcome = accept_loop(run, children);
        run.calls.close(run.listener);
        children.stop();
        return outcome;
    }

  private:
    static Result<void, OsError> accept_loop(const Run& run, Children& children) {
        // A client that was reported may be gone when we turn to it, and accept() would sleep.
        if (const auto r = run.calls.set_nonblocking(run.listener); !r.ok())
            return failure(OsError{"fcntl", r.error, "O_NONBLOCK"});
        SpareDescriptor spare;
        while (!run.stop.requested()) {
            if (!children.wait(run.listener.fd.get())) continue;
            Socket socket;
            const Acceptance next = next_client(run, spare, socket, 0);
            if (next.status == AcceptStatus::Accepted) give_to_child(run, children, socket);
            if (next.status == AcceptStatus::Failed)
                return failure(OsError{"accept", next.error, run.listener.local.text()});
        }
        return {};
    }

    static void give_to_child(const Run& run, Children& children, Socket& socket) {
        switch (children.fork()) {
            case Children::Side::Child: {
                run.calls.close_copy(run.listener);
                std::vector<std::byte> buffer(run.read_size);
                serve_sleeping(run, socket, buffer, Company::Alone);
                children.leave();
            }
            case Children::Side::Parent:
                run.calls.close_copy(socket);
                return;
            case Children::Side::Failed:
                run.host.note(Severity::Warning, "no process left: a connection was closed unserved");
                run.calls.close(socket);
                return;
        }
    }
};

}  // namespace

std::unique_ptr<Engine> make_fork() {
    return std::make_unique<ForkEngine>();
}

}  // namespace synscope::engine
