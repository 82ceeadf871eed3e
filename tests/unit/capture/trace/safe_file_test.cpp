#include "capture/trace/safe_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace synscope::trace {
namespace {

/// A folder that goes with the test.
class SafeFiles : public testing::Test {
  protected:
    SafeFiles() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
    ~SafeFiles() override { std::filesystem::remove_all(folder_); }
    std::string file(const std::string& name) const { return folder_ + "/" + name; }
    std::size_t entries() const {
        const std::filesystem::directory_iterator all(folder_);
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static unsigned mode(const std::string& path) {
        struct stat about {};
        EXPECT_EQ(::stat(path.c_str(), &about), 0);
        return about.st_mode & 07777u;
    }
    static void put(const std::string& path, std::string_view text, unsigned mode = kPrivateMode) {
        auto made = SafeFile::create(path, mode);
        ASSERT_TRUE(made) << made.error().what;
        ASSERT_TRUE(made->write(text));
        ASSERT_TRUE(made->commit());
    }

    std::string folder_ = "/tmp/synscope-safe-file-test-XXXXXX";
};

TEST_F(SafeFiles, AppearWholeAndAlone) {
    put(file("a"), "hello");
    EXPECT_EQ(read(file("a")), "hello");
    put(file("a"), "again");
    EXPECT_EQ(read(file("a")), "again");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(SafeFiles, LeaveNothingWithoutCommit) {
    put(file("a"), "old");
    {
        auto made = SafeFile::create(file("a"));
        ASSERT_TRUE(made);
        ASSERT_TRUE(made->write("new"));
    }
    EXPECT_EQ(read(file("a")), "old");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(SafeFiles, AreAsPrivateAsAsked) {
    const mode_t before = ::umask(022);
    put(file("traffic"), "x");
    put(file("picture"), "x", kSharedMode);
    ::umask(before);
    EXPECT_EQ(mode(file("traffic")), 0600u);
    EXPECT_EQ(mode(file("picture")), 0644u);
}

TEST_F(SafeFiles, ReplaceWhatALinkPointsTo) {
    put(file("real"), "old");
    std::filesystem::create_symlink(file("real"), file("link"));
    put(file("link"), "new");
    EXPECT_EQ(read(file("real")), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(file("link")));
}

TEST_F(SafeFiles, SayWhyTheyCannotBe) {
    EXPECT_FALSE(SafeFile::create(file("no/such/folder")));
    EXPECT_FALSE(SafeFile::create(folder_));
    EXPECT_TRUE(SafeFile::create("/dev/null"));
}

/// /tmp knows files without a name on every system this is tested on.
TEST_F(SafeFiles, LeaveNothingWhenTheProcessIsKilled) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto made = SafeFile::create(file("a"));
        if (!made || !made->write("half")) std::_Exit(1);
        std::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(entries(), 0u);
}

}  // namespace
}  // namespace synscope::trace
