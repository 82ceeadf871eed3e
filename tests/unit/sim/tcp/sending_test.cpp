// What is sent and when: Nagle, windows, probes, timers, loss recovery, congestion control. With numbers.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

/// The flags of a slow start's i-th segment: two at a time go to the card, and the last of them is pushed.
const char* pushed(int i) {
    return i % 2 == 1 ? "P. " : ". ";
}

class TcpNagle : public TcpScenario {};

TEST_F(TcpNagle, ASmallSegmentWaitsForTheOneBefore) {
    established();
    write(10);
    expect_sends("P. 1:11(10) ack 1");
    write(10);
    write(20);
    expect_nothing();
    in(10ms).arrives(". ack 11 win 65535");
    expect_sends("P. 11:41(30) ack 1");
}

TEST_F(TcpNagle, MinshallLetsTheTailOfAFullSegmentGo) {
    established();
    write(1500);
    expect_sends(". 1:1001(1000) ack 1");
    expect_sends("P. 1001:1501(500) ack 1");
}

TEST_F(TcpNagle, NoDelayTurnsItOff) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.no_delay = true;
    change(options);
    write(10);
    write(10);
    expect_sends("P. 1:11(10) ack 1");
    expect_sends("P. 11:21(10) ack 1");
}

TEST_F(TcpNagle, ACorkHoldsUntilItIsPulled) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.cork = true;
    change(options);
    write(10);
    write(10);
    expect_nothing();
    options.cork = false;
    change(options);
    expect_sends("P. 1:21(20) ack 1");
}

TEST_F(TcpNagle, MoreIsACorkForOneCall) {
    established();
    write(10, {.more = true});
    expect_nothing();
    write(10);
    expect_sends("P. 1:21(20) ack 1");
}

TEST_F(TcpNagle, EndOfRecordKeepsWritesApart) {
    established();
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    write(100, {.more = true, .end_of_record = true});
    expect_nothing();
    write(100);
    // What follows closed the record: nothing can join it any more.
    expect_sends(". 1001:1101(100) ack 1");
    in(10ms).arrives(". ack 1101 win 65535");
    expect_sends("P. 1101:1201(100) ack 1");
}

class TcpWindow : public TcpScenario {};

TEST_F(TcpWindow, ThePeersWindowIsNotOverrun) {
    established();
    const_cast<Tcb&>(tcb()).snd.wnd = 2000;
    write(5000);
    expect_sends(". 1:1001(1000) ack 1");
    expect_sends("P. 1001:2001(1000) ack 1");
    expect_nothing();
}

TEST_F(TcpWindow, AClosedWindowIsProbedWithBackoff) {
    established();
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    in(100ms).arrives(". ack 1001 win 0");
    write(1000);
    expect_nothing();
    // RTO is 300 ms: SRTT 100 ms and 200 ms of variance at least.
    const auto first = 200ms + 300ms;
    expect_sends_at(first, ". ack 1");
    expect_sends_at(first + 600ms, ". ack 1");
    expect_sends_at(first + 1800ms, ". ack 1");
    in(10ms).arrives(". ack 1001 win 65535");
    expect_sends("P. 1001:2001(1000) ack 1");
}

