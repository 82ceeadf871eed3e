#pragma once
// Runs a test's body in a child process, where it may change identity and namespaces. Failures are printed by
// the child and make the parent's test fail.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace synscope::lab {

inline constexpr int kCannot = 77;  ///< the body's way to say that this machine does not allow it

template <class Body>
void in_child(Body body) {
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        body();
        std::fflush(stdout);
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    if (WEXITSTATUS(status) == kCannot) GTEST_SKIP() << "this machine does not allow it";
    EXPECT_EQ(WEXITSTATUS(status), 0) << "see the failures above";
}

/// The user and group nobody, without any capability; where the caller is root.
inline void become_nobody() {
    if (::geteuid() != 0) return;
    if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(kCannot);
    // Changing identity took away our own /proc files, which a program started by nobody would own.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

}  // namespace synscope::lab
