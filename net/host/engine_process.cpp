#include "net/host/engine_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "net/base/text.hpp"

namespace synscope::host {

namespace {

/// An OsError in one piece, short enough for a pipe to take it at once.
struct Failure {
    int error = 0;
    std::array<char, 64> operation{};
    std::array<char, 192> detail{};
};

template <std::size_t Size>
void put(std::array<char, Size>& into, const std::string& text) {
    text.copy(into.data(), Size - 1);
}

void keep_only(std::vector<int> kept) {
    std::sort(kept.begin(), kept.end());
    unsigned next = STDERR_FILENO + 1;
    for (const int fd : kept) {
        const auto keep = static_cast<unsigned>(fd);
        if (fd < 0 || keep < next) continue;
        if (keep > next) ::close_range(next, keep - 1, 0);
        next = keep + 1;
    }
    ::close_range(next, ~0u, 0);
}

[[noreturn]] void live(const EngineProcess::Work& work, int outcome_fd, engine::Observer* observer) {
    const auto done = work();
    if (!done) {
        Failure failure;
        failure.error = done.error().error;
        put(failure.operation, done.error().operation);
        put(failure.detail, done.error().detail);
        [[maybe_unused]] const auto written = ::write(outcome_fd, &failure, sizeof failure);
    }
    // Nothing is destroyed here: it is all a copy of what the first process still uses.
    engine::exit_watched(observer, 0);
}

}  // namespace

Result<EngineProcess, OsError> EngineProcess::begin(const Work& work, std::span<const int> kept,
                                                    engine::Observer* observer) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure(OsError{"pipe2", errno, "the engine's process"});
    engine::UniqueFd reading{ends[0]};
    const engine::UniqueFd writing{ends[1]};
    const pid_t parent = ::getpid();
    const pid_t pid = engine::fork_watched(observer);
    if (pid < 0) return failure(OsError{"fork", errno, "the engine's process"});
    if (pid > 0) return EngineProcess{pid, std::move(reading)};

    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before we could ask
    std::vector<int> all(kept.begin(), kept.end());
    all.push_back(writing.get());
    keep_only(std::move(all));
    live(work, writing.get(), observer);
}

Result<void, OsError> EngineProcess::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0)
        if (errno != EINTR) return failure(OsError{"waitpid", errno, "the engine's process"});
    if (WIFSIGNALED(status))
        return failure(OsError{concat("the engine's process was ended by signal ", WTERMSIG(status)), 0, {}});
    Failure why;
    const int flags = ::fcntl(outcome_.get(), F_GETFL);
    ::fcntl(outcome_.get(), F_SETFL, flags | O_NONBLOCK);
    if (::read(outcome_.get(), &why, sizeof why) != static_cast<ssize_t>(sizeof why)) return {};
    return failure(OsError{why.operation.data(), why.error, why.detail.data()});
}

}  // namespace synscope::host
