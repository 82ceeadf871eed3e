// Engine `sigio`: one thread, many clients; the kernel sends a signal when something changes.
//
// Model   signal-driven input and output. Each socket is told to signal us (O_ASYNC), with a realtime signal
//         that is queued and says which descriptor and what (F_SETSIG), and this thread rather than the whole
//         process (F_SETOWN_EX). The signals are blocked and read from a signalfd, like any input.
// Calls   per connection accept4, four fcntl, close; per request poll, read, recv, send, recv = EAGAIN.
//         poll() is for the signalfd and three descriptors of ours, however many clients there are.
// Costs   a queued signal per change, also for the room that our own send() made when it is acknowledged.
// Breaks  the queue of signals is bounded (ulimit -i). When it is full, one plain SIGIO says that something
//         was lost but not what: then everybody is looked at. It reports changes, so like epoll-et it reads
//         until EAGAIN. A queued signal may be about a descriptor that has become another client's: it means
//         "look", never "there is". And data that came before we asked for signals gives none: look first.
// Try it  synscope serve --engine sigio --service upper --port 7000
//         nc 127.0.0.1 7000    in as many terminals as you like: all are answered
//         strace -p PID        a line typed: poll, read(signalfd), recvfrom, sendto, recvfrom = EAGAIN, poll
#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <csignal>

#include "net/engine/clients.hpp"

namespace synscope::engine {

namespace {

constexpr int kReadsPerTurn = 16;

/// The signals we live on, blocked in this thread while we do.
class BlockedSignals {
  public:
    BlockedSignals() {
        ::sigemptyset(&ours_);
        ::sigaddset(&ours_, which());
        ::sigaddset(&ours_, SIGIO);
        ::pthread_sigmask(SIG_BLOCK, &ours_, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    /// What is still queued is taken, or its default action would end the process.
    ~BlockedSignals() {
        const timespec now{};
        while (::sigtimedwait(&ours_, nullptr, &now) > 0) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    [[nodiscard]] static int which() { return SIGRTMIN + 1; }
    [[nodiscard]] const sigset_t& set() const { return ours_; }

  private:
    sigset_t ours_{};
    sigset_t before_{};
};

class SigioEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        const BlockedSignals signals;
        Clients clients{run};
        if (const auto begun = clients.begin(); !begun) return begun;
        UniqueFd queue{::signalfd(-1, &signals.set(), SFD_CLOEXEC | SFD_NONBLOCK)};
        if (!queue) return failure(OsError{"signalfd", errno, {}});
        if (const auto r = run.calls.signal_when_ready(run.listener, BlockedSignals::which()); !r.ok())
            return failure(OsError{"fcntl", r.error, "O_ASYNC"});
        clients.heard(kListener, POLLIN, ReadinessVia::Signal);  // who came before that gives no signal
        while (clients.serving()) {
            wait(run, clients, queue.get());
            // Who is cut off becomes due again, for the next time around.
            for (std::size_t n = clients.due(); n > 0; --n)
                serve(run, clients, *clients.next_due());
        }
        return clients.outcome();
    }

  private:
    void wait(const Run& run, Clients& clients, int queue) {
        std::array<pollfd, 5> fds{{{queue, POLLIN, 0}}};
        const auto standing = clients.standing();
        for (std::size_t i = 0; i < standing.size(); ++i)  // the listener gives signals; the rest cannot
            fds[i + 1] = {standing[i].key == kListener ? -1 : standing[i].fd, POLLIN, 0};
        if (run.calls.poll(fds, clients.due() == 0 ? -1 : 0).value <= 0) return;
        for (std::size_t i = 0; i < standing.size(); ++i) {
            if (fds[i + 1].revents == 0) continue;
            clients.heard(standing[i].key, static_cast<std::uint32_t>(fds[i + 1].revents),
                          ReadinessVia::Poll);
            // The end-of-file that a stop makes is our own doing: no signal comes for it.
            if (standing[i].key == kStop) look_at_all(clients);
        }
        if (fds[0].revents != 0) take_signals(run, clients, queue);
    }

    void take_signals(const Run& run, Clients& clients, int queue) {
        std::array<signalfd_siginfo, 64> signals;
        const CallResult got = run.calls.read_signals(queue, signals);
        for (std::size_t i = 0; got.ok() && i < static_cast<std::size_t>(got.value) / sizeof signals[0];
             ++i) {
            const signalfd_siginfo& signal = signals[i];
            if (signal.ssi_signo == static_cast<std::uint32_t>(SIGIO))
                look_at_all(clients);
            else if (signal.ssi_fd == run.listener.fd.get())
                clients.heard(kListener, signal.ssi_band, ReadinessVia::Signal);
            else if (const auto found = by_descriptor_.find(signal.ssi_fd); found != by_descriptor_.end())
                clients.heard(found->second, signal.ssi_band, ReadinessVia::Signal);
        }
    }

    /// Signals were lost, or do not come.
    static void look_at_all(Clients& clients) {
        clients.heard(kListener, POLLIN, ReadinessVia::Signal);
        for (const auto& [id, client] : clients.all())
            clients.heard(key_of(client), POLLIN | POLLOUT, ReadinessVia::Signal);
    }

    void serve(const Run& run, Clients& clients, Client& client) {
        Connection& connection = *client.connection;
        if (!client.watched) {  // new
            client.watched = 0;
            client.readable = true;
            by_descriptor_[client.socket.fd.get()] = key_of(client);
            if (!run.calls.signal_when_ready(client.socket, BlockedSignals::which()).ok())
                return clients.drop(client);
        }
        if (!clients.write(client)) return clients.drop(client);
        if (Clients::has_input(client)) connection.before_read();
        for (int reads = 0; Clients::has_input(client); ++reads) {
            if (reads == kReadsPerTurn) return clients.make_due(client);
            const IoStatus status = clients.read(client);  // EAGAIN: it is drained, and no longer readable
            if (status == IoStatus::Failed || !clients.write(client)) return clients.drop(client);
        }
        if (client.writable && connection.demand().write)
            return clients.make_due(client);  // it had its share
        if (!is_over(connection, client.peer_is_done)) return;
        connection.before_close();
        clients.drop(client);
    }

    /// The latest client of each: a signal names the descriptor and nothing else.
    std::unordered_map<int, Key> by_descriptor_;
};

}  // namespace

std::unique_ptr<Engine> make_sigio() {
    return std::make_unique<SigioEngine>();
}

}  // namespace synscope::engine
