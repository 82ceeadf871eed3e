#include "net/engine/children.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "net/base/text.hpp"

namespace synscope::engine {

namespace {

/// Its being caught, not what it does, ends a sleep.
void a_child_ended(int) {}

}  // namespace

Children::Children(const Run& run) : run_(run) {
    struct sigaction action {};
    action.sa_handler = a_child_ended;
    ::sigaction(SIGCHLD, &action, nullptr);
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, &asleep_);
    ::sigdelset(&asleep_, SIGCHLD);
    run_.stop.hear_by_signals();
}

Children::Side Children::fork(Where where) {
    const pid_t parent = ::getpid();
    const CallResult r = run_.calls.fork(where);
    if (!r.ok()) return Side::Failed;
    if (r.value > 0) {
        pids_.insert(static_cast<pid_t>(r.value));
        return Side::Parent;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) leave();  // it died before we could ask
    pids_.clear();
    std::signal(SIGCHLD, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &asleep_, nullptr);
    return Side::Child;
}

void Children::leave() const {
    exit_watched(run_.calls.observer(), 0);
}

bool Children::wait(int fd, Where where) {
    std::array<pollfd, 3> fds{
        {{fd, POLLIN, 0}, {run_.stop.fd(), POLLIN, 0}, {run_.stop.force_fd(), POLLIN, 0}}};
    // A stop that was heard stays readable.
    if (run_.stop.requested()) fds[1].fd = -1;
    const bool something = run_.calls.ppoll(fds, asleep_, where).value > 0;
    reap(where);
    if (!something) return false;
    if (fds[1].revents != 0) run_.stop.request(run_.calls);
    if (fds[2].revents != 0) run_.stop.force(run_.calls);
    return fds[0].revents != 0;
}

void Children::stop(Where where) {
    tell(kStopRequested);
    while (!pids_.empty()) {
        static_cast<void>(wait(-1, where));
        if (!run_.stop.forced()) continue;
        tell(kStopForced);
        // What a signal cannot end is not waited for (a child that computes, say).
        while (!pids_.empty()) {
            int status = 0;
            if (!run_.calls.waitpid(-1, status, 0, where).ok()) return;
        }
    }
}

void Children::reap(Where where) {
    while (!pids_.empty()) {
        int status = 0;
        const CallResult r = run_.calls.waitpid(-1, status, WNOHANG, where);
        if (r.value <= 0) return;
        pids_.erase(static_cast<pid_t>(r.value));
        if (WIFSIGNALED(status))
            run_.host.note(Severity::Warning,
                           concat("process ", r.value, " was ended by signal ", WTERMSIG(status)));
    }
}

void Children::tell(int signal) const {
    for (const pid_t pid : pids_)
        ::kill(pid, signal);
}

}  // namespace synscope::engine
