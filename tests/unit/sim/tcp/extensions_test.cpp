// RFC 7323 (timestamps and PAWS), RFC 6191 (TIME-WAIT), RFC 5961 (challenge ACKs), RFC 3168 (ECN), RFC 2861
// and 7661 (an unused window), SYN cookies (RFC 4987).
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

// ---- RFC 7323

class TcpTimestamps : public TcpScenario {
  protected:
    void stamped() {
        listens();
        arrives("S 0:0(0) win 65535 <mss 1000,sackOK,TS val 1000 ecr 0>");
        clear_sent();
        in(100ms).arrives(". ack 1 win 65535 <nop,nop,TS val 1100 ecr 0>");
        socket_ = *stack_->accept(now(), listener_);
    }
};

TEST_F(TcpTimestamps, PawsDropsWhatIsOlderAndAcknowledgesIt) {
    stamped();
    arrives("P. 1:11(10) ack 1 win 65535 <nop,nop,TS val 1099 ecr 0>");
    expect_sends(". ack 1 win 65160 <nop,nop,TS val 100 ecr 1100>");
    EXPECT_EQ(stack_->counters().paws_drops, 1u);
    EXPECT_EQ(read(), "");
    arrives("P. 1:11(10) ack 1 win 65535 <nop,nop,TS val 1100 ecr 0>");
    expect_sends(". ack 11");
    EXPECT_EQ(read().size(), 10u);
}

TEST_F(TcpTimestamps, PawsDoesNotJudgeResets) {
    // Section 5.2: a RST is judged by its number alone.
    stamped();
    arrives("R 1:1(0) win 0 <nop,nop,TS val 5 ecr 0>");
    EXPECT_EQ(state(), TcpState::Closed);
}

TEST_F(TcpTimestamps, AfterTwentyFourDaysTheRecentOneIsNoWitness) {
    // Section 5.5.
    stamped();
    in(std::chrono::hours{24 * 25});
    clear_sent();
    arrives("P. 1:11(10) ack 1 win 65535 <nop,nop,TS val 3 ecr 0>");
    expect_sends(". ack 11");
    EXPECT_EQ(tcb().ts.recent, 3u);
}

TEST_F(TcpTimestamps, TheEchoIsOfTheSegmentThatMovedTheAck) {
    // Section 4.3: SEG.SEQ =< Last.ACK.sent: a segment behind a hole does not count.
    stamped();
    arrives(". 1001:2001(1000) ack 1 win 65535 <nop,nop,TS val 1200 ecr 0>");
    expect_sends(". ack 1 win 65160 <nop,nop,TS val 100 ecr 1100,nop,nop,sack 1 {1001:2001}>");
    arrives(". 1:1001(1000) ack 1 win 65535 <nop,nop,TS val 1250 ecr 0>");
    expect_sends(". ack 2001 win 63160 <nop,nop,TS val 100 ecr 1250>");
}

TEST_F(TcpTimestamps, AreSentOnEverySegmentOnceAgreed) {
    stamped();
    write(100);
    expect_sends("P. 1:101(100) ack 1 win 65160 <nop,nop,TS val 100 ecr 1100>");
    arrives(". ack 101 win 65535 <nop,nop,TS val 1100 ecr 100>");
    stack_->close(now(), socket_);
    expect_sends("F. 101:101(0) ack 1 win 65160 <nop,nop,TS val 100 ecr 1100>");
}

TEST_F(TcpTimestamps, AWindowShiftOfMoreThanFourteenIsFourteen) {
    // Section 2.3.
    listens();
    arrives("S 0:0(0) win 65535 <mss 1000,nop,wscale 15>");
    clear_sent();
    EXPECT_EQ(stack_->find(local_, peer_)->snd.scale, 14);
}

// ---- RFC 6191

class TcpTimeWaitReuse : public TcpScenario {
  protected:
    /// TIME-WAIT of a connection whose last segment came with the number 2 and TSval 102.
    void time_wait(bool stamps) {
        listens();
        arrives(stamps ? "S 0:0(0) win 65535 <mss 1000,sackOK,TS val 100 ecr 0>"
                       : "S 0:0(0) win 65535 <mss 1000>");
        clear_sent();
        arrives(stamps ? ". ack 1 win 65535 <nop,nop,TS val 101 ecr 0>" : ". ack 1 win 65535");
        socket_ = *stack_->accept(now(), listener_);
        stack_->close(now(), socket_);
        clear_sent();
        arrives(stamps ? "F. 1:1(0) ack 2 win 65535 <nop,nop,TS val 102 ecr 0>"
                       : "F. 1:1(0) ack 2 win 65535");
        clear_sent();
        in(2s);
    }
    TcpState pair_state() { return stack_->find(local_, peer_)->state; }
};

