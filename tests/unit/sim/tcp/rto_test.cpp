// RFC 6298: the retransmission timeout in numbers; RFC 5681 section 3.1 behind it.
#include "sim/tcp/rto.hpp"

#include <cmath>

#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

/// Section 2.2 and 2.3 in floating point, milliseconds.
struct Rfc6298 {
    double srtt = 0;
    double rttvar = 0;
    void sample(double r) {
        if (srtt == 0) {
            srtt = r;
            rttvar = r / 2;
            return;
        }
        rttvar = 0.75 * rttvar + 0.25 * std::abs(srtt - r);
        srtt = 0.875 * srtt + 0.125 * r;
    }
    [[nodiscard]] double rto() const { return srtt + 4 * rttvar; }
};

constexpr Duration kLeast = Duration::milliseconds(200);
constexpr Duration kMost = Duration::seconds(120);

double base_ms(const Rto& rto) {
    return static_cast<double>(rto.base(kMost).ns) / 1e6;
}

TEST(Rto, TheFirstSampleCountsThrice) {
    for (const unsigned ms : {100u, 250u, 1000u, 3000u}) {
        Rto rto;
        rto.sample(ms * 1000, true, kLeast);
        EXPECT_EQ(rto.srtt(), Duration::milliseconds(ms));
        EXPECT_EQ(rto.base(kMost), Duration::milliseconds(3 * ms));
    }
}

TEST(Rto, FollowsTheFormulaeWhileRoundTripsGrow) {
    Rto rto;
    Rfc6298 rfc;
    for (const unsigned ms : {400u, 500u, 480u, 700u, 900u, 1300u, 1900u, 2800u}) {
        rto.sample(ms * 1000, true, kLeast);
        rfc.sample(ms);
        EXPECT_NEAR(static_cast<double>(rto.srtt().ns) / 1e6, rfc.srtt, 1) << "at " << ms;
        // The variance falls by a quarter of the difference per round trip, and so never faster.
        EXPECT_GE(base_ms(rto), rfc.rto() - 2) << "at " << ms;
        EXPECT_LE(base_ms(rto), rfc.rto() * 1.25 + 2) << "at " << ms;
    }
}

