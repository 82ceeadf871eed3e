#include "net/host/command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/base/text.hpp"
#include "net/engine/socket.hpp"
#include "net/service/commands.hpp"

namespace synscope::host {

namespace {

void read_all(int fd, std::size_t most_bytes, CommandOutcome& outcome) {
    std::array<std::byte, 4096> piece;
    for (;;) {
        const ssize_t n = ::read(fd, piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        const std::size_t take = std::min(static_cast<std::size_t>(n), most_bytes - outcome.output.size());
        outcome.output.insert(outcome.output.end(), piece.begin(),
                              piece.begin() + static_cast<std::ptrdiff_t>(take));
        outcome.truncated |= take < static_cast<std::size_t>(n);
    }
}

}  // namespace

CommandOutcome run_command(const std::vector<std::string>& arguments, std::size_t most_bytes) {
    CommandOutcome outcome;
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        outcome.error = errno;
        return outcome;
    }
    const engine::UniqueFd reading{ends[0]};
    engine::UniqueFd writing{ends[1]};

    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(
            const_cast<char*>(argument.c_str()));  // posix_spawn's historic signature; it does not write
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // whatever we were started with
    pid_t pid = 0;
    outcome.error = arguments.empty()
                        ? ENOENT
                        : ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (outcome.error != 0) return outcome;

    writing = engine::UniqueFd{};
    read_all(reading.get(), most_bytes, outcome);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

std::vector<std::vector<std::string>> harmless_commands() {
    std::vector<std::vector<std::string>> out;
    for (const service::HarmlessCommand& command : service::harmless_command_list()) {
        std::vector<std::string>& entry = out.emplace_back();
        for (const std::string_view folder : {"/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"}) {
            const std::string path = concat(folder, command.program);
            if (::access(path.c_str(), X_OK) != 0) continue;
            entry.push_back(path);
            entry.insert(entry.end(), command.arguments.begin(), command.arguments.end());
            break;
        }
    }
    return out;
}

}  // namespace synscope::host
