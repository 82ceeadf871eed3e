#include "net/engine/stop.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

namespace synscope::engine {
namespace {

bool readable(int fd, int timeout_ms = 0) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, timeout_ms) == 1;
}

/// The descriptor of whoever wants the server to stop.
class StopFollowing : public testing::Test {
  protected:
    UniqueFd caller_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    Calls calls_{nullptr, ObserveLevel::Off};
};

TEST_F(StopFollowing, HearsTheCallersDescriptorWhenItLooks) {
    const auto stop = *StopSignal::create_following(caller_.get(), Duration::seconds(3600));
    stop->look(calls_);
    EXPECT_FALSE(stop->requested()) << "nobody asked for it";
    make_readable(caller_);
    EXPECT_TRUE(readable(stop->fd()));
    stop->look(calls_);
    EXPECT_TRUE(stop->requested());
    EXPECT_FALSE(stop->forced());
    EXPECT_FALSE(readable(stop->force_fd())) << "there is an hour left";
}

TEST_F(StopFollowing, IsForcedAfterTheGracePeriod) {
    for (const std::int64_t grace_ms : {0, 1}) {
        const auto stop = *StopSignal::create_following(caller_.get(), Duration::milliseconds(grace_ms));
        EXPECT_FALSE(readable(stop->force_fd())) << "it has not begun";
        make_readable(caller_);
        stop->look(calls_);
        ASSERT_TRUE(readable(stop->force_fd(), 20'000)) << grace_ms << " ms";
        stop->look(calls_);
        EXPECT_TRUE(stop->forced());
    }
}

TEST_F(StopFollowing, HasADescriptorOfItsOwn) {
    const auto stop = *StopSignal::create_following(caller_.get(), Duration::seconds(1));
    EXPECT_NE(stop->fd(), caller_.get()) << "the caller may close its own";
    const auto without = *StopSignal::create_following(-1, Duration::seconds(1));
    EXPECT_FALSE(readable(without->fd())) << "nobody can ask";
    without->look(calls_);
    EXPECT_FALSE(without->requested());
}

}  // namespace
}  // namespace synscope::engine