TEST(Rto, ASteadyRoundTripEndsAtItselfAndTheLeastVariance) {
    Rto rto;
    for (int i = 0; i < 200; ++i)
        rto.sample(100'000, true, kLeast);
    // Section 2.4 would round up to a second; Linux adds at least 200 ms to SRTT.
    EXPECT_EQ(rto.base(kMost), Duration::milliseconds(300));
}

TEST(Rto, APathThatGotFasterIsNotTakenForOneThatVaries) {
    Rto rto;
    for (int i = 0; i < 100; ++i)
        rto.sample(1'000'000, true, kLeast);
    const double before = base_ms(rto);
    rto.sample(100'000, true, kLeast);
    EXPECT_LE(base_ms(rto), before);
}

TEST(Rto, HasAnUpperBound) {
    Rto rto;
    rto.sample(100'000'000, true, kLeast);
    EXPECT_EQ(rto.base(kMost), kMost);
}

class TcpRetransmissionTimer : public TcpScenario {
  protected:
    /// Without SACK: no tail loss probe comes before the timeout.
    void one_segment_out() {
        established("mss 1000");
        write(1000);
        expect_sends("P. 1:1001(1000) ack 1");
    }
};

TEST_F(TcpRetransmissionTimer, DoublesUpToTwoMinutes) {
    one_segment_out();
    // RTO 300 ms from 100 ms on.
    std::chrono::milliseconds t = 100ms;
    std::chrono::milliseconds rto = 300ms;
    for (int i = 0; i < 12; ++i) {
        t += rto;
        expect_sends_at(t, "P. 1:1001(1000) ack 1");
        rto = std::min<std::chrono::milliseconds>(rto * 2, 120s);
    }
    EXPECT_EQ(rto, 120s);
}

TEST_F(TcpRetransmissionTimer, IsStartedAnewByEveryAckOfNewData) {
    established("mss 1000");
    write(3000);
    clear_sent();
    // Section 5.3: from 250 ms on; the sample of 150 ms makes it 313 ms.
    at(250ms).arrives(". ack 1001 win 65535");
    clear_sent();
    const Duration rto = tcb().rto.value;
    expect_sends_at(250ms + std::chrono::nanoseconds{rto.ns}, ". 1001:2001(1000) ack 1");
}

TEST_F(TcpRetransmissionTimer, StopsWhenNothingIsOut) {
    one_segment_out();
    in(100ms).arrives(". ack 1001 win 65535");
    EXPECT_EQ(stack_->next_deadline(), kNever);
    expect_nothing_until(1000s);
}

TEST_F(TcpRetransmissionTimer, TakesNoSampleOfWhatWasSentTwice) {
    // Section 3, Karn's algorithm: the ACK may be for either copy; the backed off timeout stays.
    one_segment_out();
    expect_sends_at(400ms, "P. 1:1001(1000) ack 1");
    expect_sends_at(1000ms, "P. 1:1001(1000) ack 1");
    const auto srtt = tcb().rto.srtt_us;
    at(1100ms).arrives(". ack 1001 win 65535");
    EXPECT_EQ(tcb().rto.srtt_us, srtt);
    write(1000);
    expect_sends("P. 1001:2001(1000) ack 1");
    // 300 ms, doubled twice.
    expect_sends_at(2300ms, "P. 1001:2001(1000) ack 1");
    in(50ms).arrives(". ack 2001 win 65535");
    write(1000);
    expect_sends("P. 2001:3001(1000) ack 1");
    in(50ms).arrives(". ack 3001 win 65535");
    // A segment that was sent once: the backoff is over.
    EXPECT_LT(tcb().rto.value, Duration::milliseconds(400));
}

TEST_F(TcpRetransmissionTimer, ATimestampTellsWhichCopyWasAcknowledged) {
    established("mss 1000,nop,nop,TS val 1 ecr 0");
    write(500);
    expect_sends("P. 1:501(500) ack 1");
    expect_sends_at(400ms, "P. 1:501(500) ack 1");
    // The echo of 400 is the copy's: 50 ms.
    at(450ms).arrives(". ack 501 win 65535 <nop,nop,TS val 2 ecr 400>");
    // RFC 6298 section 2.3: 7/8 * 100 + 1/8 * 50.
    EXPECT_NEAR(static_cast<double>(tcb().rto.srtt().ns) / 1e6, 93.75, 1.1);
    EXPECT_EQ(tcb().rec.backoff, 0u);
}

TEST_F(TcpRetransmissionTimer, IsThreeSecondsAfterALostSyn) {
    // Section 5.7.
    listens();
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    expect_sends_at(1s, "S. 0:0(0) ack 1");
    at(1100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    EXPECT_EQ(tcb().rto.value, Duration::seconds(3));
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    expect_sends_at(4100ms, "P. 1:1001(1000) ack 1");
}

TEST_F(TcpRetransmissionTimer, AfterItOneSegmentAndThenSlowStartUpToHalf) {
    Personality p = kLinux;
    p.congestion = CongestionAlgorithm::Reno;
    p.frto = false;
    use(p);
    established("mss 1000");
    write(10'000);
    clear_sent();
    expect_sends_at(400ms, ". 1:1001(1000) ack 1");
    EXPECT_EQ(cwnd(), 1u);
    EXPECT_EQ(tcb().cc.ssthresh, 5u);
    // RFC 5681 section 3.1, equation 3: 1, 2, 4 (one ACK for two segments), 5: half of ten; then one per
    // window.
    struct {
        int ack;
        unsigned cwnd;
    } const steps[] = {{1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 5}, {6, 5}, {7, 5}, {8, 5}, {9, 6}};
    for (const auto& step : steps) {
        in(20ms).arrives(concat(". ack ", 1 + 1000 * step.ack, " win 65535"));
        EXPECT_EQ(cwnd(), step.cwnd) << "after ACK " << step.ack;
        clear_sent();
    }
}

TEST_F(TcpRetransmissionTimer, ASecondTimeoutOfTheSameDataDoesNotHalveAgain) {
    Personality p = kLinux;
    p.congestion = CongestionAlgorithm::Reno;
    use(p);
    established("mss 1000");
    write(10'000);
    clear_sent();
    at(400ms);
    EXPECT_EQ(tcb().cc.ssthresh, 5u);
    at(1000ms);
    EXPECT_EQ(tcb().cc.ssthresh, 5u);
    EXPECT_EQ(cwnd(), 1u);
    clear_sent();
}

}  // namespace
}  // namespace synscope::sim::tcp::test
