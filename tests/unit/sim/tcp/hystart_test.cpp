// Leaving slow start: HyStart++ as RFC 9406 section 4 has it, and Linux's HyStart.
#include "sim/tcp/congestion/hystart.hpp"

#include <gtest/gtest.h>

#include "sim/tcp/congestion/cubic.hpp"

namespace synscope::sim::tcp::test {
namespace {

/// Rounds of ACKs: the first ACK of a round acknowledges all that was sent before it.
class Rounds {
  public:
    /// One ACK for each number, in milliseconds.
    template <class Feed>
    void round(std::initializer_list<double> rtts, Feed feed) {
        const Seq32 end = next_;
        next_ = next_ + 1000;
        bool first = true;
        for (const double ms : rtts) {
            now_ = now_ + Duration::milliseconds(10);
            AckFacts facts;
            facts.now = now_;
            facts.acked = 1;
            facts.rtt_us = static_cast<std::uint32_t>(ms * 1000);
            facts.una = first ? end : una_ + 1;
            facts.nxt = next_;
            first = false;
            una_ = facts.una;
            feed(facts);
        }
    }

  private:
    Instant now_{1'000'000'000};
    Seq32 una_{0};
    Seq32 next_{1000};
};

class HystartPlusPlusRounds : public ::testing::Test {
  protected:
    void round(std::initializer_list<double> rtts) {
        rounds_.round(rtts, [&](const AckFacts& facts) { hystart_.sample(facts); });
    }
    void round(double rtt) { round({rtt, rtt, rtt, rtt, rtt, rtt, rtt, rtt}); }
    /// Section 4.2: in conservative slow start the window grows by a quarter of what is acknowledged.
    bool conservative() {
        HystartPlusPlus copy = hystart_;
        return copy.allowed(8) == 2;
    }
    Rounds rounds_;
    HystartPlusPlus hystart_;
};

TEST_F(HystartPlusPlusRounds, AGrowthOfAnEighthIsAQueue) {
    round(100);
    round(112.4);
    EXPECT_FALSE(conservative()) << "12.5 ms is the threshold of 100 ms";
    hystart_.reset();
    round(100);
    round(112.6);
    EXPECT_TRUE(conservative());
    EXPECT_FALSE(hystart_.ended());
}

TEST_F(HystartPlusPlusRounds, TheThresholdLiesBetweenFourAndSixteenMilliseconds) {
    round(8);
    round(11.9);
    EXPECT_FALSE(conservative());
    hystart_.reset();
    round(8);
    round(12.1);
    EXPECT_TRUE(conservative());
    hystart_.reset();
    round(400);
    round(415);
    EXPECT_FALSE(conservative());
    hystart_.reset();
    round(400);
    round(416.5);
    EXPECT_TRUE(conservative());
}

TEST_F(HystartPlusPlusRounds, EightSamplesOfARoundAreNeeded) {
    round(100);
    round({150, 150, 150, 150, 150, 150, 150});
    EXPECT_FALSE(conservative());
}

TEST_F(HystartPlusPlusRounds, OneQuickAckOfARoundOutweighsTheSlowOnes) {
    round(100);
    round({150, 150, 150, 101, 150, 150, 150, 150});
    EXPECT_FALSE(conservative());
}

TEST_F(HystartPlusPlusRounds, FiveConservativeRoundsEndSlowStart) {
    round(100);
    round(120);
    ASSERT_TRUE(conservative());
    for (int i = 0; i < 4; ++i)
        round(120);
    EXPECT_FALSE(hystart_.ended());
    round(120);
    EXPECT_TRUE(hystart_.ended());
}

TEST_F(HystartPlusPlusRounds, ARoundTripThatFallsAgainResumesSlowStart) {
    round(100);
    round(120);
    ASSERT_TRUE(conservative());
    round(110);
    EXPECT_FALSE(conservative());
    EXPECT_FALSE(hystart_.ended());
}

TEST_F(HystartPlusPlusRounds, AnAckOfManySegmentsGrowsByEightAtMost) {
    // Section 4.3: L is 8 for who does not pace.
    EXPECT_EQ(hystart_.allowed(3), 3u);
    EXPECT_EQ(hystart_.allowed(20), 8u);
}

TEST(HystartPlusPlusInCubic, TheThresholdBecomesTheWindowOfTheLastRound) {
    Cubic cubic{SlowStartExit::HystartPlusPlus};
    CongestionState cc;
    Rounds rounds;
    const auto feed = [&](const AckFacts& facts) {
        cubic.sample(cc, facts);
        cubic.grow(cc, facts);
    };
    const auto round = [&](double ms) { rounds.round({ms, ms, ms, ms, ms, ms, ms, ms}, feed); };
    round(100);
    EXPECT_EQ(cc.cwnd, 18u);
    round(120);
    // The eighth ACK of this round showed the growth.
    EXPECT_EQ(cc.cwnd, 25u);
    for (int i = 0; i < 4; ++i)
        round(120);
    EXPECT_EQ(cc.cwnd, 33u) << "two segments for eight";
    EXPECT_GE(cc.ssthresh, kInfiniteSsthresh);
    round(120);
    EXPECT_EQ(cc.ssthresh, 33u);
}

// ---- Linux's

class LinuxHystartRounds : public ::testing::Test {
  protected:
    bool round(double ms, int acks, Duration gap) {
        const Seq32 end = next_;
        next_ = next_ + 1000;
        bool found = false;
        for (int i = 0; i < acks; ++i) {
            AckFacts facts;
            facts.now = now_;
            facts.rtt_us = static_cast<std::uint32_t>(ms * 1000);
            facts.una = end + 1 + static_cast<std::uint32_t>(i);
            facts.nxt = next_;
            found = hystart_.sample(cc_, facts, 100'000) || found;
            now_ = now_ + gap;
        }
        now_ = now_ + Duration::milliseconds(100);
        return found;
    }
    Instant now_{1'000'000'000};
    Seq32 next_{1000};
    CongestionState cc_;
    LinuxHystart hystart_;
};

TEST_F(LinuxHystartRounds, BelowSixteenSegmentsItDoesNotLook) {
    cc_.cwnd = 15;
    EXPECT_FALSE(round(300, 15, Duration::milliseconds(5)));
    cc_.cwnd = 16;
    EXPECT_TRUE(round(300, 15, Duration::milliseconds(5)));
}

TEST_F(LinuxHystartRounds, ADelayOfAnEighthMoreEndsSlowStart) {
    cc_.cwnd = 40;
    EXPECT_FALSE(round(112, 20, Duration::milliseconds(5))) << "12.5 ms is the threshold of 100 ms";
    EXPECT_TRUE(round(113, 20, Duration::milliseconds(5)));
}

TEST_F(LinuxHystartRounds, ATrainOfAcksOfHalfARoundTripEndsSlowStart) {
    cc_.cwnd = 40;
    // 25 ACKs at 2 ms: 48 ms, less than half of 100 ms and the millisecond of a burst.
    EXPECT_FALSE(round(100, 25, Duration::milliseconds(2)));
    EXPECT_TRUE(round(100, 28, Duration::milliseconds(2)));
    // Gaps of more than 2 ms are no train.
    EXPECT_FALSE(round(100, 28, Duration::microseconds(2'100)));
}

}  // namespace
}  // namespace synscope::sim::tcp::test
