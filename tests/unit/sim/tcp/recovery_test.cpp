// Loss recovery with SACK in numbers: RFC 6937 (PRR), RFC 8985 (RACK-TLP), RFC 5682 (F-RTO), RFC 2883.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

using N = std::vector<int>;

/// Segments of 1000 bytes, counted from 0. The round trip is 100 ms.
class TcpSackRecovery : public TcpScenario {
  protected:
    void begin(std::uint32_t segments, std::size_t waiting = 0,
               CongestionAlgorithm algorithm = CongestionAlgorithm::Reno) {
        Personality p = kLinux;
        p.congestion = algorithm;
        p.initial_cwnd = segments;
        use(p);
        established("mss 1000,nop,nop,sackOK");
        write(1000 * (segments + waiting));
        clear_sent();
    }
    N numbers_sent() {
        N out;
        for (const std::string& text : sent())
            out.push_back((std::stoi(text.substr(text.find(' ') + 1)) - 1) / 1000);
        return out;
    }
    /// An ACK up to a segment, with one block of segments [first, last].
    N sack(int ack, int first, int last) {
        arrives(concat(". ack ", 1 + 1000 * ack, " win 65535 <nop,nop,sack 1 {", 1 + 1000 * first, ':',
                       1001 + 1000 * last, "}>"));
        return numbers_sent();
    }
    N ack(int segments) {
        arrives(concat(". ack ", 1 + 1000 * segments, " win 65535"));
        return numbers_sent();
    }
    /// What goes out at exactly this time, and nothing before.
    N sent_at(std::chrono::nanoseconds t) {
        expect_nothing_until(t);
        at(t);
        return numbers_sent();
    }
};

// ---- RFC 6937

class TcpPrr : public TcpSackRecovery {};

TEST_F(TcpPrr, SendsInProportionToWhatArrives) {
    // 20 in flight, segment 0 is lost: ssthresh 10, RecoverFS 20.
    begin(20, 40);
    in(100ms);
    EXPECT_EQ(sack(0, 1, 1), N{20}) << "limited transmit (RFC 3042)";
    EXPECT_EQ(sack(0, 1, 2), N{21});
    EXPECT_EQ(sack(0, 1, 3), N{0});
    ASSERT_EQ(tcb().rec.state, Recovery::Recovery);
    ASSERT_EQ(tcb().cc.ssthresh, 10u);
    // The third SACK was prr_delivered 1 and let the retransmission out: prr_out 1. From then on
    // CEIL(prr_delivered * 10 / 20) - prr_out.
    int next = 22;
    unsigned out = 1;
    // Until pipe is down to ssthresh.
    for (unsigned delivered = 2; delivered <= 16; ++delivered) {
        const unsigned may = (delivered * 10 + 19) / 20 - out;
        N expected;
        for (unsigned i = 0; i < may; ++i)
            expected.push_back(next++);
        EXPECT_EQ(sack(0, 1, static_cast<int>(delivered) + 2), expected) << "delivered " << delivered;
        out += may;
    }
    EXPECT_EQ(tcb().in_flight(), 11u);
    EXPECT_EQ(sack(0, 1, 19), N{}) << "pipe is ssthresh";
    EXPECT_EQ(tcb().in_flight(), 10u);
    in(100ms).arrives(". ack 22001 win 65535");
    EXPECT_EQ(cwnd(), 10u);
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
    clear_sent();
}

TEST_F(TcpPrr, AfterHeavyLossItBuildsUpAgainBySlowStart) {
    // 0 to 13 of 20 are lost: pipe falls below ssthresh at once, and the bound of section 3.1 (PRR-SSRB)
    // holds: what was delivered, and one more when something new is acknowledged.
    begin(20);
    in(100ms);
    (void)sack(0, 14, 14);
    (void)sack(0, 14, 15);
    const N first = sack(0, 14, 16);
    EXPECT_EQ(first.size(), 1u);
    std::size_t resent = first.size();
    for (int last = 17; last <= 19; ++last) {
        const N got = sack(0, 14, last);
        EXPECT_EQ(got.size(), 1u) << "one for each that arrives";
        resent += got.size();
    }
    in(100ms);
    const N partial = ack(1);
    EXPECT_EQ(partial.size(), 2u) << "SSRB: one for what arrived and one more";
    EXPECT_LE(tcb().in_flight(), tcb().cc.ssthresh);
    EXPECT_EQ(tcb().cc.ssthresh, 10u);
    clear_sent();
}

