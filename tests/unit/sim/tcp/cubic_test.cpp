// CUBIC against the formulae of RFC 9438, in floating point. Units of the RFC: segments and seconds.
#include "sim/tcp/congestion/cubic.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace synscope::sim::tcp::test {
namespace {

constexpr double kC = 0.4;
constexpr double kBeta = 0.7;

/// Section 4.2, equation 2.
double time_to_plateau(double w_max, double cwnd_epoch) {
    return std::cbrt((w_max - cwnd_epoch) / kC);
}
/// Section 4.2, equation 1.
double w_cubic(double t, double w_max, double cwnd_epoch) {
    return kC * std::pow(t - time_to_plateau(w_max, cwnd_epoch), 3) + w_max;
}
/// Section 4.3, while W_est is below the window of the last loss.
constexpr double kAlpha = 3 * (1 - kBeta) / (1 + kBeta);

/// A flow that always has data: every round trip acknowledges one window, evenly spread.
class Flow {
  public:
    explicit Flow(Duration rtt) : rtt_(rtt) {}
    void loss() {
        cc.ssthresh = cubic.ssthresh_after_loss(cc);
        cc.cwnd = cc.ssthresh;
        cc.cwnd_count = 0;
        epoch = now;
    }
    void run_until(Duration since_epoch) {
        while (now - epoch < since_epoch)
            ack();
    }
    [[nodiscard]] double seconds() const { return static_cast<double>((now - epoch).ns) / 1e9; }

