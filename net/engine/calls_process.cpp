// The calls that make processes and wait for them.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "net/engine/traced.hpp"

namespace synscope::engine {

int fork_watched(Observer* observer) {
    if (observer != nullptr) observer->before_fork();
    const pid_t pid = ::fork();
    const int error = errno;
    if (pid == 0) renew_this_thread();
    if (observer != nullptr) observer->after_fork(pid == 0);
    errno = error;
    return pid;
}

void exit_watched(Observer* observer, int code) {
    if (observer != nullptr) observer->before_exit();
    ::_exit(code);
}

CallResult Calls::fork(Where where) {
    // What returns twice is recorded twice, each time by the thread to which it returned.
    return traced(Syscall::Fork, -1, nullptr, {}, where,
                  [&] { return std::int64_t{fork_watched(observer_)}; });
}

CallResult Calls::waitpid(int pid, int& status, int flags, Where where) {
    return traced(Syscall::Waitpid, -1, nullptr, {pid, flags}, where,
                  [&] { return std::int64_t{::waitpid(pid, &status, flags)}; });
}

CallResult Calls::ppoll(std::span<pollfd> fds, const sigset_t& blocked, Where where) {
    return traced(Syscall::Poll, -1, nullptr, {static_cast<std::int64_t>(fds.size()), -1}, where,
                  [&] { return std::int64_t{::ppoll(fds.data(), fds.size(), nullptr, &blocked)}; });
}

CallResult Calls::close_copy(Socket& s, Where where) {
    const int fd = s.fd.release();
    return traced(Syscall::Close, fd, nullptr, {}, where, [&] { return std::int64_t{::close(fd)}; });
}

}  // namespace synscope::engine