// ---- RFC 8985

class TcpRack : public TcpSackRecovery {};

TEST_F(TcpRack, OneSackedSegmentMakesAnOlderOneLateByTime) {
    begin(2);
    // Section 6.2 step 4: RACK.rtt 100 ms + reo_wnd min_RTT / 4 after it was sent; the timer adds 2 ms.
    at(200ms);
    EXPECT_EQ(sack(0, 1, 1), N{});
    EXPECT_EQ(sent_at(227ms), N{0});
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
}

TEST_F(TcpRack, ThreeSackedSegmentsNeedNoTime) {
    begin(4);
    at(200ms);
    EXPECT_EQ(sack(0, 1, 2), N{});
    EXPECT_EQ(sack(0, 1, 3), N{0});
}

TEST_F(TcpRack, AfterReorderingWasSeenThreeAreNotEnough) {
    begin(10, 10);
    at(200ms);
    (void)sack(0, 1, 1);
    // Segment 0 comes after all: reordering.
    (void)ack(2);
    ASSERT_GT(tcb().rec.reord_seen, 0u);
    in(10ms);
    EXPECT_EQ(sack(2, 3, 6).size(), 4u) << "new data, no retransmission";
    EXPECT_NE(tcb().rec.state, Recovery::Recovery);
    // RACK.rtt is 110 ms now, the least round trip 100 ms: 110 + 25 + 2 after the transmission at 100 ms.
    EXPECT_EQ(sent_at(237ms), N{2});
}

TEST_F(TcpRack, ALostRetransmissionIsSeenByWhatWasSentAfterIt) {
    begin(10, 20);
    at(200ms);
    (void)sack(0, 1, 1), (void)sack(0, 1, 2);
    EXPECT_EQ(sack(0, 1, 3).front(), 0);
    (void)sack(0, 1, 9);
    // What was sent with and after the retransmission arrives; it does not.
    at(301ms);
    const N again = sack(0, 1, 13);
    EXPECT_FALSE(again.empty());
    EXPECT_EQ(again.front(), 0);
}

TEST_F(TcpRack, EveryDuplicateReportedWidensTheWindowByAQuarter) {
    begin(10, 20);
    EXPECT_EQ(tcb().rec.rack.reo_wnd_steps, 1u);
    at(200ms);
    (void)sack(0, 1, 1), (void)sack(0, 1, 2), (void)sack(0, 1, 3);
    ASSERT_EQ(tcb().rec.state, Recovery::Recovery);
    // The original was late: both copies arrived (RFC 2883: the first block lies below the ACK).
    in(1ms).arrives(". ack 4001 win 65535 <nop,nop,sack 1 {1:1001}>");
    clear_sent();
    EXPECT_EQ(tcb().rec.rack.reo_wnd_steps, 2u);
    EXPECT_EQ(tcb().rec.dsack_dups, 1u);
}

// ---- RFC 6675

class TcpScoreboard : public TcpSackRecovery {
  protected:
    void begin_without_rack(std::uint32_t segments, std::size_t waiting) {
        Personality p = kLinux;
        p.congestion = CongestionAlgorithm::Reno;
        p.rack = false;
        p.early_retrans = 0;
        p.initial_cwnd = segments;
        use(p);
        established("mss 1000,nop,nop,sackOK");
        write(1000 * (segments + waiting));
        clear_sent();
        at(200ms);
    }
};

TEST_F(TcpScoreboard, ThreeSegmentsAboveAHoleMeanThatItIsLost) {
    // Section 4, IsLost: DupThresh segments with higher numbers were SACKed.
    begin_without_rack(12, 0);
    EXPECT_EQ(sack(0, 1, 1), N{});
    EXPECT_EQ(sack(0, 1, 2), N{});
    EXPECT_EQ(sack(0, 1, 3), N{0});
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
    EXPECT_EQ(tcb().cc.ssthresh, 6u);
    // A second hole, 4: two above it are not enough, the third is. PRR lets one out for two that arrive.
    EXPECT_EQ(sack(0, 5, 6), N{});
    EXPECT_EQ(tcb().rec.lost_out, 1u);
    EXPECT_EQ(sack(0, 5, 7), N{4});
    EXPECT_EQ(tcb().rec.lost_out, 2u);
}

