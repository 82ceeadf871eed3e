#include "net/host/unfinished.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>

#include "net/base/text.hpp"
#include "net/engine/socket.hpp"
#include "net/service/effects.hpp"

namespace synscope::host {

namespace {

enum class Kind : std::uint8_t { Other, Passing, Resumable };

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Kind kind_of(std::string_view name) {
    if (name.size() <= 1 + kUnfinished.size() || name.front() != '.' || !name.ends_with(kUnfinished))
        return Kind::Other;
    name = name.substr(1, name.size() - 1 - kUnfinished.size());
    if (const auto dot = name.rfind('.'); dot != std::string_view::npos)
        return dot > 0 && service::is_resume_token(name.substr(dot + 1)) ? Kind::Resumable : Kind::Other;
    const auto dash = name.find('-');
    const bool passing =
        dash != std::string_view::npos && is_number(name.substr(0, dash)) && is_number(name.substr(dash + 1));
    return passing ? Kind::Passing : Kind::Other;
}

/// As we make them: a file of one name that is ours.
bool looks_ours(const struct stat& file) {
    return S_ISREG(file.st_mode) && file.st_nlink == 1 && file.st_uid == ::geteuid();
}

/// By the clock on the wall, as files have it. One from the future is young.
bool is_older(const struct stat& file, Duration age) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    constexpr std::int64_t kMost_s = std::int64_t{1} << 32;  // in nanoseconds it is a number still
    const std::int64_t s = std::min(std::int64_t{now.tv_sec} - file.st_mtim.tv_sec, kMost_s);
    return s >= 0 && s * 1'000'000'000 + now.tv_nsec - file.st_mtim.tv_nsec > age.ns;
}

/// Whether it was too old, and is gone: `age` where nobody has it, `open_time` where somebody does, who may
/// not write any more by then. Looked at again with the lock held, or known to be another's: who comes to
/// write to it either has it before us, or finds that what it opened is not there any more.
bool remove_old(int folder, const std::string& name, Duration age, Duration open_time) {
    const engine::UniqueFd fd{::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!fd) return false;
    const bool is_held = ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
    if (is_held && errno != EWOULDBLOCK) return false;
    struct stat file {};
    return is_same_file(folder, name, fd.get()) && ::fstat(fd.get(), &file) == 0 && looks_ours(file) &&
           is_older(file, is_held ? open_time : age) && ::unlinkat(folder, name.c_str(), 0) == 0;
}

}  // namespace

std::string resumable_name(std::string_view name, std::string_view token) {
    return concat(".", name, ".", token, kUnfinished);
}

std::optional<std::size_t> sweep(int folder, Duration age, Duration open_time) {
    engine::UniqueFd own{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!own) return std::nullopt;
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(own.get()), &::closedir};
    if (!entries) return std::nullopt;
    static_cast<void>(own.release());
    std::size_t left = 0;
    while (const dirent* entry = ::readdir(entries.get())) {
        const Kind kind = kind_of(entry->d_name);
        struct stat file {};
        if (kind == Kind::Other || ::fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
            !looks_ours(file))
            continue;
        const bool gone =
            is_older(file, std::min(age, open_time)) && remove_old(folder, entry->d_name, age, open_time);
        if (!gone && kind == Kind::Resumable) ++left;
    }
    return left;
}

bool lock_unfinished(int folder, const std::string& name, int fd) {
    return ::flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(folder, name, fd);
}

bool is_same_file(int folder, const std::string& name, int fd) {
    struct stat named {};
    struct stat open {};
    return ::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &open) == 0 &&
           named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

}  // namespace synscope::host
