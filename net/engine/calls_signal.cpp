// The calls of signal-driven input and output.
#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "net/engine/traced.hpp"

namespace synscope::engine {

CallResult Calls::signal_when_ready(Socket& s, int signal, Where where) {
    const int fd = s.fd.get();
    const auto set = [&](int command, auto value, std::int64_t shown) {
        return traced(Syscall::Fcntl, fd, &s, {command, shown}, where,
                      [&] { return std::int64_t{::fcntl(fd, command, value)}; });
    };
    f_owner_ex owner{F_OWNER_TID, static_cast<pid_t>(this_thread().value)};
    CallResult done = set(F_SETSIG, signal, signal);
    if (done.ok()) done = set(F_SETOWN_EX, &owner, owner.pid);
    if (done.ok()) done = set(F_SETFL, O_ASYNC | O_NONBLOCK, O_ASYNC | O_NONBLOCK);
    return done;
}

CallResult Calls::read_signals(int signals, std::span<signalfd_siginfo> into, Where where) {
    return traced(Syscall::Read, signals, nullptr, {static_cast<std::int64_t>(into.size_bytes())}, where,
                  [&] { return std::int64_t{::read(signals, into.data(), into.size_bytes())}; });
}

}  // namespace synscope::engine
