#include "net/lab/probes.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include "net/lab/programs.hpp"
#include "tests/unit/net/lab/in_child.hpp"

namespace synscope::lab {
namespace {

using testing::HasSubstr;

/// A copy of synscope-capture in a folder that everybody may enter; copies have no file capability.
class CaptureCopy : public testing::Test {
  protected:
    CaptureCopy() : folder_("/tmp/synscope-probes-test-XXXXXX") {
        EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
        ::chmod(folder_.c_str(), 0755);
        path_ = folder_ + "/synscope-capture";
        std::filesystem::copy_file(SYNSCOPE_CAPTURE_PROGRAM, path_);
        ::chmod(path_.c_str(), 0755);
    }
    ~CaptureCopy() override { std::filesystem::remove_all(folder_); }
    std::string folder_;
    std::string path_;
};

TEST_F(CaptureCopy, RightsAreTriedNotGuessed) {
    if (::geteuid() == 0) {
        EXPECT_EQ(probe_capture_rights(path_, true).status, ProbeStatus::Ok);
    }
    in_child([this] {
        become_nobody();
        const Probe missing = probe_capture_rights(path_, false);
        EXPECT_EQ(missing.status, ProbeStatus::Missing);
        EXPECT_THAT(missing.finding, HasSubstr("no right to capture"));
        EXPECT_THAT(missing.remedy, HasSubstr("sudo setcap cap_net_raw+ep " + path_));
        EXPECT_THAT(missing.remedy, HasSubstr("chmod 0750 " + path_));
        const Probe degraded = probe_capture_rights(path_, true);
        EXPECT_EQ(degraded.status, ProbeStatus::Degraded);
        EXPECT_EQ(degraded.remedy, missing.remedy);
    });
}

TEST_F(CaptureCopy, TheProgramIsLookedFor) {
    EXPECT_EQ(probe_capture_program(path_).status, ProbeStatus::Ok);
    const Probe missing = probe_capture_program(folder_ + "/nothing");
    EXPECT_EQ(missing.status, ProbeStatus::Missing);
    EXPECT_THAT(missing.finding, HasSubstr("No such file"));
    EXPECT_EQ(probe_capture_rights(folder_ + "/nothing", true).status, ProbeStatus::Missing);
}

TEST(CaptureProgramPath, IsBesideThisExecutable) {
    const std::filesystem::path path = capture_program_path();
    EXPECT_EQ(path.filename(), "synscope-capture");
    EXPECT_EQ(path.parent_path(), std::filesystem::read_symlink("/proc/self/exe").parent_path());
}

TEST(Display, NobodyThereIsMissing) {
    ::unsetenv("DISPLAY");
    ::unsetenv("WAYLAND_DISPLAY");
    EXPECT_THAT(probe_display().finding, HasSubstr("neither"));
    for (const char* wrong : {":59535", "garbage", ":x", "localhost:-1", ":"}) {
        ::setenv("DISPLAY", wrong, 1);
        const Probe probe = probe_display();
        EXPECT_EQ(probe.status, ProbeStatus::Missing) << wrong;
        EXPECT_THAT(probe.finding, HasSubstr(wrong));
        EXPECT_FALSE(probe.remedy.empty());
    }
}

TEST(Display, AnXServerOverTcpIsFound) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ASSERT_GE(ntohs(address.sin_port), 6000);
    ::unsetenv("WAYLAND_DISPLAY");
    ::setenv("DISPLAY", ("127.0.0.1:" + std::to_string(ntohs(address.sin_port) - 6000) + ".0").c_str(), 1);
    EXPECT_EQ(probe_display().status, ProbeStatus::Ok);
    ::close(listener);
    EXPECT_EQ(probe_display().status, ProbeStatus::Missing);
}

TEST(Display, AWaylandCompositorIsFound) {
    std::string folder = "/tmp/synscope-display-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder + "/wayland-7";
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 2), 0);
    ::setenv("WAYLAND_DISPLAY", path.c_str(), 1);
    EXPECT_EQ(probe_display().status, ProbeStatus::Ok);
    ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
    ::setenv("WAYLAND_DISPLAY", "wayland-7", 1);
    EXPECT_EQ(probe_display().status, ProbeStatus::Ok);
    ::close(listener);
    ::unsetenv("DISPLAY");
    EXPECT_EQ(probe_display().status, ProbeStatus::Missing);
    std::filesystem::remove_all(folder);
}

TEST(Tap, AnOrdinaryUserWithoutTheDeviceIsDegraded) {
    in_child([] {
        become_nobody();
        const Probe probe = probe_tap();
        if (probe.status != ProbeStatus::Ok) {
            EXPECT_EQ(probe.status, ProbeStatus::Degraded);
            EXPECT_FALSE(probe.remedy.empty());
        }
    });
}

TEST(Doctor, EveryProbeIsNamedOnceAndSaysSomething) {
    std::set<std::string> names;
    for (const Probe& probe : run_probes()) {
        EXPECT_TRUE(names.insert(probe.name).second) << probe.name;
        EXPECT_FALSE(probe.finding.empty()) << probe.name;
        EXPECT_FALSE(probe_status_name(probe.status).empty());
        if (probe.status == ProbeStatus::Ok) {
            EXPECT_EQ(probe.remedy, "") << probe.name;
        }
    }
    EXPECT_EQ(names.size(), 7u);
}

}  // namespace
}  // namespace synscope::lab