TEST_F(TcpScoreboard, PipeCountsWhatIsOutAndNeitherLostNorArrived) {
    // Section 4, SetPipe.
    begin_without_rack(10, 0);
    (void)sack(0, 1, 1), (void)sack(0, 1, 2);
    EXPECT_EQ(tcb().in_flight(), 8u);
    (void)sack(0, 1, 3);
    // Ten out, three arrived, one lost and sent again.
    EXPECT_EQ(tcb().in_flight(), 7u);
}

TEST_F(TcpScoreboard, ATimeoutForgetsWhatAPeerTookBack) {
    // RFC 2018 section 8: the head was SACKed and is asked for all the same.
    begin_without_rack(4, 0);
    (void)sack(0, 1, 1);
    (void)ack(1);
    EXPECT_TRUE(tcb().rec.sack_reneging);
    in(2s);
    const N again = numbers_sent();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again.front(), 1);
    EXPECT_EQ(tcb().rec.sacked_out, 0u);
}

TEST_F(TcpScoreboard, OfARenegingPeerThatAcknowledgesAllNothingIsLeft) {
    begin_without_rack(4, 0);
    (void)sack(0, 1, 1);
    (void)ack(1);
    ASSERT_TRUE(tcb().rec.sack_reneging);
    arrives(". ack 4001 win 0");
    // What is written now waits for the window, and the window is probed.
    write(1000);
    EXPECT_TRUE(tcb().timers.runs(TimerPlace::Retransmit, TimerKind::Persist));
    clear_sent();
}

class TcpTailProbe : public TcpSackRecovery {};

TEST_F(TcpTailProbe, WithOneSegmentOutWaitsForADelayedAckAsWell) {
    begin(10);
    ack(10);
    clear_sent();
    // Section 7.2: 2 * SRTT + 200 ms, but no later than the RTO.
    const Duration srtt = tcb().rto.srtt();
    const auto pto = std::min(srtt * 2 + Duration::milliseconds(200), tcb().rto.value);
    write(1000);
    (void)numbers_sent();
    EXPECT_EQ(sent_at(100ms + std::chrono::nanoseconds{pto.ns}), N{10});
    EXPECT_EQ(stack_->counters().tail_loss_probes, 1u);
}

TEST_F(TcpTailProbe, IsNewDataWhereThereIsSome) {
    begin(2, 5);
    EXPECT_EQ(sent_at(302ms), N{2}) << "2 * SRTT and 2 ms";
    EXPECT_EQ(tcb().rec.total_retrans, 0u);
}

TEST_F(TcpTailProbe, IsOneOnlyThenTheTimeoutCounts) {
    begin(3);
    EXPECT_EQ(sent_at(302ms), N{2});
    // The RTO runs from the probe.
    EXPECT_EQ(sent_at(602ms), N{0});
    EXPECT_EQ(tcb().rec.state, Recovery::Loss);
}

TEST_F(TcpTailProbe, OfWhatArrivedIsNotSent) {
    Personality p = kLinux;
    p.rack = false;
    use(p);
    established("mss 1000,nop,nop,sackOK");
    write(3000);
    clear_sent();
    at(250ms);
    EXPECT_EQ(sack(0, 2, 2), N{});
    // The probe was due at 302 ms; segment 2 has arrived.
    expect_nothing_until(400ms);
    in(400ms);
    EXPECT_EQ(numbers_sent().front(), 0) << "by the timeout";
}

TEST_F(TcpTailProbe, ThatRepairsALossReducesTheWindow) {
    // Section 7.4.2: nobody reports the probe as a duplicate: the original was lost.
    begin(4);
    EXPECT_EQ(sent_at(302ms), N{3});
    in(100ms);
    (void)ack(3);
    write(1000);
    EXPECT_EQ(numbers_sent(), N{4});
    in(100ms);
    const unsigned before = cwnd();
    (void)ack(5);
    EXPECT_EQ(tcb().cc.ssthresh, before / 2);
    EXPECT_EQ(cwnd(), before / 2);
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
}

