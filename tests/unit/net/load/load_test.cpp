#include "net/load/load.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/unit/net/host/harness.hpp"

namespace synscope::load {
namespace {

using host::Server;

LoadOptions short_load(const Endpoint& target) {
    LoadOptions options;
    options.target = target;
    options.warm_up = Duration::milliseconds(20);
    options.duration = Duration::milliseconds(150);
    options.message.assign(100, std::byte{'m'});
    return options;
}

std::uint64_t troubles(const LoadReport& report) {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : report.troubles)
        sum += n;
    return sum;
}

TEST(Load, PingPongCountsWholeAnswers) {
    Server server{host::options_for("epoll-et")};
    LoadOptions options = short_load(server.address());
    options.connections = 10;
    options.threads = 3;
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->connects, 10u);
    EXPECT_GT(report->answers, 0u);
    EXPECT_EQ(report->latency.count(), report->answers);
    EXPECT_GT(report->latency.least_ns(), 0);
    EXPECT_GE(report->bytes_received + 100 * 10, report->answers * 100);
    EXPECT_EQ(troubles(*report), 0u);
    EXPECT_EQ(report->measured.ns, options.duration.ns);
    EXPECT_FALSE(report->interrupted);
}

TEST(Load, AMessageThatTakesManyReadsComesBackWhole) {
    Server server{host::options_for("epoll-et")};
    LoadOptions options = short_load(server.address());
    options.duration = Duration::milliseconds(1500);  // sanitizers take their time
    options.message.assign(std::size_t{1} << 20, std::byte{'m'});
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_GT(report->answers, 0u);
    EXPECT_EQ(troubles(*report), 0u);
}

TEST(Load, AUnixSocketIsATargetToo) {
    std::string directory = testing::TempDir() + "synscope-load-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    host::ServerHostOptions server_options = host::options_for("epoll-et");
    server_options.address = "unix:" + directory + "/server";
    {
        Server server{server_options};
        LoadOptions options = short_load({});
        options.unix_path = directory + "/server";
        options.connections = 3;
        for (const Mode mode : {Mode::PingPong, Mode::Churn, Mode::Bulk}) {
            options.mode = mode;
            const auto report = run_load(options);
            ASSERT_TRUE(report) << mode_name(mode);
            EXPECT_GE(report->connects, 3u) << mode_name(mode);
            EXPECT_GT(report->bytes_received, 0u) << mode_name(mode);
            EXPECT_EQ(troubles(*report), 0u) << mode_name(mode);
        }
        EXPECT_EQ(options.target_text(), server_options.address);
    }
    LoadOptions nobody = short_load({});
    nobody.unix_path = directory + "/server";
    const auto report = run_load(nobody);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().what,
              "cannot connect to " + server_options.address + ": No such file or directory");
    EXPECT_EQ(::rmdir(directory.c_str()), 0);
}

TEST(Load, ChurnTakesANewConnectionForEachMessage) {
    Server server{host::options_for("epoll-et")};
    LoadOptions options = short_load(server.address());
    options.mode = Mode::Churn;
    options.connections = 3;
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_GT(report->answers, 0u);
    EXPECT_GE(report->connects, report->answers);
    EXPECT_EQ(troubles(*report), 0u);
}

TEST(Load, BulkMovesBytesBothWaysAndCountsNoAnswers) {
    Server server{host::options_for("epoll-et")};
    LoadOptions options = short_load(server.address());
    options.mode = Mode::Bulk;
    options.message.assign(65536, std::byte{'m'});
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_GT(report->bytes_sent, 65536u);
    EXPECT_GT(report->bytes_received, 65536u);
    EXPECT_EQ(report->answers, 0u);
    EXPECT_EQ(report->unanswered, 0u);
}

TEST(Load, WhomABlockingServerNeverAnswersIsToldBesideTheLatencies) {
    Server server{host::options_for("blocking")};
    LoadOptions options = short_load(server.address());
    options.connections = 4;
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_GT(report->answers, 0u);
    EXPECT_EQ(report->connects, 4u) << "the kernel shakes hands and queues them";
    EXPECT_GE(report->unanswered, 3u);
    EXPECT_GE(report->oldest_wait, options.duration);
}

TEST(Load, WithARateAMessageThatWasKeptFromBeingSentCountsFromWhenItWasDue) {
    host::ServerHostOptions slow = host::options_for("epoll-et");
    slow.server.think = Duration::milliseconds(20);
    Server server{slow};
    LoadOptions options = short_load(server.address());
    options.warm_up = {};
    options.duration = Duration::milliseconds(400);
    options.rate = 100;  // twice as fast as it can answer
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    ASSERT_GT(report->answers, 4u);
    EXPECT_GT(report->latency.most_ns(), 60'000'000) << "the queue is part of the wait";
    EXPECT_LT(report->latency.least_ns(), 60'000'000);
}

TEST(Load, ARateIsKept) {
    Server server{host::options_for("epoll-et")};
    LoadOptions options = short_load(server.address());
    options.connections = 4;
    options.warm_up = {};
    options.duration = Duration::milliseconds(500);
    options.rate = 200;
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_LE(report->answers, 101u);
    EXPECT_GT(report->answers, 0u);
}

TEST(Load, NobodyThereIsAFailureAtOnce) {
    Endpoint gone;
    {
        Server server{host::options_for("blocking")};
        gone = server.address();
    }
    LoadOptions options = short_load(gone);
    options.duration = Duration::seconds(3600);
    const auto report = run_load(options);
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().what.find("cannot connect to 127.0.0.1:"), std::string::npos);
}

TEST(Load, AServerThatHangsUpIsATrouble) {
    host::ServerHostOptions framed = host::options_for("epoll-et");
    framed.server.framing = "len32";  // takes our letters for an absurd length and closes
    Server server{framed};
    const auto report = run_load(short_load(server.address()));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->answers, 0u);
    EXPECT_GT(troubles(*report), 0u);
    EXPECT_GT(report->connects, 1u) << "it tries again";
}

TEST(Load, AStopEndsItAndWhatWasMeasuredStays) {
    Server server{host::options_for("epoll-et")};
    const engine::UniqueFd stop{::eventfd(1, EFD_CLOEXEC)};
    LoadOptions options = short_load(server.address());
    options.duration = Duration::seconds(3600);
    options.stop_fd = stop.get();
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->interrupted);
    EXPECT_LT(report->measured, Duration::seconds(60));
}

TEST(Load, ModesHaveNames) {
    for (const Mode mode : {Mode::PingPong, Mode::Churn, Mode::Bulk})
        EXPECT_EQ(mode_from_name(mode_name(mode)), mode);
    EXPECT_EQ(mode_from_name("else"), std::nullopt);
}

}  // namespace
}  // namespace synscope::load