TEST_F(TcpWindow, AReadThatOpensTheWindowIsTold) {
    Personality p = kLinux;
    p.rmem = {4096, 8192, 8192};
    p.receive_autotuning = false;
    use(p);
    established();
    // The buffer stands for 4096 bytes of window; two segments of 1460 of it were offered.
    arrives(". 1:1001(1000) ack 1 win 65535");
    expect_sends(". ack 1001 win 2920");
    for (int i = 1; i < 4; ++i)
        arrives(concat(". ", 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1 win 65535"));
    in(1s).expect_sends(". ack 3921 win 0");
    EXPECT_EQ(read().size(), 3920u);
    expect_sends(". ack 3921 win 3000");
}

class TcpDelayedAck : public TcpScenario {};

TEST_F(TcpDelayedAck, TheFirstSegmentsAreAcknowledgedAtOnce) {
    established();
    arrives(". 1:1001(1000) ack 1 win 65535");
    expect_sends(". ack 1001");
}

TEST_F(TcpDelayedAck, BsdWaitsAHundredMillisecondsOrForASecondSegment) {
    use(kBsd);
    established();
    arrives(". 1:1001(1000) ack 1 win 65535");
    expect_sends_at(200ms, ". ack 1001");
    arrives(". 1001:2001(1000) ack 1 win 65535");
    arrives(". 2001:3001(1000) ack 1 win 65535");
    expect_sends(". ack 3001");
}

class TcpRto : public TcpScenario {};

TEST_F(TcpRto, BacksOffExponentiallyFromThreeTimesTheHandshake) {
    listens();
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    at(100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    // RFC 6298: SRTT 100 ms, RTTVAR 50 ms, 4 * RTTVAR = 200 ms: RTO 300 ms. Without SACK no tail loss probe.
    expect_sends_at(400ms, "P. 1:1001(1000) ack 1");
    expect_sends_at(1000ms, "P. 1:1001(1000) ack 1");
    expect_sends_at(2200ms, "P. 1:1001(1000) ack 1");
    EXPECT_EQ(cwnd(), 1u);
    EXPECT_EQ(tcb().rec.state, Recovery::Loss);
}

TEST_F(TcpRto, UserTimeoutEndsTheConnection) {
    established("mss 1000");
    SocketOptions options = stack_->options(socket_);
    options.user_timeout_ms = 1000;
    change(options);
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    at(1500ms);
    while (stack_->find(socket_)->state != TcpState::Closed && now().ns < 3'000'000'000)
        in(100ms);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
    EXPECT_LT(now().ns, 2'000'000'000);
    clear_sent();
}

class TcpTailLoss : public TcpScenario {};

TEST_F(TcpTailLoss, AProbeGoesOutAfterTwoRoundTrips) {
    listens();
    arrives("S 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>");
    expect_sends("S. 0:0(0) ack 1");
    at(100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    write(3000);
    expect_sends(". 1:1001(1000) ack 1");
    expect_sends("P. 1001:2001(1000) ack 1");
    expect_sends("P. 2001:3001(1000) ack 1");
    // RFC 8985 section 7.2: 2 * SRTT, and 2 ms.
    expect_sends_at(302ms, "P. 2001:3001(1000) ack 1");
    in(100ms).arrives(". ack 1 win 65535 <nop,nop,sack 1 {2001:3001}>");
    // The probe came back: RACK says that what was sent before it is lost.
    expect_sends(". 1:1001(1000) ack 1");
    in(100ms).arrives(". ack 1001 win 65535 <nop,nop,sack 1 {2001:3001}>");
    expect_sends(". 1001:2001(1000) ack 1");
    in(100ms).arrives(". ack 3001 win 65535");
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
}

class TcpFastRetransmit : public TcpScenario {};

TEST_F(TcpFastRetransmit, ThreeSacksAndRateReduction) {
    established();
    write(4000);
    for (int i = 0; i < 4; ++i)
        expect_sends(concat(pushed(i), 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1"));
    in(100ms).arrives(". ack 1 win 65535 <nop,nop,sack 1 {1001:2001}>");
    arrives(". ack 1 win 65535 <nop,nop,sack 1 {1001:3001}>");
    expect_nothing();
    arrives(". ack 1 win 65535 <nop,nop,sack 1 {1001:4001}>");
    expect_sends(". 1:1001(1000) ack 1");
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
    EXPECT_EQ(tcb().cc.ssthresh, 7u);  // CUBIC: 0.7 of 10
    in(100ms).arrives(". ack 4001 win 65535");
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
    EXPECT_EQ(cwnd(), 7u);
}

TEST_F(TcpFastRetransmit, NewRenoCountsDuplicatesWithoutSack) {
    Personality p = kLinux;
    p.congestion = CongestionAlgorithm::Reno;
    use(p);
    established("mss 1000");
    write(6000);
    for (int i = 0; i < 6; ++i)
        expect_sends(concat(pushed(i), 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1"));
    in(100ms);
    arrives(". ack 1 win 65535");
    arrives(". ack 1 win 65535");
    expect_nothing();
    arrives(". ack 1 win 65535");
    expect_sends(". 1:1001(1000) ack 1");
    EXPECT_EQ(tcb().cc.ssthresh, 5u);
    // RFC 6582 section 3.2: a partial ACK retransmits the next hole.
    in(100ms).arrives(". ack 2001 win 65535");
    expect_sends(". 2001:3001(1000) ack 1");
    in(100ms).arrives(". ack 6001 win 65535");
    // Section 4.1: without SACK the recovery ends with the first ACK above the recovery point.
    EXPECT_EQ(tcb().rec.state, Recovery::Recovery);
    write(1000);
    expect_sends("P. 6001:7001(1000) ack 1");
    in(100ms).arrives(". ack 7001 win 65535");
    EXPECT_EQ(tcb().rec.state, Recovery::Open);
    EXPECT_EQ(cwnd(), 5u);
}

class TcpCongestionWindow : public TcpScenario {
  protected:
    void send_and_drop_log(std::size_t bytes) {
        write(bytes);
        clear_sent();
    }
};

TEST_F(TcpCongestionWindow, StartsWithTenSegments) {
    established();
    write(20000);
    for (int i = 0; i < 10; ++i)
        expect_sends(concat(pushed(i), 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1"));
    expect_nothing();
}

TEST_F(TcpCongestionWindow, SlowStartAddsWhatEveryAckAcknowledges) {
    established();
    send_and_drop_log(40000);
    in(100ms);
    for (int n = 1; n <= 10; ++n) {
        arrives(concat(". ack ", 1 + 1000 * n, " win 65535"));
        EXPECT_EQ(cwnd(), 10u + static_cast<unsigned>(n)) << "after ACK " << n;
        clear_sent();
    }
}

TEST_F(TcpCongestionWindow, RenoAvoidanceAddsOnePerWindow) {
    Personality p = kLinux;
    p.congestion = CongestionAlgorithm::Reno;
    p.initial_cwnd = 4;
    use(p);
    established();
    send_and_drop_log(40000);
    const_cast<Tcb&>(tcb()).cc.ssthresh = 4;
    in(100ms);
    // RFC 5681 section 3.1: one segment more for each window acknowledged: 4 ACKs, then 5, then 6.
    const unsigned expected[] = {4, 4, 4, 5, 5, 5, 5, 5, 6};
    for (int n = 1; n <= 9; ++n) {
        arrives(concat(". ack ", 1 + 1000 * n, " win 65535"));
        EXPECT_EQ(cwnd(), expected[n - 1]) << "after ACK " << n;
        clear_sent();
    }
}

TEST_F(TcpCongestionWindow, AnIdleConnectionStartsAnew) {
    established();
    send_and_drop_log(20000);
    in(100ms).arrives(". ack 10001 win 65535");
    clear_sent();
    in(100ms).arrives(". ack 20001 win 65535");
    EXPECT_EQ(cwnd(), 20u);
    in(10s);
    write(1000);
    EXPECT_EQ(cwnd(), 10u);
    clear_sent();
}

class TcpFrto : public TcpScenario {};

TEST_F(TcpFrto, ASpuriousTimeoutIsUndone) {
    established();
    write(4000);
    clear_sent();
    in(100ms).arrives(". ack 1001 win 65535");
    const unsigned before = cwnd();
    // Three segments are late, not lost. The probe and the timeout come first.
    while (tcb().rec.state != Recovery::Loss && now().ns < 5'000'000'000)
        in(10ms);
    write(4000);
    clear_sent();
    in(10ms).arrives(". ack 2001 win 65535");
    clear_sent();
    in(1ms).arrives(". ack 3001 win 65535");
    clear_sent();
    EXPECT_LE(tcb().rec.state, Recovery::Disorder);
    EXPECT_GE(cwnd(), before);
    EXPECT_EQ(stack_->counters().spurious_undos, 1u);
}

class TcpKeepAlive : public TcpScenario {};

TEST_F(TcpKeepAlive, ProbesAnIdleConnectionAndGivesUp) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.keep_alive = true;
    options.keep_idle = Duration::seconds(10);
    options.keep_interval = Duration::seconds(2);
    options.keep_count = 3;
    change(options);
    expect_sends_at(10100ms, ". ack 1");
    expect_sends_at(12100ms, ". ack 1");
    expect_sends_at(14100ms, ". ack 1");
    expect_sends_at(16100ms, "R. 1:1(0) ack 1");
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(TcpKeepAlive, AnAnswerKeepsItAlive) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.keep_alive = true;
    options.keep_idle = Duration::seconds(10);
    change(options);
    expect_sends_at(10100ms, ". ack 1");
    in(10ms).arrives(". ack 1 win 65535");
    expect_nothing_until(20s);
}

class TcpEcn : public TcpScenario {};

TEST_F(TcpEcn, ACongestionMarkIsEchoedUntilCwr) {
    listens();
    arrives("SEW 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>");
    expect_sends("SE. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    arrives("[ce] . 1:1001(1000) ack 1 win 65535");
    expect_sends("E. ack 1001");
    arrives("[ect0] .W 1001:2001(1000) ack 1 win 65535");
    expect_sends(". ack 2001");
}

TEST_F(TcpEcn, TheEchoHalvesTheWindowOnce) {
    listens();
    arrives("SEW 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>");
    expect_sends("SE. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    write(10000);
    clear_sent();
    in(100ms).arrives(".E ack 1001 win 65535");
    EXPECT_EQ(tcb().rec.state, Recovery::Cwr);
    EXPECT_EQ(tcb().cc.ssthresh, 7u);
    arrives(".E ack 2001 win 65535");
    EXPECT_EQ(tcb().cc.ssthresh, 7u);
    clear_sent();
}

class TcpUrgent : public TcpScenario {};

TEST_F(TcpUrgent, TheOctetIsTakenOutOfTheStream) {
    established();
    arrives("P.U 1:11(10) ack 1 win 65535 urg 5");
    expect_sends(". ack 11");
    std::byte octet{};
    EXPECT_EQ(stack_->receive(now(), socket_, {&octet, 1}, {.out_of_band = true}).bytes, 1u);
    EXPECT_EQ(octet, std::byte{5});
    EXPECT_EQ(read().size(), 4u);
    EXPECT_EQ(read().size(), 5u);
}

TEST_F(TcpUrgent, ThePointerNamesTheOctetBehind) {
    established();
    write(10, {.out_of_band = true});
    expect_sends("PU. 1:11(10) ack 1 win 64240 urg 10");
}

class TcpIcmp : public TcpScenario {};

TEST_F(TcpIcmp, FragmentationNeededMakesSegmentsSmaller) {
    established("mss 1460,nop,nop,sackOK");
    write(1460);
    expect_sends("P. 1:1461(1460) ack 1");
    IcmpReport report;
    report.kind = IcmpKind::FragmentationNeeded;
    report.source = local_;
    report.destination = peer_;
    report.seq = numbers_.stack_isn + 1;
    report.next_hop_mtu = 1000;
    stack_->icmp(now(), report);
    expect_sends(". 1:961(960) ack 1");
    expect_sends("P. 961:1461(500) ack 1");
}

TEST_F(TcpIcmp, UnreachableEndsAnOpenAndNotAConnection) {
    connects();
    IcmpReport report;
    report.kind = IcmpKind::HostUnreachable;
    report.source = local_;
    report.destination = peer_;
    report.seq = numbers_.stack_isn;
    stack_->icmp(now(), report);
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::HostUnreachable);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