TEST_F(TcpTailProbe, ThatWasNeedlessDoesNot) {
    begin(4);
    EXPECT_EQ(sent_at(302ms), N{3});
    // Section 7.4.1: the D-SACK names the probe.
    in(10ms).arrives(". ack 4001 win 65535 <nop,nop,sack 1 {3001:4001}>");
    EXPECT_GE(tcb().cc.ssthresh, kInfiniteSsthresh);
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
    clear_sent();
}

// ---- RFC 5682

class TcpFRto : public TcpSackRecovery {
  protected:
    /// Ten segments out, and a timeout at 602 ms (the probe was at 302 ms).
    void timeout(std::size_t waiting) {
        begin(10, waiting);
        at(602ms);
        clear_sent();
        ASSERT_EQ(tcb().rec.state, Recovery::Loss);
        // The probe may still arrive.
        ASSERT_LE(cwnd(), 2u);
    }
};

TEST_F(TcpFRto, SendsNewDataAfterTheFirstAckAndUndoesAfterTheSecond) {
    timeout(10);
    // Section 3.1 step 2b: two new segments, not the next retransmission.
    in(10ms);
    const N fresh = ack(1);
    ASSERT_FALSE(fresh.empty());
    EXPECT_GE(fresh.front(), 10);
    // Step 3b: data that was never sent again is acknowledged: the timeout was spurious.
    in(10ms);
    (void)ack(2);
    EXPECT_EQ(stack_->counters().spurious_undos, 1u);
    EXPECT_GE(cwnd(), 10u);
}

TEST_F(TcpFRto, ADuplicateAfterTheNewDataMeansRealLoss) {
    timeout(10);
    in(10ms);
    const N fresh = ack(1);
    ASSERT_FALSE(fresh.empty());
    EXPECT_GE(fresh.front(), 10);
    // Step 3a: what was sent last arrives, what was lost does not: retransmissions.
    in(100ms);
    const N again = sack(1, fresh.front(), fresh.front());
    EXPECT_EQ(tcb().rec.state, Recovery::Loss);
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again.front(), 1);
    EXPECT_EQ(stack_->counters().spurious_undos, 0u);
}

TEST_F(TcpFRto, WithoutNewDataItRetransmits) {
    timeout(0);
    in(100ms);
    const N again = ack(1);
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again.front(), 1);
}

TEST_F(TcpFRto, WhenSwitchedOffTheSecondSegmentGoesAgain) {
    Personality p = kLinux;
    p.frto = false;
    p.congestion = CongestionAlgorithm::Reno;
    use(p);
    established("mss 1000,nop,nop,sackOK");
    write(20'000);
    at(602ms);
    clear_sent();
    in(100ms);
    EXPECT_EQ(ack(1).front(), 1);
}

// ---- taking a reduction back

class TcpUndo : public TcpSackRecovery {};

TEST_F(TcpUndo, EveryRetransmissionReportedAsADuplicateUndoes) {
    // RFC 3708.
    begin(10, 10);
    at(200ms);
    (void)sack(0, 1, 1), (void)sack(0, 1, 2), (void)sack(0, 1, 3);
    ASSERT_EQ(tcb().rec.state, Recovery::Recovery);
    const unsigned before = tcb().cc.prior_cwnd;
    in(1ms).arrives(". ack 4001 win 65535");
    clear_sent();
    in(1ms).arrives(". ack 4001 win 65535 <nop,nop,sack 1 {1:1001}>");
    clear_sent();
    EXPECT_GE(cwnd(), before);
    EXPECT_EQ(stack_->counters().spurious_undos, 1u);
}

TEST_F(TcpUndo, AnEchoOlderThanTheRetransmissionUndoes) {
    // Eifel, RFC 3522.
    Personality p = kLinux;
    p.congestion = CongestionAlgorithm::Reno;
    use(p);
    established("mss 1000,sackOK,TS val 1 ecr 0");
    write(9880);
    clear_sent();
    at(210ms);
    for (const int last : {2, 3, 4})
        arrives(
            concat(". ack 1 win 65535 <nop,nop,TS val 2 ecr 100,nop,nop,sack 1 {989:", 1 + 988 * last, "}>")),
            clear_sent();
    ASSERT_EQ(tcb().rec.state, Recovery::Recovery);
    arrives(". ack 3953 win 65535 <nop,nop,TS val 3 ecr 100>");
    clear_sent();
    EXPECT_EQ(stack_->counters().spurious_undos, 1u);
    EXPECT_GE(cwnd(), 10u);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
