#include "capture/source/byte_feed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::size_t kFirstBuffer = 256 * 1024;
constexpr std::size_t kLeastRoom = 64 * 1024;  // what a pipe holds

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

/// Owns the mapping.
class MappedFeed final : public MemoryFeed {
  public:
    MappedFeed(void* memory, std::size_t size)
        : MemoryFeed(ByteSpan(static_cast<const std::byte*>(memory), size)), memory_(memory), size_(size) {}
    MappedFeed(const MappedFeed&) = delete;
    MappedFeed& operator=(const MappedFeed&) = delete;
    ~MappedFeed() override { ::munmap(memory_, size_); }

  private:
    void* memory_;
    std::size_t size_;
};

/// Owns the descriptor, unless it is standard input.
class PipeFeed final : public ByteFeed {
  public:
    PipeFeed(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
    PipeFeed(const PipeFeed&) = delete;
    PipeFeed& operator=(const PipeFeed&) = delete;
    ~PipeFeed() override {
        if (fd_ != STDIN_FILENO) ::close(fd_);
    }

    Result<ByteSpan, UserError> peek(std::size_t count) override {
        while (end_ - begin_ < count && !finished_) {
            make_room();
            const ssize_t n = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return failure(io_error("read", errno, name_));
            finished_ = n == 0;
            end_ += static_cast<std::size_t>(n);
        }
        return ByteSpan(buffer_).subspan(begin_, end_ - begin_);
    }
    void skip(std::size_t count) override {
        count = std::min(count, end_ - begin_);
        begin_ += count;
        offset_ += count;
    }
    std::uint64_t offset() const noexcept override { return offset_; }
    bool mapped() const noexcept override { return false; }

  private:
    /// Moves what is left to the front; grows in steps of what comes, never by what a header claims.
    void make_room() {
        if (begin_ == end_) begin_ = end_ = 0;
        if (buffer_.size() - end_ >= kLeastRoom) return;
        if (begin_ > 0) {
            std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                      buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
            end_ -= std::exchange(begin_, 0);
        }
        if (buffer_.size() - end_ < kLeastRoom) buffer_.resize(std::max(kFirstBuffer, buffer_.size() * 2));
    }

    int fd_;
    std::string name_;
    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t offset_ = 0;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<ByteFeed> feed_from(ByteSpan bytes) {
    return std::make_unique<MemoryFeed>(bytes);
}

std::unique_ptr<ByteFeed> feed_from_descriptor(int fd, std::string name) {
    return std::make_unique<PipeFeed>(fd, std::move(name));
}

Result<std::unique_ptr<ByteFeed>, UserError> open_feed(const std::string& path) {
    const bool standard_input = path == "-";
    const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failure(io_error("open", errno, path));
    struct stat about {};
    if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        if (!standard_input) ::close(fd);
        return failure(io_error("open", EISDIR, path));
    }
    // Standard input may be a file, too, but perhaps one that was read in part: it stays a stream.
    if (!standard_input && S_ISREG(about.st_mode) && about.st_size > 0) {
        const auto size = static_cast<std::size_t>(about.st_size);
        void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (memory != MAP_FAILED) {
            ::close(fd);
            ::madvise(memory, size, MADV_SEQUENTIAL);
            return std::make_unique<MappedFeed>(memory, size);
        }
    }
    return feed_from_descriptor(fd, standard_input ? "standard input" : path);
}

}  // namespace synscope::source
