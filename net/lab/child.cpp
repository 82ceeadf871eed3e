#include "net/lab/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "capture/trace/safe_file.hpp"

extern char** environ;

namespace synscope::lab {

namespace {

/// A descriptor that is itself a target number would be overwritten by an earlier dup2: such ones are moved
/// up first.
constexpr int kFirstSafeFd = 64;

Duration from_timeval(const timeval& t) {
    return Duration::seconds(t.tv_sec) + Duration::microseconds(t.tv_usec);
}

ProcessUsage from_rusage(const rusage& usage) {
    return {from_timeval(usage.ru_utime), from_timeval(usage.ru_stime),
            static_cast<std::uint64_t>(usage.ru_maxrss) * 1024, static_cast<std::uint64_t>(usage.ru_nvcsw),
            static_cast<std::uint64_t>(usage.ru_nivcsw)};
}

class FileActions {
  public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() {
        posix_spawn_file_actions_destroy(&actions_);
        for (const int fd : moved_)
            close(fd);
    }

    Result<void, OsError> pass(const std::vector<InheritedFd>& descriptors) {
        bool has_input = false;
        for (const InheritedFd& d : descriptors) {
            const int source = fcntl(d.parent_fd, F_DUPFD_CLOEXEC, kFirstSafeFd);
            if (source < 0) return failure(OsError{"fcntl", errno, "a descriptor for a child process"});
            moved_.push_back(source);
            posix_spawn_file_actions_adddup2(&actions_, source, d.child_fd);
            has_input = has_input || d.child_fd == STDIN_FILENO;
        }
        if (!has_input) posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        return {};
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
    std::vector<int> moved_;
};

/// Children start with no signal blocked, and with those that we ignore or catch as they were.
class Attributes {
  public:
    explicit Attributes(ProcessGroup group) {
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t defaults;
        sigemptyset(&defaults);
        for (const int number : {SIGPIPE, SIGINT, SIGTERM})
            sigaddset(&defaults, number);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        if (group == ProcessGroup::Own) flags |= POSIX_SPAWN_SETPGROUP;  // the group's number: its own
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }
    [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

}  // namespace

Result<Child, OsError> Child::start(const std::string& program, const std::vector<std::string>& arguments,
                                    const std::vector<InheritedFd>& descriptors, ProcessGroup group) {
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    FileActions actions;
    if (auto passed = actions.pass(descriptors); !passed) return failure(passed.error());
    const Attributes attributes{group};
    pid_t pid = -1;
    const int error =
        posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), argv.data(), environ);
    if (error != 0) return failure(OsError{"posix_spawn", error, program});
    return Child{pid};
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_), usage_(other.usage_) {}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(status_, other.status_);
    std::swap(usage_, other.usage_);
    return *this;
}

Child::~Child() {
    if (!running()) return;
    signal(SIGKILL);
    wait();
}

void Child::signal(int number) const noexcept {
    if (running()) kill(pid_, number);
}

ExitStatus Child::wait() noexcept {
    if (!running()) return status_;
    int raw = 0;
    pid_t reaped = -1;
    rusage usage{};
    while ((reaped = wait4(pid_, &raw, 0, &usage)) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    usage_ = from_rusage(usage);
    if (reaped < 0) return status_ = {1, 0};  // nobody can say how it ended: not well, then
    status_ = WIFSIGNALED(raw) ? ExitStatus{0, WTERMSIG(raw)} : ExitStatus{WEXITSTATUS(raw), 0};
    return status_;
}

Result<Pipe, OsError> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return failure(OsError{"pipe2", errno, ""});
    return Pipe{ends[0], ends[1]};
}

Result<int, OsError> nameless_file(const std::string& text) {
    const int fd = memfd_create("synscope", MFD_CLOEXEC);
    if (fd < 0) return failure(OsError{"memfd_create", errno, ""});
    if (!trace::write_all(fd, std::string_view{text})) {
        const int error = errno;
        close(fd);
        return failure(OsError{"write", error, "a nameless file"});
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

}  // namespace synscope::lab
