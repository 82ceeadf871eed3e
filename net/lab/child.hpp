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

  private:
    explicit Child(pid_t pid) : pid_(pid) {}
    pid_t pid_ = -1;
    ExitStatus status_;
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