    Cubic cubic{SlowStartExit::Loss};
    CongestionState cc;
    Instant now{1'000'000'000};
    Instant epoch;
    std::uint64_t acked = 0;

  private:
    void ack() {
        now = now + Duration::nanoseconds(rtt_.ns / cc.cwnd);
        AckFacts facts;
        facts.now = now;
        facts.acked = 1;
        facts.rtt_us = facts.srtt_us = facts.min_rtt_us = static_cast<std::uint32_t>(rtt_.ns / 1000);
        cubic.sample(cc, facts);
        cubic.grow(cc, facts);
        ++acked;
    }
    Duration rtt_;
};

TEST(Cubic, CubeRootsAreRoundedDown) {
    for (const std::uint64_t root : {0u, 1u, 2u, 7u, 1000u, 65'535u, 2'000'000u}) {
        EXPECT_EQ(Cubic::cube_root(root * root * root), root);
        if (root > 1) {
            EXPECT_EQ(Cubic::cube_root(root * root * root - 1), root - 1);
        }
    }
}

TEST(Cubic, ALossTakesThreeTenths) {
    // Section 4.6.
    Flow flow{Duration::milliseconds(100)};
    for (const std::uint32_t cwnd : {10u, 50u, 100u, 1000u, 12'345u}) {
        flow.cc.cwnd = cwnd;
        EXPECT_NEAR(flow.cubic.ssthresh_after_loss(flow.cc), kBeta * cwnd, 1 + cwnd * 0.0005);
    }
    flow.cc.cwnd = 2;
    EXPECT_EQ(flow.cubic.ssthresh_after_loss(flow.cc), 2u) << "at least two segments";
}

class CubicCurve : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(CubicCurve, FollowsTheCubeOfTheTimeSinceTheLoss) {
    // 100 ms: far outside of the Reno-friendly region for these windows.
    const std::uint32_t w_max = GetParam();
    Flow flow{Duration::milliseconds(100)};
    flow.cc.cwnd = w_max;
    flow.loss();
    const double start = flow.cc.cwnd;
    const double k = time_to_plateau(w_max, start);
    for (double t = 0.5; t < 1.6 * k; t += 0.5) {
        flow.run_until(Duration::nanoseconds(static_cast<std::int64_t>(t * 1e9)));
        // Section 4.4 aims at W_cubic(t + RTT) within the next round trip: between the two it may be.
        const double low = w_cubic(flow.seconds(), w_max, start);
        const double high = w_cubic(flow.seconds() + 0.2, w_max, start);
        EXPECT_GE(flow.cc.cwnd, low - 0.01 * w_max - 2) << "at " << flow.seconds() << " s, K is " << k;
        EXPECT_LE(flow.cc.cwnd, high + 0.01 * w_max + 2) << "at " << flow.seconds() << " s, K is " << k;
    }
}
INSTANTIATE_TEST_SUITE_P(Windows, CubicCurve, ::testing::Values(200u, 500u, 1000u, 5000u));

TEST(Cubic, ThePlateauIsReachedAfterK) {
    Flow flow{Duration::milliseconds(100)};
    flow.cc.cwnd = 1000;
    flow.loss();
    ASSERT_EQ(flow.cc.cwnd, 700u);
    const double k = time_to_plateau(1000, 700);
    EXPECT_NEAR(k, 9.0856, 0.001);
    flow.run_until(Duration::nanoseconds(static_cast<std::int64_t>(k * 1e9)));
    EXPECT_NEAR(flow.cc.cwnd, 1000, 3);
}

TEST(Cubic, FastConvergenceMakesRoom) {
    // Section 4.7: a loss below W_max: W_max = cwnd * (1 + beta) / 2.
    Flow flow{Duration::milliseconds(100)};
    flow.cc.cwnd = 1000;
    flow.loss();
    flow.cc.cwnd = 800;
    flow.loss();
    const double w_max = 800 * (1 + kBeta) / 2;
    EXPECT_NEAR(w_max, 680, 0.1);
    const double start = flow.cc.cwnd;
    EXPECT_NEAR(start, 560, 1);
    const double k = time_to_plateau(w_max, start);
    flow.run_until(Duration::nanoseconds(static_cast<std::int64_t>(k * 1e9)));
    EXPECT_NEAR(flow.cc.cwnd, w_max, 3);
    // Without it the plateau would lie at 800.
    flow.run_until(Duration::nanoseconds(static_cast<std::int64_t>((k + 2) * 1e9)));
    EXPECT_NEAR(flow.cc.cwnd, w_cubic(k + 2, w_max, start), 6);
}

TEST(Cubic, OverAShortPathItIsAsFastAsReno) {
    // Section 4.3: with 10 ms W_est is the larger: alpha of a segment per round trip.
    Flow flow{Duration::milliseconds(10)};
    flow.cc.cwnd = 100;
    flow.loss();
    const double start = flow.cc.cwnd;
    double w_est = start;
    std::uint64_t before = flow.acked;
    for (int ms = 100; ms <= 500; ms += 100) {
        const std::uint32_t cwnd = flow.cc.cwnd;
        flow.run_until(Duration::milliseconds(ms));
        w_est += kAlpha * static_cast<double>(flow.acked - before) / ((cwnd + flow.cc.cwnd) / 2.0);
        before = flow.acked;
        ASSERT_GT(w_est, w_cubic(flow.seconds(), 100, start)) << "else this is not the region";
        // Linux looks at W_est once in 31 ms: three round trips of it.
        EXPECT_NEAR(flow.cc.cwnd, w_est, 3) << "after " << ms << " ms";
    }
    EXPECT_NEAR(flow.cc.cwnd, start + kAlpha * 50, 3);
}

TEST(Cubic, AfterAnIdleTimeTheCurveGoesOnWhereItWas) {
    Flow flow{Duration::milliseconds(100)};
    flow.cc.cwnd = 1000;
    flow.loss();
    flow.run_until(Duration::seconds(3));
    const std::uint32_t before = flow.cc.cwnd;
    // Section 4.2: t does not run while nothing is sent.
    flow.now = flow.now + Duration::seconds(20);
    flow.epoch = flow.epoch + Duration::seconds(20);
    flow.cubic.event(CongestionEvent::TransmitStart, flow.now, Duration::seconds(20));
    flow.run_until(Duration::seconds(4));
    EXPECT_GE(flow.cc.cwnd, before);
    EXPECT_NEAR(flow.cc.cwnd, w_cubic(4.1, 1000, 700), 10);
}

TEST(Cubic, InSlowStartEveryAckCounts) {
    Flow flow{Duration::milliseconds(100)};
    flow.cc.cwnd = 10;
    flow.run_until(flow.now - flow.epoch + Duration::milliseconds(200));
    EXPECT_EQ(flow.cc.cwnd, 10 + flow.acked);
    EXPECT_GT(flow.acked, 30u);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
