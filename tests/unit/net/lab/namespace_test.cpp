#include "net/lab/namespace.hpp"

#include <arpa/inet.h>
#include <cap-ng.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "net/lab/netlink.hpp"
#include "tests/unit/net/lab/in_child.hpp"

namespace synscope::lab {
namespace {

/// errno of a connection to a listener of our own on 127.0.0.1, or of the step that failed.
int loopback_error() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    int error = 0;
    if (::bind(listener, generic, size) != 0 || ::listen(listener, 1) != 0 ||
        ::getsockname(listener, generic, &size) != 0 || ::connect(client, generic, size) != 0)
        error = errno;
    ::close(listener);
    ::close(client);
    return error;
}

ino_t network_namespace() {
    struct stat about {};
    EXPECT_EQ(::stat("/proc/self/ns/net", &about), 0);
    return about.st_ino;
}

TEST(OwnNetwork, HasALoopbackThatWorks) {
    in_child([] {
        const ino_t before = network_namespace();
        if (!enter_network_namespace()) ::_exit(kCannot);
        EXPECT_NE(network_namespace(), before);
        EXPECT_EQ(loopback_error(), ENETUNREACH) << "lo is down at first";
        const auto up = set_up("lo", {});
        ASSERT_TRUE(up) << up.error().operation << ' ' << up.error().error;
        EXPECT_EQ(loopback_error(), 0);
    });
}

TEST(OwnNetwork, AnOrdinaryUserBecomesRootInside) {
    in_child([] {
        become_nobody();
        const auto entered = enter_own_network();
        if (!entered) ::_exit(kCannot);
        EXPECT_EQ(*entered, Isolation::UserAndNetwork);
        EXPECT_EQ(::getuid(), 0u);
        EXPECT_EQ(::getgid(), 0u);
        EXPECT_EQ(loopback_error(), 0);
    });
}

TEST(OwnNetwork, AnUnknownInterfaceIsNamed) {
    in_child([] {
        if (!enter_network_namespace()) ::_exit(kCannot);
        const auto up = set_up("wire9", {});
        ASSERT_FALSE(up);
        EXPECT_EQ(up.error().error, ENODEV);
        EXPECT_EQ(up.error().detail, "wire9");
    });
}

/// In a user namespace that allows no further ones, without a capability.
void forbid_namespaces() {
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(kCannot);
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 65534 1";
    std::ofstream limit("/proc/sys/user/max_user_namespaces");
    limit << "0" << std::flush;
    if (!limit) ::_exit(kCannot);
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0) ::_exit(kCannot);
}

TEST(OwnNetwork, DenialIsExplainedWithItsSwitch) {
    in_child([] {
        become_nobody();
        forbid_namespaces();
        const auto entered = enter_own_network();
        ASSERT_FALSE(entered);
        EXPECT_EQ(entered.error().operation, "unshare");
        EXPECT_EQ(entered.error().error, ENOSPC);
        const UserError told = explain_denial(entered.error());
        EXPECT_THAT(told.hint, testing::HasSubstr("sysctl user.max_user_namespaces="));
        EXPECT_THAT(told.where, testing::HasSubstr("unshare: No space left on device"));
    });
}

TEST(OwnNetwork, EveryErrorIsExplainedInWords) {
    for (const int error : {EPERM, ENOSPC, EUSERS, ENOSYS, EINVAL}) {
        const UserError told = explain_denial({"unshare", error, "x"});
        EXPECT_FALSE(told.what.empty());
        EXPECT_FALSE(told.hint.empty()) << error;
    }
}

}  // namespace
}  // namespace synscope::lab
