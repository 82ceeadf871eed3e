// RFC 5681, 6582, 3042 and 6928 without SACK: window and retransmissions after the n-th ACK. The window comes
// down by RFC 6937, with SACK or without.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

class TcpReno : public TcpScenario {
  protected:
    void begin(std::uint32_t cwnd, std::size_t bytes) {
        Personality p = kLinux;
        p.congestion = CongestionAlgorithm::Reno;
        p.initial_cwnd = cwnd;
        use(p);
        established("mss 1000");
        write(bytes);
        clear_sent();
        in(100ms);
    }
    /// The starts of the segments sent, in segments.
    std::vector<int> numbers_sent() {
        std::vector<int> out;
        for (const std::string& text : sent()) {
            const auto at = text.find(' ');
            out.push_back((std::stoi(text.substr(at + 1)) - 1) / 1000);
        }
        return out;
    }
    std::vector<int> ack(int segments) {
        arrives(concat(". ack ", 1 + 1000 * segments, " win 65535"));
        return numbers_sent();
    }
    using N = std::vector<int>;
};

TEST_F(TcpReno, TheInitialWindowIsTenSegments) {
    // RFC 6928; RFC 5681 section 3.1 would say 4 * 1000.
    established("mss 1000");
    write(30'000);
    EXPECT_EQ(numbers_sent().size(), 10u);
    EXPECT_EQ(cwnd(), 10u);
}

TEST_F(TcpReno, AfterTwoLostSynsItIsOneSegment) {
    connects();
    expect_sends_at(1s, "S 0:0(0)");
    expect_sends_at(2s, "S 0:0(0)");
    at(2100ms).arrives("S. 0:0(0) ack 1 win 65535 <mss 1000>");
    clear_sent();
    EXPECT_EQ(cwnd(), 1u);
}

TEST_F(TcpReno, SlowStartDoublesPerRoundTripAlsoWithAnAckForTwo) {
    begin(4, 60'000);
    // Every second segment is acknowledged: RFC 5681 counts bytes, not ACKs (RFC 3465).
    unsigned expected = 4;
    for (int acked = 2; acked <= 28; acked += 2) {
        (void)ack(acked);
        expected += 2;
        EXPECT_EQ(cwnd(), expected) << "after " << acked << " segments";
    }
}

TEST_F(TcpReno, LimitedTransmitSendsNewDataForTheFirstTwoDuplicates) {
    // RFC 3042 section 2: the window itself stays.
    begin(4, 20'000);
    EXPECT_EQ(ack(0), N{4});
    EXPECT_EQ(cwnd(), 4u);
    EXPECT_EQ(ack(0), N{5});
    EXPECT_EQ(cwnd(), 4u);
    EXPECT_EQ(ack(0), N{0}) << "the third is the fast retransmit";
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
}

TEST_F(TcpReno, WithoutLimitedTransmitTheFirstDuplicatesSendNothing) {
    begin(4, 20'000);
    Personality p = stack_->personality();
    p.limited_transmit = false;
    stack_->set_personality(p);
    EXPECT_EQ(ack(0), N{});
    EXPECT_EQ(ack(0), N{});
    EXPECT_EQ(ack(0), N{0});
}

TEST_F(TcpReno, FastRetransmitHalvesAndTheWindowComesDownWithTheAcks) {
    begin(16, 40'000);
    EXPECT_EQ(ack(0), N{16});
    EXPECT_EQ(ack(0), N{17});
    EXPECT_EQ(ack(0), N{0});
    EXPECT_EQ(tcb().cc.ssthresh, 8u);
    // RFC 6937 section 3: CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out: one segment for two ACKs.
    // prr_delivered began with the third duplicate.
    unsigned out = 1;
    for (unsigned delivered = 2; delivered <= 12; ++delivered) {
        const unsigned may = (delivered * 8 + 15) / 16 - out;
        const auto got = ack(0);
        EXPECT_EQ(got.size(), may) << "delivered " << delivered;
        out += static_cast<unsigned>(got.size());
    }
    // The retransmission is acknowledged, and all that was out when it was sent.
    (void)ack(18);
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery) << "RFC 6582 section 4: the ACK must be above recover";
    (void)ack(19);
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
    EXPECT_EQ(cwnd(), 8u);
}

TEST_F(TcpReno, APartialAckSendsTheNextHoleAtOnce) {
    // RFC 6582 section 3.2 step 3: 0, 3 and 6 of ten were lost.
    begin(10, 10'000);
    (void)ack(0), (void)ack(0);
    EXPECT_EQ(ack(0), N{0});
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ack(0), N{});
    in(100ms);
    EXPECT_EQ(ack(3), N{3});
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
    in(100ms);
    EXPECT_EQ(ack(6), N{6});
    in(100ms);
    EXPECT_EQ(ack(10), N{});
    EXPECT_EQ(tcb().cc.ssthresh, 5u) << "one reduction for the three";
    EXPECT_EQ(tcb().rec.total_retrans, 3u);
}

TEST_F(TcpReno, DuplicatesOfBeforeATimeoutStartNoFastRetransmit) {
    // RFC 6582 section 4.1 (the cumulative ACK does not cover "recover").
    begin(10, 10'000);
    at(400ms);
    clear_sent();
    ASSERT_EQ(tcb().rec.state, Recovery::Loss);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ack(0), N{}) << "duplicate " << i;
    EXPECT_EQ(tcb().rec.state, Recovery::Loss);
    EXPECT_EQ(tcb().cc.ssthresh, 5u);
}

TEST_F(TcpReno, AnAckWithDataOrANewWindowIsNoDuplicate) {
    // RFC 5681 section 2.
    begin(4, 4'000);
    for (int i = 0; i < 4; ++i) {
        arrives(concat(". ", 1 + i, ':', 2 + i, "(1) ack 1 win 65535"));
        clear_sent();
    }
    arrives(". 5:5(0) ack 1 win 60000"), clear_sent();
    EXPECT_EQ(tcb().rec.sacked_out, 0u);
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
}

TEST_F(TcpReno, AvoidanceAddsOneSegmentPerWindow) {
    begin(20, 200'000);
    const_cast<Tcb&>(tcb()).cc.ssthresh = 20;
    // RFC 5681 section 3.1, equation 3, over five windows.
    int acked = 0;
    for (unsigned window = 20; window < 25; ++window) {
        for (unsigned i = 1; i < window; ++i) {
            (void)ack(++acked);
            ASSERT_EQ(cwnd(), window) << "after segment " << acked;
        }
        (void)ack(++acked);
        ASSERT_EQ(cwnd(), window + 1) << "after segment " << acked;
    }
}

}  // namespace
}  // namespace synscope::sim::tcp::test
