#pragma once
// A regular file mapped for reading, that another program may cut short at any time.
//
// Reading a page that the file no longer has raises SIGBUS. A handler, installed with the first mapping, puts
// zeros in its place and notes the offset, so that the reader goes on and then asks intact(). A SIGBUS that
// has nothing to do with a mapping of ours goes to whoever had it before. Thread rule: any thread may read
// the bytes and ask; one thread owns the object.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::source {

class MappedFile {
  public:
    /// Maps the first `size` bytes (more than 0). Takes `fd` over when it succeeds.
    [[nodiscard]] static Result<std::unique_ptr<MappedFile>, OsError> map(int fd, std::size_t size);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] ByteSpan bytes() const noexcept { return bytes_; }
    /// So many bytes from the front are the file's own; what lies beyond was, or may have been, cut off, and
    /// reads as zeros. Ask after reading: a system call. Never grows.
    [[nodiscard]] std::uint64_t intact() const noexcept;

    struct Range;  // of the registry that the signal handler reads

  private:
    MappedFile(int fd, ByteSpan bytes, Range* range) : fd_(fd), bytes_(bytes), range_(range) {}

    int fd_;
    ByteSpan bytes_;
    Range* range_;
};

}  // namespace synscope::source
