#include "net/engine/unix_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "net/engine/sockaddr.hpp"

namespace synscope::engine {

namespace {

/// Whether a server was killed and left its file behind: a socket that nobody listens on.
bool is_stale(const std::string& path, const SockAddr& address) {
    struct stat file {};
    if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
    const UniqueFd asking{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    return asking && ::connect(asking.get(), address.get(), address.size()) != 0 && errno == ECONNREFUSED;
}

}  // namespace

Result<Socket, OsError> bound_to_path(Calls& calls, const ListenOptions& options) {
    const auto failed = [&](const char* operation, int error) {
        return failure(OsError{operation, error, options.unix_path});
    };
    const auto address = SockAddr::of_path(options.unix_path);
    if (!address) return failed("bind", ENAMETOOLONG);
    Socket s;
    if (const auto r = calls.socket(s, AF_UNIX, SOCK_STREAM); !r.ok()) return failed("socket", r.error);
    if (auto applied = apply_options(calls, s, options.options); !applied) return failure(applied.error());
    // bind() makes the file with the socket's own mode: at no time may others connect.
    if (::fchmod(s.fd.get(), S_IRUSR | S_IWUSR) != 0) return failed("fchmod", errno);
    auto r = calls.bind(s, *address);
    if (r.error == EADDRINUSE && is_stale(options.unix_path, *address) &&
        ::unlink(options.unix_path.c_str()) == 0)
        r = calls.bind(s, *address);
    if (!r.ok()) return failed("bind", r.error);
    return s;
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
    struct stat file {};
    if (path_.empty() || ::lstat(path_.c_str(), &file) != 0) {
        path_.clear();
        return;
    }
    device_ = file.st_dev;
    inode_ = file.st_ino;
}

SocketFile::~SocketFile() {
    struct stat file {};
    if (path_.empty() || ::lstat(path_.c_str(), &file) != 0) return;
    if (file.st_dev == device_ && file.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace synscope::engine
