#include <gtest/gtest.h>

#include <vector>

#include "capture/source/grant.hpp"
#include "capture/source/program/options.hpp"

namespace synscope::source {
namespace {

Result<ProgramOptions, UserError> parse(std::vector<const char*> arguments) {
    return parse_program_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CaptureOptions, AllOfThemAreTaken) {
    const auto o = parse({"-i", "eth0", "-f", "tcp port 80", "-s", "96", "--no-payload", "-c", "12",
                          "--duration", "1.5", "--record", "-w", "5", "--control", "6"});
    ASSERT_TRUE(o) << o.error().what;
    EXPECT_EQ(o->live.interface, "eth0");
    EXPECT_EQ(o->live.filter, "tcp port 80");
    EXPECT_EQ(o->live.snap_length, 96u);
    EXPECT_EQ(o->live.job, LiveJob::Record);
    EXPECT_TRUE(o->no_payload);
    EXPECT_EQ(o->count, 12u);
    EXPECT_EQ(o->duration, Duration::milliseconds(1500));
    EXPECT_EQ(o->output_fd, 5);
    EXPECT_EQ(o->control_fd, 6);
}

TEST(CaptureOptions, DurationsAreExact) {
    EXPECT_EQ(parse({"-i", "lo", "--duration", "0.000000001"})->duration, Duration::nanoseconds(1));
    EXPECT_EQ(parse({"-i", "lo", "--duration", "3"})->duration, Duration::seconds(3));
    for (const char* wrong : {"", ".5", "5.", "-1", "1.0000000001", "1e3", "0x1", "99999999999"})
        EXPECT_FALSE(parse({"-i", "lo", "--duration", wrong})) << wrong;
}

TEST(CaptureOptions, WrongUsageIsNamed) {
    EXPECT_FALSE(parse({}));
    EXPECT_FALSE(parse({"-i"}));
    EXPECT_FALSE(parse({"-i", ""}));
    EXPECT_FALSE(parse({"-i", "lo", "-s", "0"}));
    EXPECT_FALSE(parse({"-i", "lo", "-s", "12x"}));
    EXPECT_FALSE(parse({"-i", "lo", "-c", "0"}));
    EXPECT_FALSE(parse({"-i", "lo", "-c", "-1"}));
    EXPECT_FALSE(parse({"-i", "lo", "-w", "-1"}));
    const auto unknown = parse({"-i", "lo", "--promiscuous"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().where, "--promiscuous");
    EXPECT_TRUE(parse({"--help"}));
    EXPECT_TRUE(parse({"--version"}));
}

TEST(Grant, QuotesPathsForTheShell) {
    EXPECT_EQ(shell_word("/usr/bin/synscope-capture"), "/usr/bin/synscope-capture");
    EXPECT_EQ(shell_word("/home/a b/it's"), "'/home/a b/it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
}

TEST(Grant, CapabilityComesAfterTheOwner) {
    const std::string command = grant_command("/x");
    EXPECT_LT(command.find("chown root:synscope /x"), command.find("chmod 0750 /x"));
    EXPECT_LT(command.find("chmod 0750 /x"), command.find("setcap cap_net_raw+ep /x"));
}

}  // namespace
}  // namespace synscope::source
