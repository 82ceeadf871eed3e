#include "capture/trace/safe_file.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
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

namespace {

/// A name beside `path` that nothing has yet, most likely.
std::string name_beside(const std::string& path) {
    std::uint32_t random = 0;
    if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = static_cast<std::uint32_t>(::getpid());
    std::string name = concat(path, '.');
    append(name, Hex{random, 8});
    return name;
}

constexpr int kTries = 16;

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Where the kernel shows a descriptor as a link, if /proc is there.
std::string own_link(int fd) {
    return concat("/proc/self/fd/", fd);
}

/// Between two steps that belong together no signal ends the process.
class SignalsHeld {
  public:
    SignalsHeld() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;
    ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

SafeFile::SafeFile(std::string path, Kind kind, std::string temporary, int fd)
    : path_(std::move(path)), kind_(kind), temporary_(std::move(temporary)), fd_(fd) {}

SafeFile::SafeFile(SafeFile&& other) noexcept
    : path_(std::move(other.path_)),
      kind_(other.kind_),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

SafeFile::~SafeFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (kind_ == Kind::Named) ::unlink(temporary_.c_str());
}

Result<SafeFile, UserError> SafeFile::create(const std::string& path, unsigned mode) {
    struct stat existing {};
    const bool exists = ::stat(path.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
        // A rename would put a file in the place of /dev/null or of a named pipe. A folder fails here by
        // itself.
        const int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (device < 0) return failure(cannot_write(path));
        return SafeFile{path, Kind::Device, {}, device};
    }
    // What a link points to is replaced, not the link: /dev/stdout is one.
    std::string target = path;
    if (char* real = exists ? ::realpath(path.c_str(), nullptr) : nullptr) {
        target = real;
        std::free(real);
    }
    const int unnamed = ::open(folder_of(target).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (unnamed >= 0) {
        // Without /proc it could never get a name.
        if (::access(own_link(unnamed).c_str(), F_OK) == 0)
            return SafeFile{std::move(target), Kind::Unnamed, {}, unnamed};
        ::close(unnamed);
    }
    for (int i = 0; i < kTries; ++i) {
        std::string temporary = name_beside(target);
        const int fd = ::open(temporary.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode);
        if (fd >= 0) return SafeFile{std::move(target), Kind::Named, std::move(temporary), fd};
        if (errno != EEXIST) break;
    }
    return failure(cannot_write(path));
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

/// A link cannot replace a file that is there, a rename can: the file gets a name for the moment between.
Result<void, UserError> SafeFile::link_and_rename() {
    const SignalsHeld held;
    for (int i = 0; i < kTries; ++i) {
        const std::string temporary = name_beside(path_);
        if (::linkat(AT_FDCWD, own_link(fd_).c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0) {
            if (errno == EEXIST) continue;
            break;
        }
        if (::rename(temporary.c_str(), path_.c_str()) == 0) return {};
        const UserError error = cannot_write(path_);
        ::unlink(temporary.c_str());
        return failure(error);
    }
    return failure(cannot_write(path_));
}

Result<void, UserError> SafeFile::commit() {
    if (kind_ != Kind::Device) {
        if (::fsync(fd_) != 0 && errno != EINVAL) return failure(cannot_write(path_));
        if (kind_ == Kind::Unnamed) {
            if (auto placed = link_and_rename(); !placed) return placed;
        } else if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
            return failure(cannot_write(path_));
        }
    }
    ::close(std::exchange(fd_, -1));
    return {};
}

}  // namespace synscope::trace
