#pragma once
// A file that appears whole or not at all: written without a name, synced, then put in its place by rename.
//
// A file without a name (O_TMPFILE) is gone when the process is, however it ends: a signal leaves nothing
// behind. Where the file system has none, it has a temporary name beside its place, and a process that is
// killed leaves that. Thread rule: one thread.

#include <string>
#include <string_view>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::trace {

inline constexpr unsigned kPrivateMode = 0600;  ///< what may hold somebody's traffic
inline constexpr unsigned kSharedMode = 0666;   ///< pictures, settings; less the umask

/// A device or a pipe that exists is written to as it is. commit() puts it in place, anything else leaves
/// nothing behind.
class SafeFile {
  public:
    /// `mode` is lessened by the process's umask.
    static Result<SafeFile, UserError> create(const std::string& path, unsigned mode = kPrivateMode);
    SafeFile(SafeFile&& other) noexcept;
    SafeFile& operator=(SafeFile&&) = delete;
    ~SafeFile();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    Result<void, UserError> write(std::string_view bytes);
    Result<void, UserError> commit();

  private:
    enum class Kind { Device, Unnamed, Named };
    SafeFile(std::string path, Kind kind, std::string temporary, int fd);
    Result<void, UserError> link_and_rename();

    std::string path_;
    Kind kind_;
    std::string temporary_;  ///< of a Named one
    int fd_ = -1;
};

/// Writes all of it; false with errno set otherwise.
[[nodiscard]] bool write_all(int fd, ByteSpan bytes);
[[nodiscard]] bool write_all(int fd, std::string_view text);

/// Whether a file can be made there, tried now: to refuse before work begins. Pipes and devices are only
/// looked at.
[[nodiscard]] Result<void, UserError> check_writable(const std::string& path);

/// What a user is told about errno when `path` could not be written.
[[nodiscard]] UserError cannot_write(const std::string& path);

}  // namespace synscope::trace