TEST_F(TcpTimeWaitReuse, AGreaterTimestampOpensWhateverTheNumber) {
    time_wait(true);
    arrives("S 1:1(0) win 65535 <mss 1000,sackOK,TS val 103 ecr 0>");
    EXPECT_EQ(pair_state(), TcpState::SynReceived);
    clear_sent();
}

TEST_F(TcpTimeWaitReuse, TheSameTimestampNeedsAGreaterNumber) {
    time_wait(true);
    arrives("S 1:1(0) win 65535 <mss 1000,sackOK,TS val 102 ecr 0>");
    EXPECT_EQ(pair_state(), TcpState::TimeWait);
    clear_sent();
    in(1s).arrives("S 3:3(0) win 65535 <mss 1000,sackOK,TS val 102 ecr 0>");
    EXPECT_EQ(pair_state(), TcpState::SynReceived);
    clear_sent();
}

TEST_F(TcpTimeWaitReuse, WithoutTimestampsTheNumberDecides) {
    time_wait(false);
    arrives("S 1:1(0) win 65535 <mss 1000>");
    EXPECT_EQ(pair_state(), TcpState::TimeWait);
    clear_sent();
    in(1s).arrives("S 3:3(0) win 65535 <mss 1000>");
    EXPECT_EQ(pair_state(), TcpState::SynReceived);
    clear_sent();
}

TEST_F(TcpTimeWaitReuse, AnActiveOpenMayTakeAPairWithTimestampsAfterASecond) {
    Personality p = kLinux;
    p.tw_reuse = 1;
    use(p);
    const auto open = [&] {
        socket_ = stack_->create();
        SocketOptions reuse;
        reuse.reuse_address = true;
        stack_->set_options(now(), socket_, reuse);
        EXPECT_EQ(stack_->bind(socket_, local_), Error::None);
        return stack_->connect(now(), socket_, peer_);
    };
    ASSERT_EQ(open(), Error::InProgress);
    expect_sends("S 0:0(0)");
    arrives("S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK,TS val 100 ecr 0>"), clear_sent();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    arrives("F. 1:1(0) ack 2 win 65535 <nop,nop,TS val 101 ecr 0>"), clear_sent();
    ASSERT_EQ(pair_state(), TcpState::TimeWait);
    EXPECT_EQ(open(), Error::AddressNotAvailable) << "the clock of the timestamps must have moved";
    in(2s);
    EXPECT_EQ(open(), Error::InProgress);
    // Beyond every number of the incarnation before.
    expect_sends("S 65539:65539(0)");
}

// ---- RFC 5961

class TcpChallenges : public TcpScenario {};

TEST_F(TcpChallenges, AreLimitedPerSecondForTheWholeHost) {
    Personality p = kLinux;
    p.challenge_ack_limit = 3;
    p.invalid_ratelimit = Duration::milliseconds(0);
    use(p);
    established();
    for (int i = 0; i < 10; ++i)
        arrives("R 100:100(0) win 0"), clear_sent();
    EXPECT_EQ(stack_->counters().challenge_acks, 3u);
    in(1s).arrives("R 100:100(0) win 0");
    expect_sends(". ack 1");
}

TEST_F(TcpChallenges, AnswerASynInEverySynchronizedState) {
    established();
    (void)stack_->shutdown(now(), socket_, ShutdownHow::Write);
    expect_sends("F. 1:1(0) ack 1");
    in(1s).clear_sent();
    arrives("S 1:1(0) win 65535 <mss 1000>");
    expect_sends(". ack 1");
    EXPECT_EQ(state(), TcpState::FinWait1);
    arrives(". ack 2 win 65535");
    in(1s).clear_sent();
    arrives("S. 1:1(0) ack 2 win 65535 <mss 1000>");
    expect_sends(". ack 1");
    EXPECT_EQ(state(), TcpState::FinWait2);
}

// ---- RFC 3168

