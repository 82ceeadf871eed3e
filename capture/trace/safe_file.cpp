#include "capture/trace/safe_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::trace {

UserError cannot_write(const std::string& path) {
    return {concat("cannot write: ", std::strerror(errno)), path, "Choose another place for the file."};
}

bool write_all(int fd, ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

bool write_all(int fd, std::string_view text) {
    return write_all(fd, std::as_bytes(std::span{text.data(), text.size()}));
}

SafeFile::SafeFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

SafeFile::SafeFile(SafeFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

SafeFile::~SafeFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<SafeFile, UserError> SafeFile::create(const std::string& path) {
    struct stat existing {};
    const bool exists = ::stat(path.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
        // A rename would put a file in the place of /dev/null or of a named pipe. A folder fails here by
        // itself.
        const int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (device < 0) return failure(cannot_write(path));
        return SafeFile{path, {}, device};
    }
    // What a link points to is replaced, not the link: /dev/stdout is one.
    std::string target = path;
    if (char* real = exists ? ::realpath(path.c_str(), nullptr) : nullptr) {
        target = real;
        std::free(real);
    }
    std::string temporary = target + ".XXXXXX";
    const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
    if (fd < 0) return failure(cannot_write(path));
    return SafeFile{std::move(target), std::move(temporary), fd};
}

Result<void, UserError> check_writable(const std::string& path) {
    struct stat existing {};
    const bool special =
        ::stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode) && !S_ISDIR(existing.st_mode);
    if (special) {
        // Opening a named pipe only to close it again would send its reader away.
        return ::access(path.c_str(), W_OK) == 0 ? Result<void, UserError>{} : failure(cannot_write(path));
    }
    auto file = SafeFile::create(path);
    return file ? Result<void, UserError>{} : failure(file.error());
}

Result<void, UserError> SafeFile::write(std::string_view bytes) {
    if (!write_all(fd_, bytes)) return failure(cannot_write(path_));
    return {};
}

Result<void, UserError> SafeFile::commit() {
    if (temporary_.empty()) {
        ::close(std::exchange(fd_, -1));
        return {};
    }
    if (fsync(fd_) != 0 && errno != EINVAL) return failure(cannot_write(path_));
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failure(cannot_write(path_));
    ::close(std::exchange(fd_, -1));
    return {};
}

}  // namespace synscope::trace
