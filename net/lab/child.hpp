#pragma once
// Child processes of a run: started with posix_spawn (safe when the parent has threads), with exactly the
// descriptors named.
//
// Everything else we open is close-on-exec. A child that is not waited for is waited for by the destructor
// after SIGKILL, so no run leaves a zombie. Thread rule: each object belongs to one thread.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net/base/instant.hpp"
#include "net/base/result.hpp"

namespace synscope::lab {

/// `parent_fd` of this process becomes `child_fd` of the child. 0, 1 and 2 not named: 0 is /dev/null, 1 and 2
/// are ours.
struct InheritedFd {
    int child_fd = 0;
    int parent_fd = 0;
};

/// How a child ended: an exit code, or the signal that ended it.
struct ExitStatus {
    int code = 0;
    int signal = 0;
    [[nodiscard]] bool clean() const noexcept { return code == 0 && signal == 0; }
};

/// What a process has used, and those of its children that it has waited for.
struct ProcessUsage {
    Duration user;
    Duration system;
    std::uint64_t peak_bytes = 0;  ///< resident, of the largest process
    std::uint64_t wake_ups = 0;    ///< it slept, and was woken (voluntary context switches)
    std::uint64_t preempted = 0;   ///< another got its processor (involuntary ones)
};
/// Of a process that runs, its threads together, without children. Zeros when there is none.
[[nodiscard]] ProcessUsage usage_now(pid_t pid);

/// Whom the terminal's Ctrl-C reaches: a child in our process group too, one in its own only through us.
enum class ProcessGroup : std::uint8_t { Ours, Own };

class Child {
  public:
    /// `arguments` without the program's name.
    static Result<Child, OsError> start(const std::string& program, const std::vector<std::string>& arguments,
                                        const std::vector<InheritedFd>& descriptors,
                                        ProcessGroup group = ProcessGroup::Ours);
    Child() = default;
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    ~Child();

    [[nodiscard]] bool running() const noexcept { return pid_ > 0; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    void signal(int number) const noexcept;
    /// Waits until it ends. Calling it again returns the same.
    ExitStatus wait() noexcept;
    /// After wait().
    [[nodiscard]] const ProcessUsage& usage() const noexcept { return usage_; }

  private:
    explicit Child(pid_t pid) : pid_(pid) {}
    pid_t pid_ = -1;
    ExitStatus status_;
    ProcessUsage usage_;
};

/// A pipe whose ends are close-on-exec.
struct Pipe {
    int read_end = -1;
    int write_end = -1;
};
Result<Pipe, OsError> make_pipe();

/// A file without a name that holds `text`, positioned at its start: how a child is handed a scenario on
/// descriptor 0.
Result<int, OsError> nameless_file(const std::string& text);

}  // namespace synscope::lab