class TcpEcnBits : public TcpScenario {
  protected:
    /// Marks of the IP header and flags of what is sent next.
    struct Bits {
        Ecn ip;
        bool ece;
        bool cwr;
        friend bool operator==(const Bits&, const Bits&) = default;
    };
    void agreed() {
        listens();
        arrives("SEW 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>");
        expect_sends("SE. 0:0(0) ack 1");
        in(100ms).arrives(". ack 1 win 65535");
        socket_ = *stack_->accept(now(), listener_);
    }
    std::vector<Bits> write_bits(std::size_t bytes) {
        std::vector<std::byte> data(bytes);
        (void)stack_->send(now(), socket_, ByteSpan{data});
        std::vector<Bits> bits;
        for (const Segment& s : stack_->output())
            bits.push_back(
                {s.ecn, s.header.flags.has(wire::TcpFlags::kEce), s.header.flags.has(wire::TcpFlags::kCwr)});
        clear_sent();
        return bits;
    }
};

TEST_F(TcpEcnBits, NewDataIsCapableRetransmissionsAndAcksAreNot) {
    agreed();
    // Sections 6.1.1 and 6.1.5.
    EXPECT_EQ(write_bits(1000), (std::vector<Bits>{{Ecn::Ect0, false, false}}));
    in(300ms);
    // The probe goes out as it was, but not capable.
    clear_sent();
    arrives("[ect0] . 1:1001(1000) ack 1 win 65535");
    ASSERT_EQ(tcb().segments_out > 0, true);
    clear_sent();
}

TEST_F(TcpEcnBits, CwrGoesOnceWithTheNextNewData) {
    agreed();
    (void)write_bits(4000);
    in(100ms).arrives(".E ack 4001 win 65535");
    clear_sent();
    EXPECT_EQ(tcb().cc.ssthresh, 7u);
    EXPECT_EQ(write_bits(2000), (std::vector<Bits>{{Ecn::Ect0, false, true}, {Ecn::Ect0, false, false}}));
}

TEST_F(TcpEcnBits, TheEchoStaysUntilCwrArrives) {
    agreed();
    arrives("[ce] . 1:1001(1000) ack 1 win 65535");
    expect_sends("E. ack 1001");
    arrives("[ect0] . 1001:2001(1000) ack 1 win 65535");
    expect_sends("E. ack 2001");
    EXPECT_EQ(write_bits(500), (std::vector<Bits>{{Ecn::Ect0, true, false}}));
    arrives("[ect0] .W 2001:3001(1000) ack 501 win 65535");
    expect_sends(". ack 3001");
}

TEST_F(TcpEcnBits, ASynWithoutAnswerIsSentWithout) {
    Personality p = kLinux;
    p.ecn = 1;
    use(p);
    socket_ = stack_->create();
    ASSERT_EQ(stack_->bind(socket_, local_), Error::None);
    ASSERT_EQ(stack_->connect(now(), socket_, peer_), Error::InProgress);
    expect_sends("SEW 0:0(0)");
    expect_sends_at(1s, "S 0:0(0)");
}

TEST_F(TcpEcnBits, AnAnswerWithBothBitsIsNoAgreement) {
    Personality p = kLinux;
    p.ecn = 1;
    use(p);
    socket_ = stack_->create();
    ASSERT_EQ(stack_->bind(socket_, local_), Error::None);
    ASSERT_EQ(stack_->connect(now(), socket_, peer_), Error::InProgress);
    expect_sends("SEW 0:0(0)");
    arrives("SEW. 0:0(0) ack 1 win 65535 <mss 1000>");
    clear_sent();
    EXPECT_FALSE(tcb().agreed.ecn);
    EXPECT_EQ(write_bits(10), (std::vector<Bits>{{Ecn::NotEct, false, false}}));
}

// ---- RFC 2861 and 7661

class TcpUnusedWindow : public TcpScenario {
  protected:
    void begin(std::uint32_t cwnd) {
        Personality p = kLinux;
        p.congestion = CongestionAlgorithm::Reno;
        use(p);
        established("mss 1000");
        const_cast<Tcb&>(tcb()).cc.cwnd = cwnd;
        write(1000);
        clear_sent();
    }
};

TEST_F(TcpUnusedWindow, IsHalvedForEveryTimeoutOfIdleness) {
    begin(80);
    in(100ms).arrives(". ack 1001 win 65535");
    const Duration rto = tcb().rto.value;
    // The last transmission was 100 ms ago.
    in(std::chrono::nanoseconds{rto.ns * 5 / 2} - 100ms);
    write(1000);
    clear_sent();
    // RFC 2861 section 3.1: two and a half timeouts: twice; ssthresh remembers three quarters.
    EXPECT_EQ(cwnd(), 20u);
    EXPECT_EQ(tcb().cc.ssthresh, kInfiniteSsthresh);
}

