#include "net/lab/namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "net/base/text.hpp"
#include "net/lab/netlink.hpp"

namespace synscope::lab {
namespace {

Result<void, OsError> write_proc(const char* path, std::string_view text) {
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return failure(OsError{"open", errno, path});
    // The kernel takes these files in one write or not at all.
    const auto written = ::write(fd, text.data(), text.size());
    const int error = written < 0 ? errno : EIO;
    ::close(fd);
    if (written != static_cast<ssize_t>(text.size())) return failure(OsError{"write", error, path});
    return {};
}

/// user_namespaces(7): an unprivileged process may map just its own ids, and groups only after it has given
/// up setgroups.
Result<void, OsError> map_to_root(uid_t uid, gid_t gid) {
    if (auto done = write_proc("/proc/self/setgroups", "deny"); !done) return done;
    if (auto done = write_proc("/proc/self/uid_map", concat("0 ", uid, " 1")); !done) return done;
    return write_proc("/proc/self/gid_map", concat("0 ", gid, " 1"));
}

std::optional<long> read_switch(const char* path) {
    std::ifstream file(path);
    long value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

}  // namespace

Result<Isolation, OsError> enter_network_namespace() {
    const uid_t uid = ::geteuid();
    const gid_t gid = ::getegid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        if (auto mapped = map_to_root(uid, gid); !mapped) return failure(mapped.error());
        return Isolation::UserAndNetwork;
    }
    const int denied = errno;
    // Root needs no user namespace for it.
    if (::unshare(CLONE_NEWNET) == 0) return Isolation::NetworkOnly;
    return failure(OsError{"unshare", denied, "CLONE_NEWUSER | CLONE_NEWNET"});
}

Result<Isolation, OsError> enter_own_network() {
    auto isolation = enter_network_namespace();
    if (!isolation) return isolation;
    if (auto up = set_up("lo", {}); !up) return failure(up.error());
    return isolation;
}

UserError explain_denial(const OsError& error) {
    UserError told{"cannot make a network namespace of our own", error.operation, ""};
    if (error.error != 0) append(told.where, concat(": ", std::string_view(std::strerror(error.error))));
    if (!error.detail.empty()) append(told.where, concat(" (", error.detail, ")"));
    if (read_switch("/proc/sys/user/max_user_namespaces") == 0)
        told.hint = "user.max_user_namespaces is 0: sudo sysctl user.max_user_namespaces=15000";
    else if (read_switch("/proc/sys/user/max_net_namespaces") == 0)
        told.hint = "user.max_net_namespaces is 0: sudo sysctl user.max_net_namespaces=15000";
    else if (read_switch("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        told.hint = "kernel.unprivileged_userns_clone is 0: sudo sysctl kernel.unprivileged_userns_clone=1";
    else if (read_switch("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
        told.hint =
            "AppArmor denies it to ordinary users: sudo sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0";
    else if (error.error == ENOSPC || error.error == EUSERS)
        told.hint = "the limit on namespaces is reached (user.max_user_namespaces, user.max_net_namespaces)";
    else if (error.error == EPERM)
        told.hint =
            "a container or chroot around this process forbids it; run it outside, or let the container "
            "create user namespaces";
    else if (error.error == ENOSYS || (error.error == EINVAL && error.operation == "unshare"))
        told.hint = "this kernel has no user or network namespaces";
    return told;
}

}  // namespace synscope::lab
