#pragma once
// A file that appears whole or not at all: written under a temporary name beside its place, synced, renamed.
// Thread rule: one thread.

#include <string>
#include <string_view>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::trace {

/// A device or a pipe that exists is written to as it is. Of mode 0600; commit() puts it in place, anything
/// else leaves nothing behind.
class SafeFile {
  public:
    static Result<SafeFile, UserError> create(const std::string& path);
    SafeFile(SafeFile&& other) noexcept;
    SafeFile& operator=(SafeFile&&) = delete;
    ~SafeFile();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    Result<void, UserError> write(std::string_view bytes);
    Result<void, UserError> commit();

  private:
    SafeFile(std::string path, std::string temporary, int fd);
    std::string path_;
    std::string temporary_;
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
