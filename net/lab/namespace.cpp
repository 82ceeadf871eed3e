#include "net/lab/namespace.hpp"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>

#include "net/base/text.hpp"

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

struct NetlinkCloser {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct LinkPutter {
    void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using Link = std::unique_ptr<rtnl_link, LinkPutter>;

/// libnl has numbers of its own.
OsError netlink_error(const char* operation, int status, const std::string& interface) {
    switch (status < 0 ? -status : status) {
        case NLE_PERM:
            return {operation, EPERM, interface};
        case NLE_NOACCESS:
            return {operation, EACCES, interface};
        case NLE_NODEV:
        case NLE_OBJ_NOTFOUND:
            return {operation, ENODEV, interface};
        case NLE_NOMEM:
            return {operation, ENOMEM, interface};
        default:
            return {operation, 0, concat(interface, ": ", nl_geterror(status))};
    }
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

Result<void, OsError> bring_up(const std::string& interface) {
    const std::unique_ptr<nl_sock, NetlinkCloser> socket(nl_socket_alloc());
    if (!socket) return failure(OsError{"nl_socket_alloc", ENOMEM, interface});
    if (const int status = nl_connect(socket.get(), NETLINK_ROUTE); status < 0)
        return failure(netlink_error("netlink connect", status, interface));
    rtnl_link* found = nullptr;
    if (const int status = rtnl_link_get_kernel(socket.get(), 0, interface.c_str(), &found); status < 0)
        return failure(netlink_error("RTM_GETLINK", status, interface));
    const Link link(found);
    const Link change(rtnl_link_alloc());
    if (!change) return failure(OsError{"rtnl_link_alloc", ENOMEM, interface});
    rtnl_link_set_flags(change.get(), IFF_UP);
    if (const int status = rtnl_link_change(socket.get(), link.get(), change.get(), 0); status < 0)
        return failure(netlink_error("RTM_NEWLINK", status, interface));
    return {};
}

Result<Isolation, OsError> enter_own_network() {
    auto isolation = enter_network_namespace();
    if (!isolation) return isolation;
    if (auto up = bring_up("lo"); !up) return failure(up.error());
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
