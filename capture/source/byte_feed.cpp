#include "capture/source/byte_feed.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "capture/source/byte_window.hpp"
#include "capture/source/mapped_file.hpp"
#include "capture/source/unpack.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

UserError io_error(std::string_view operation, int error, const std::string& name) {
    return {concat("cannot ", operation, " the capture: ", std::string_view(std::strerror(error))), name, ""};
}

class MemoryFeed : public ByteFeed {
  public:
    explicit MemoryFeed(ByteSpan bytes) : bytes_(bytes) {}
    Result<ByteSpan, UserError> peek(std::size_t) override { return bytes_.subspan(at_); }
    void skip(std::size_t count) override { at_ += std::min(count, bytes_.size() - at_); }
    std::uint64_t offset() const noexcept override { return at_; }
    bool mapped() const noexcept override { return true; }

  private:
    ByteSpan bytes_;
    std::size_t at_ = 0;
};

class MappedFeed final : public MemoryFeed {
  public:
    explicit MappedFeed(std::unique_ptr<MappedFile> file)
        : MemoryFeed(file->bytes()), file_(std::move(file)) {}
    std::uint64_t intact() const noexcept override { return file_->intact(); }

  private:
    std::unique_ptr<MappedFile> file_;
};

/// A pipe to its end, or a regular file to where it ended when it was opened. Owns the descriptor, unless it
/// is standard input.
class ReadFeed final : public ByteFeed {
  public:
    ReadFeed(int fd, std::string name, std::optional<std::uint64_t> size)
        : fd_(fd), name_(std::move(name)), size_(size) {}
    ReadFeed(const ReadFeed&) = delete;
    ReadFeed& operator=(const ReadFeed&) = delete;
    ~ReadFeed() override {
        if (fd_ != STDIN_FILENO) ::close(fd_);
    }

    Result<ByteSpan, UserError> peek(std::size_t count) override {
        while (window_.size() < count && !finished()) {
            MutableByteSpan room = window_.room();
            if (size_) room = room.first(std::min<std::uint64_t>(room.size(), *size_ - read_));
            const ssize_t n = ::read(fd_, room.data(), room.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return failure(io_error("read", errno, name_));
            if (n == 0 && size_)
                return failure(UserError{"the file was cut off while it was read",
                                         concat(name_, ", byte ", read_), "what came before it is kept"});
            ended_ = n == 0;
            window_.filled(static_cast<std::size_t>(n));
            read_ += static_cast<std::uint64_t>(n);
        }
        return window_.bytes();
    }
    void skip(std::size_t count) override { window_.skip(count); }
    std::uint64_t offset() const noexcept override { return window_.offset(); }
    bool mapped() const noexcept override { return false; }
    bool repeatable() const noexcept override { return size_.has_value(); }

  private:
    [[nodiscard]] bool finished() const noexcept { return size_ ? read_ == *size_ : ended_; }

    int fd_;
    std::string name_;
    std::optional<std::uint64_t> size_;  ///< of a regular file
    ByteWindow window_;
    std::uint64_t read_ = 0;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteFeed> feed_from(ByteSpan bytes) {
    return std::make_unique<MemoryFeed>(bytes);
}

std::unique_ptr<ByteFeed> feed_from_descriptor(int fd, std::string name) {
    return std::make_unique<ReadFeed>(fd, std::move(name), std::nullopt);
}

namespace {

Result<std::unique_ptr<ByteFeed>, UserError> open_plain_feed(const std::string& path, const std::string& name,
                                                             Access access) {
    const bool standard_input = path == "-";
    const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failure(io_error("open", errno, name));
    struct stat about {};
    if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        if (!standard_input) ::close(fd);
        return failure(io_error("open", EISDIR, name));
    }
    // Standard input may be a file, too, but perhaps one that was read in part: it stays a stream.
    if (standard_input || !S_ISREG(about.st_mode) || about.st_size <= 0)
        return feed_from_descriptor(fd, name);
    if (access == Access::Map) {
        auto file = MappedFile::map(fd, static_cast<std::size_t>(about.st_size));
        if (file) return std::make_unique<MappedFeed>(std::move(*file));
    }
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::make_unique<ReadFeed>(fd, name, static_cast<std::uint64_t>(about.st_size));
}

}  // namespace

Result<std::unique_ptr<ByteFeed>, UserError> open_feed(const std::string& path, const std::string& name,
                                                       Access access) {
    auto feed = open_plain_feed(path, name, access);
    if (!feed) return feed;
    return unpacked(std::move(*feed), name);
}

Result<std::unique_ptr<ByteFeed>, UserError> open_feed(const std::string& path) {
    return open_feed(path, path == "-" ? "standard input" : path, Access::Map);
}

}  // namespace synscope::source
