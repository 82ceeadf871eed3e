#include "net/lab/probes.hpp"

#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "capture/source/grant.hpp"
#include "net/base/text.hpp"
#include "net/lab/namespace.hpp"
#include "net/lab/programs.hpp"

extern char** environ;

namespace synscope::lab {
namespace {

constexpr const char* kCaptureProgram = "synscope-capture";

std::string error_text(int error) {
    return std::strerror(error);
}

std::optional<long> read_switch(const char* path) {
    std::ifstream file(path);
    long value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 512> piece;
    for (;;) {
        const ssize_t n = ::read(fd, piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// A program's standard error, and whether it ended with exit status 0.
struct Trial {
    bool succeeded = false;
    std::string complaint;  ///< without the last newline
};

Result<Trial, OsError> try_program(const std::string& path, std::array<const char*, 4> arguments) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return failure(OsError{"pipe2", errno, ""});
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
    // posix_spawn takes char* for history's sake and does not write to it.
    std::array<char*, 6> argv{};
    argv[0] = const_cast<char*>(path.c_str());
    for (std::size_t i = 0; i < arguments.size(); ++i)
        argv[i + 1] = const_cast<char*>(arguments[i]);
    pid_t child = -1;
    const int error = ::posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    Trial trial;
    if (error == 0) {
        trial.complaint = read_to_end(pipe[0]);
        const int status = wait_for(child);
        trial.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        while (!trial.complaint.empty() && trial.complaint.back() == '\n')
            trial.complaint.pop_back();
    }
    ::close(pipe[0]);
    if (error != 0) return failure(OsError{"posix_spawn", error, path});
    return trial;
}

}  // namespace

std::string_view probe_status_name(ProbeStatus status) noexcept {
    switch (status) {
        case ProbeStatus::Ok:
            return "ok";
        case ProbeStatus::Degraded:
            return "degraded";
        case ProbeStatus::Missing:
            return "missing";
    }
    return "";
}

Probe probe_capture_program(const std::string& capture_program) {
    Probe probe{"capture program", ProbeStatus::Ok, concat("found at ", capture_program), ""};
    if (::access(capture_program.c_str(), X_OK) == 0) return probe;
    const int error = errno;
    probe.status = ProbeStatus::Missing;
    probe.finding = concat(capture_program, ": ", error_text(error));
    if (error == EACCES)
        probe.remedy = "sudo usermod -aG synscope \"$USER\" (then log in again)";
    else
        probe.remedy = concat("install synscope as a whole: ", kCaptureProgram, " belongs beside synscope");
    return probe;
}

Probe probe_capture_rights(const std::string& capture_program, bool user_namespaces) {
    Probe probe{"capture rights", ProbeStatus::Ok, "synscope-capture may record this machine's interfaces",
                ""};
    if (::access(capture_program.c_str(), X_OK) != 0) {
        probe.status = ProbeStatus::Missing;
        probe.finding = concat("nothing records without synscope-capture (", error_text(errno), ")");
        return probe;
    }
    const auto trial = try_program(capture_program, {"--check", "-i", "lo", nullptr});
    if (trial && trial->succeeded) return probe;
    if (!trial)
        probe.finding = concat("cannot start synscope-capture: ", error_text(trial.error().error));
    else
        probe.finding = trial->complaint.empty() ? "synscope-capture cannot open lo" : trial->complaint;
    // Its own words end with the same command; once is enough.
    if (const auto hint = probe.finding.find("; "); hint != std::string::npos) probe.finding.resize(hint);
    probe.remedy = source::grant_command(capture_program);
    probe.status = user_namespaces ? ProbeStatus::Degraded : ProbeStatus::Missing;
    if (user_namespaces)
        append(probe.finding,
               ". Demo and lab use a network of their own; only recording a real interface needs it");
    return probe;
}

Probe probe_user_namespaces() {
    Probe probe{"user namespaces", ProbeStatus::Ok, "a network of our own can be made", ""};
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        probe.status = ProbeStatus::Missing;
        probe.finding = concat("pipe2: ", error_text(errno));
        return probe;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        const auto made = enter_own_network();
        std::string answer = made ? (*made == Isolation::UserAndNetwork ? "u" : "n") : "";
        if (!made) {
            const UserError told = explain_denial(made.error());
            answer = concat("!", told.what, ": ", told.where, '\n', told.hint);
        }
        (void)!::write(pipe[1], answer.data(), answer.size());
        ::_exit(0);
    }
    const int fork_error = errno;
    ::close(pipe[1]);
    const std::string answer =
        child > 0 ? read_to_end(pipe[0]) : concat("!fork: ", error_text(fork_error), '\n');
    ::close(pipe[0]);
    if (child > 0) wait_for(child);
    if (answer == "u") return probe;
    if (answer == "n") {
        probe.status = ProbeStatus::Degraded;
        probe.finding = "denied, but root makes a network of its own without";
        return probe;
    }
    const auto line = answer.find('\n');
    probe.status = ProbeStatus::Missing;
    probe.finding =
        line == std::string::npos ? "the attempt ended without an answer" : answer.substr(1, line - 1);
    if (line != std::string::npos) probe.remedy = answer.substr(line + 1);
    return probe;
}

Probe probe_tap() {
    constexpr const char* kTun = "/dev/net/tun";
    Probe probe{"TAP devices", ProbeStatus::Ok, concat(kTun, " opens: the lab can use its own Ethernet wire"),
                ""};
    const int fd = ::open(kTun, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        ::close(fd);
        return probe;
    }
    const int error = errno;
    probe.status = ProbeStatus::Degraded;
    probe.finding =
        concat(kTun, ": ", error_text(error), "; the lab uses pairs of virtual Ethernet devices instead");
    if (error == ENOENT || error == ENODEV)
        probe.remedy = "sudo modprobe tun";
    else if (error == EACCES || error == EPERM)
        probe.remedy = "sudo chmod 0666 /dev/net/tun (it grants nothing outside a namespace of one's own)";
    return probe;
}

Probe probe_io_uring() {
    Probe probe{"io_uring", ProbeStatus::Ok, "rings can be set up", ""};
    io_uring ring;
    const int status = ::io_uring_queue_init(4, &ring, 0);
    if (status == 0) {
        ::io_uring_queue_exit(&ring);
        return probe;
    }
    probe.status = ProbeStatus::Missing;
    probe.finding = concat("io_uring_setup: ", error_text(-status), "; the io_uring engines cannot run");
    if (status == -ENOSYS)
        probe.remedy = "a kernel with io_uring (5.1 or newer, CONFIG_IO_URING)";
    else if (read_switch("/proc/sys/kernel/io_uring_disabled").value_or(0) != 0)
        probe.remedy = "sudo sysctl kernel.io_uring_disabled=0";
    else if (status == -EPERM)
        probe.remedy =
            "a container forbids it (seccomp): let it allow io_uring_setup, io_uring_enter, "
            "io_uring_register";
    else if (status == -ENOMEM)
        probe.remedy = "more locked memory: ulimit -l";
    return probe;
}

std::vector<Probe> run_probes() {
    const std::string capture_program = capture_program_path();
    const Probe namespaces = probe_user_namespaces();
    return {probe_capture_program(capture_program),
            probe_capture_rights(capture_program, namespaces.status != ProbeStatus::Missing),
            namespaces,
            probe_tap(),
            probe_io_uring(),
            probe_display(),
            probe_fonts()};
}

}  // namespace synscope::lab
