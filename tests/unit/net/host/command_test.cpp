#include "net/host/command.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "net/service/commands.hpp"

namespace synscope::host {
namespace {

std::string text(const CommandOutcome& outcome) {
    return {reinterpret_cast<const char*>(outcome.output.data()), outcome.output.size()};
}

TEST(RunCommand, KeepsItsStandardOutputAndItsExitCode) {
    const CommandOutcome said = run_command({"/bin/echo", "one", "two words"}, 1000);
    EXPECT_EQ(said.error, 0);
    EXPECT_EQ(said.exit_code, 0);
    EXPECT_EQ(text(said), "one two words\n");
    EXPECT_FALSE(said.truncated);
    EXPECT_EQ(run_command({"/bin/sh", "-c", "exit 3"}, 10).exit_code, 3);
    EXPECT_EQ(run_command({"/bin/sh", "-c", "kill -9 $$"}, 10).exit_code, 128 + 9);
}

TEST(RunCommand, NoShellSeesItsArguments) {
    EXPECT_EQ(text(run_command({"/bin/echo", "$HOME; echo more", "`id`"}, 1000)), "$HOME; echo more `id`\n");
}

TEST(RunCommand, HasNothingOfOurs) {
    // An empty standard input, no environment, and no descriptor but the three.
    EXPECT_EQ(text(run_command({"/bin/cat"}, 1000)), "");
    EXPECT_EQ(text(run_command({"/usr/bin/env"}, 1000)), "");
    EXPECT_EQ(text(run_command({"/bin/sh", "-c", "ls /proc/self/fd | wc -l"}, 1000)).substr(0, 1), "4")
        << "ls itself holds the folder open";
    EXPECT_EQ(text(run_command({"/bin/sh", "-c", "echo heard >&2"}, 1000)), "");
}

TEST(RunCommand, KeepsABoundedAmountAndStillWaitsForTheEnd) {
    const CommandOutcome much = run_command({"/bin/sh", "-c", "head -c 1000000 /dev/zero; exit 5"}, 1000);
    EXPECT_EQ(much.output.size(), 1000u);
    EXPECT_TRUE(much.truncated);
    EXPECT_EQ(much.exit_code, 5) << "it was not ended by a broken pipe";
}

TEST(RunCommand, SaysWhyOneCouldNotBeStarted) {
    EXPECT_EQ(run_command({"/no/such/program"}, 10).error, ENOENT);
    EXPECT_EQ(run_command({"/"}, 10).error, EACCES);
    EXPECT_EQ(run_command({}, 10).error, ENOENT);
}

TEST(RunCommand, TheHarmlessOnesAreAbsoluteProgramsOfTheSystem) {
    const auto commands = harmless_commands();
    ASSERT_EQ(commands.size(), service::harmless_command_list().size());
    for (const auto& command : commands) {
        if (command.empty()) continue;  // not installed here
        EXPECT_TRUE(command[0].starts_with("/usr/") || command[0].starts_with("/bin/") ||
                    command[0].starts_with("/sbin/"))
            << command[0];
        EXPECT_FALSE(command[0].ends_with("/sh"));
        EXPECT_EQ(run_command(command, 65536).error, 0) << command[0];
    }
}

}  // namespace
}  // namespace synscope::host