TEST_F(TcpUnusedWindow, DoesNotFallBelowTheInitialOne) {
    begin(80);
    const_cast<Tcb&>(tcb()).cc.ssthresh = 40;
    in(100ms).arrives(". ack 1001 win 65535");
    in(60s);
    write(1000);
    clear_sent();
    EXPECT_EQ(cwnd(), 10u);
    EXPECT_EQ(tcb().cc.ssthresh, 60u) << "three quarters of the window before";
}

TEST_F(TcpUnusedWindow, DoesNotGrow) {
    // RFC 7661 section 4.3: a sender that uses less than half of its window learns nothing about the path.
    begin(10);
    for (int i = 1; i <= 50; ++i) {
        in(50ms).arrives(concat(". ack ", 1 + 1000 * i, " win 65535"));
        write(1000);
        clear_sent();
        ASSERT_EQ(cwnd(), 10u) << "after segment " << i;
    }
}

TEST_F(TcpUnusedWindow, StaysWhenTheSwitchIsOff) {
    begin(80);
    Personality p = stack_->personality();
    p.slow_start_after_idle = false;
    stack_->set_personality(p);
    in(100ms).arrives(". ack 1001 win 65535");
    in(60s);
    write(1000);
    clear_sent();
    EXPECT_EQ(cwnd(), 80u);
}

// ---- SYN cookies

class TcpSynCookies : public TcpScenario {
  protected:
    void always() {
        Personality p = kLinux;
        p.syncookies = 2;
        use(p);
        listens();
    }
    std::uint32_t segment_size_after(unsigned mss) {
        peer_.port = static_cast<std::uint16_t>(10'000 + mss);
        forget_numbers();
        arrives(concat("S 0:0(0) win 65535 <mss ", mss, '>'));
        expect_sends("S. 0:0(0) ack 1");
        arrives(". ack 1 win 65535");
        const auto id = stack_->accept(now(), listener_);
        EXPECT_TRUE(id.has_value());
        return id ? stack_->find(*id)->agreed.mss_clamp : 0;
    }
};

TEST_F(TcpSynCookies, RememberTheSegmentSizeInThreeBits) {
    always();
    // The largest of eight that the peer can take (RFC 4987 section 3.6).
    EXPECT_EQ(segment_size_after(1460), 1460u);
    EXPECT_EQ(segment_size_after(1459), 1440u);
    EXPECT_EQ(segment_size_after(1000), 768u);
    EXPECT_EQ(segment_size_after(600), 536u);
    EXPECT_EQ(segment_size_after(100), 216u);
}

TEST_F(TcpSynCookies, GrowOldInTwoMinutes) {
    always();
    arrives("S 0:0(0) win 65535 <mss 1400>");
    expect_sends("S. 0:0(0) ack 1");
    in(125s).arrives(". ack 1 win 500");
    expect_sends("R 1:1(0) win 0");
    EXPECT_EQ(stack_->counters().syncookies_failed, 1u);
}

TEST_F(TcpSynCookies, AreSentWhenTheSynQueueIsFull) {
    listens(1);
    arrives("S 0:0(0) win 65535 <mss 1000>");
    clear_sent();
    peer_.port = 999;
    forget_numbers();
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    EXPECT_EQ(stack_->counters().syncookies_sent, 1u);
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpSynCookies, WithTimestampsCarryEverything) {
    always();
    arrives("S 0:0(0) win 65535 <mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 9>");
    const std::vector<std::string> answer = sent();
    ASSERT_EQ(answer.size(), 1u);
    const auto at = answer[0].find("TS val ") + 7;
    const std::string stamp = answer[0].substr(at, answer[0].find(' ', at) - at);
    arrives(concat(". ack 1 win 500 <nop,nop,TS val 6 ecr ", stamp, '>'));
    socket_ = *stack_->accept(now(), listener_);
    EXPECT_TRUE(tcb().agreed.sack);
    EXPECT_TRUE(tcb().agreed.timestamps);
    EXPECT_EQ(tcb().snd.scale, 9);
    EXPECT_EQ(tcb().snd.wnd, 500u << 9);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
