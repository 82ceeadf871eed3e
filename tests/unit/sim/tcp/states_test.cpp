// RFC 9293 section 3.10.7, state by state.
#include "sim/tcp/states.hpp"

#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

// ---- CLOSED

class TcpClosed : public TcpScenario {};

TEST_F(TcpClosed, ASegmentForNobodyIsAnsweredWithReset) {
    arrives("S 0:0(0) win 65535 <mss 1460>");
    EXPECT_EQ(stack_->counters().resets_sent, 1u);
    expect_sends("R. 0:0(0) ack 1 win 0");
}

TEST_F(TcpClosed, AResetIsNeverAnswered) {
    arrives("R 1:1(0) win 0");
    expect_nothing();
}

TEST_F(TcpClosed, SegmentsFromAGroupAreDropped) {
    peer_.address = IpAddress::v4(0xe0000001);
    arrives("S 0:0(0) win 65535 <mss 1460>");
    expect_nothing();
}

// ---- LISTEN

class TcpListen : public TcpScenario {};

TEST_F(TcpListen, TheSynIsAnsweredInLinuxOrder) {
    listens();
    arrives("S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>");
    expect_sends("S. 0:0(0) ack 1 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>");
}

TEST_F(TcpListen, WithTimestampsTheWindowIsAMultipleOfWhatIsLeft) {
    listens();
    arrives("S 0:0(0) win 32792 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>");
    expect_sends("S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS val 0 ecr 100,nop,wscale 7>");
}

TEST_F(TcpListen, BsdOrdersItsOptionsItsOwnWay) {
    use(kBsd);
    listens();
    arrives("S 0:0(0) win 65535 <mss 1460,nop,wscale 6,sackOK,TS val 100 ecr 0>");
    expect_sends("S. 0:0(0) ack 1 win 65535 <mss 1460,nop,wscale 6,sackOK,TS val 0 ecr 100>");
}

TEST_F(TcpListen, OptionsThatWereNotOfferedAreNotUsed) {
    listens();
    arrives("S 0:0(0) win 65535");
    expect_sends("S. 0:0(0) ack 1 win 64240 <mss 1460>");
    EXPECT_EQ(stack_->find(local_, peer_)->mss_cache, 536u);
}

TEST_F(TcpListen, AnAckIsAnsweredWithReset) {
    listens();
    arrives(". ack 1 win 100");
    expect_sends("R 1:1(0) win 0");
}

TEST_F(TcpListen, ASynWithFinIsDropped) {
    listens();
    arrives("SF 0:0(0) win 100");
    expect_nothing();
}

TEST_F(TcpListen, AFullAcceptQueueDropsTheSyn) {
    listens(0);
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    arrives(". ack 1 win 65535");
    expect_nothing();
    peer_.port = 999;
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_nothing();
    EXPECT_EQ(stack_->counters().listen_overflows, 1u);
}

TEST_F(TcpListen, ClosingTheListenerResetsWhoWaits) {
    listens();
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    arrives(". ack 1 win 65535");
    stack_->close(now(), listener_);
    expect_sends("R. 1:1(0) ack 1");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpListen, ASynCookieOpensTheConnectionFromNothing) {
    Personality p = kLinux;
    p.syncookies = 2;
    use(p);
    listens();
    arrives("S 0:0(0) win 65535 <mss 1400,sackOK,TS val 5 ecr 0,nop,wscale 7>");
    expect_sends("S. 0:0(0) ack 1");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
    arrives("P. 1:11(10) ack 1 win 500");
    expect_sends(". ack 11");
    const auto accepted = stack_->accept(now(), listener_);
    ASSERT_TRUE(accepted.has_value());
    socket_ = *accepted;
    EXPECT_EQ(tcb().agreed.mss_clamp, 1400u);
    EXPECT_EQ(read().size(), 10u);
    EXPECT_EQ(stack_->counters().syncookies_received, 1u);
}

TEST_F(TcpListen, AForgedCookieIsAnsweredWithReset) {
    Personality p = kLinux;
    p.syncookies = 2;
    use(p);
    listens();
    arrives("S 0:0(0) win 65535 <mss 1400>");
    expect_sends("S. 0:0(0) ack 1");
    arrives(". ack 2 win 500");
    expect_sends("R 2:2(0) win 0");
}

// ---- SYN-SENT

class TcpSynSent : public TcpScenario {};

TEST_F(TcpSynSent, TheSynOffersEverything) {
    connects();
    SUCCEED();
}

TEST_F(TcpSynSent, BadAckIsAnsweredWithReset) {
    connects();
    arrives("S. 0:0(0) ack 2 win 100");
    expect_sends("R 2:2(0) win 0");
    EXPECT_EQ(state(), TcpState::SynSent);
}

TEST_F(TcpSynSent, AResetWithTheRightAckRefuses) {
    connects();
    arrives("R. 0:0(0) ack 1 win 0");
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionRefused);
}

TEST_F(TcpSynSent, AResetWithoutAckIsIgnored) {
    connects();
    arrives("R 0:0(0) win 0");
    EXPECT_EQ(state(), TcpState::SynSent);
}

TEST_F(TcpSynSent, SynsGoOutLinearlyAndThenExponentially) {
    connects();
    for (const auto t : {1s, 2s, 3s, 4s, 5s, 7s, 11s, 19s, 35s, 67s})
        expect_sends_at(t, "S 0:0(0) win 64240");
    expect_nothing_until(131s);
    at(132s);
    expect_nothing();
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(TcpSynSent, BothEndsOpenAtOnce) {
    connects();
    arrives("S 0:0(0) win 5000 <mss 1000>");
    EXPECT_EQ(state(), TcpState::SynReceived);
    expect_sends("S. 0:0(0) ack 1");
    arrives("S. 0:0(0) ack 1 win 5000 <mss 1000>");
    EXPECT_EQ(state(), TcpState::Established);
    // Linux takes the SYN that comes again for a duplicate, which is acknowledged at once.
    expect_sends(". ack 1");
}

TEST_F(TcpSynSent, BothEndsOpenAtOnceWithoutAThirdSegment) {
    use(kBsd);
    connects();
    arrives("S 0:0(0) win 5000 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    arrives("S. 0:0(0) ack 1 win 5000 <mss 1000>");
    EXPECT_EQ(state(), TcpState::Established);
    expect_nothing();
}

// ---- SYN-RECEIVED

class TcpSynReceived : public TcpScenario {
  protected:
    void syn_received() {
        listens();
        arrives("S 0:0(0) win 65535 <mss 1000>");
        expect_sends("S. 0:0(0) ack 1");
    }
};

TEST_F(TcpSynReceived, TheSynAckIsRepeatedFiveTimes) {
    syn_received();
    for (const auto t : {1s, 3s, 7s, 15s, 31s})
        expect_sends_at(t, "S. 0:0(0) ack 1");
    expect_nothing_until(64s);
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpSynReceived, ARepeatedSynGetsTheSameAnswer) {
    syn_received();
    in(100ms).arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
}

TEST_F(TcpSynReceived, AWrongAckIsAnsweredWithReset) {
    syn_received();
    arrives(". ack 5 win 65535");
    expect_sends("R 5:5(0) win 0");
}

TEST_F(TcpSynReceived, AResetReturnsToListen) {
    syn_received();
    arrives("R 1:1(0) win 0");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
    EXPECT_EQ(stack_->find(listener_)->state, TcpState::Listen);
}

// ---- ESTABLISHED

class TcpEstablished : public TcpScenario {};

TEST_F(TcpEstablished, DataIsReadInOrder) {
    established();
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_sends(". ack 101");
    EXPECT_EQ(read().size(), 100u);
}

TEST_F(TcpEstablished, AResetAtTheEdgeOfTheWindowKills) {
    established();
    arrives("R 1:1(0) win 0");
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
}

TEST_F(TcpEstablished, AResetInsideTheWindowIsChallenged) {
    established();
    arrives("R 100:100(0) win 0");
    expect_sends(". ack 1");
    EXPECT_EQ(state(), TcpState::Established);
    in(100ms).arrives("R 100:100(0) win 0");
    expect_nothing();  // one challenge in 500 ms
}

TEST_F(TcpEstablished, AResetOutsideTheWindowIsIgnored) {
    established();
    arrives("R 70000:70000(0) win 0");
    expect_nothing();
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpEstablished, ASynIsChallenged) {
    established();
    arrives("S 5:5(0) win 65535 <mss 1000>");
    expect_sends(". ack 1");
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpEstablished, ASegmentWithoutAckIsDropped) {
    established();
    arrives("- 1:11(10) win 100");
    expect_nothing();
    EXPECT_EQ(read(), "");
}

TEST_F(TcpEstablished, AnAckOfTheUnsentIsDropped) {
    established();
    arrives("P. 1:11(10) ack 100 win 65535");
    expect_nothing();
    EXPECT_EQ(read(), "");
}

TEST_F(TcpEstablished, BsdAnswersAnAckOfTheUnsent) {
    use(kBsd);
    established();
    arrives(". ack 100 win 65535");
    expect_sends(". ack 1");
}

TEST_F(TcpEstablished, OldDataIsAcknowledgedAgain) {
    established();
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_sends(". ack 101");
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_sends(". ack 101 win 64140 <nop,nop,sack 1 {1:101}>");
}

TEST_F(TcpEstablished, OutOfOrderDataIsKeptAndSelectivelyAcknowledged) {
    established();
    arrives(". 1001:2001(1000) ack 1 win 65535");
    expect_sends(". ack 1 win 64240 <nop,nop,sack 1 {1001:2001}>");
    arrives(". 3001:4001(1000) ack 1 win 65535");
    expect_sends(". ack 1 win 64240 <nop,nop,sack 2 {3001:4001}{1001:2001}>");
    arrives(". 1:1001(1000) ack 1 win 65535");
    expect_sends(". ack 2001 win 62240 <nop,nop,sack 1 {3001:4001}>");
    arrives(". 2001:3001(1000) ack 1 win 65535");
    expect_sends(". ack 4001");
    EXPECT_EQ(read().size(), 4000u);
}

// ---- closing

class TcpClosing : public TcpScenario {};

TEST_F(TcpClosing, TheActiveEndGoesThroughFinWaitToTimeWait) {
    established();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    EXPECT_EQ(state(), TcpState::FinWait1);
    arrives(". ack 2 win 65535");
    EXPECT_EQ(state(), TcpState::FinWait2);
    arrives("F. 1:1(0) ack 2 win 65535");
    expect_sends(". ack 2");
    EXPECT_EQ(state(), TcpState::TimeWait);
    expect_nothing_until(60s);
    EXPECT_EQ(state(), TcpState::TimeWait);
    at(61s);
    EXPECT_EQ(stack_->find(socket_), nullptr);
}

TEST_F(TcpClosing, ThePassiveEndGoesThroughCloseWaitToClosed) {
    established();
    arrives("F. 1:1(0) ack 1 win 65535");
    EXPECT_EQ(state(), TcpState::CloseWait);
    in(1ms).expect_sends(". ack 2");
    EXPECT_EQ(stack_->receive(now(), socket_, {}).bytes, 0u);
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 2");
    EXPECT_EQ(state(), TcpState::LastAck);
    arrives(". 2:2(0) ack 2 win 65535");
    EXPECT_EQ(stack_->find(socket_), nullptr);
}

TEST_F(TcpClosing, NothingLiesBehindAFin) {
    established();
    arrives("F. 1:1(0) ack 1 win 65535"), clear_sent();
    arrives("F. 1:101(100) ack 1 win 65535"), clear_sent();
    EXPECT_EQ(tcb().rcv.nxt, numbers_.peer_isn + 2);
    EXPECT_EQ(read(), "");
}

TEST_F(TcpClosing, BothEndsCloseAtOnce) {
    established();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends(". ack 2");
    EXPECT_EQ(state(), TcpState::Closing);
    arrives(". 2:2(0) ack 2 win 65535");
    EXPECT_EQ(state(), TcpState::TimeWait);
}

TEST_F(TcpClosing, AFinThatAcknowledgesOursLeadsToTimeWait) {
    established();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    arrives("F. 1:1(0) ack 2 win 65535");
    expect_sends(". ack 2");
    EXPECT_EQ(state(), TcpState::TimeWait);
}

TEST_F(TcpClosing, HalfClosedTheOtherWayStaysOpen) {
    established();
    EXPECT_EQ(stack_->shutdown(now(), socket_, ShutdownHow::Write), Error::None);
    expect_sends("F. 1:1(0) ack 1");
    arrives(". ack 2 win 65535");
    arrives("P. 1:101(100) ack 2 win 65535");
    expect_sends(". ack 101");
    EXPECT_EQ(read().size(), 100u);
    EXPECT_EQ(write(10).error, Error::BrokenPipe);
}

TEST_F(TcpClosing, ClosingWithUnreadDataResets) {
    established();
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_sends(". ack 101");
    stack_->close(now(), socket_);
    expect_sends("R. 1:1(0) ack 101");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpClosing, LingerOfZeroResets) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.linger = {true, 0};
    change(options);
    stack_->close(now(), socket_);
    expect_sends("R. 1:1(0) ack 1");
}

class TcpLingering : public TcpClosing {
  public:
    void linger(std::uint32_t seconds) {
        SocketOptions options = stack_->options(socket_);
        options.linger = {true, seconds};
        change(options);
    }
};

TEST_F(TcpLingering, WaitsForTheAckOfTheFin) {
    established();
    linger(5);
    EXPECT_EQ(stack_->begin_close(now(), socket_, false), now() + Duration::seconds(5));
    expect_sends("F. 1:1(0) ack 1");
    EXPECT_TRUE(stack_->closing(socket_));
    in(100ms).arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends(". ack 2");
    EXPECT_EQ(state(), TcpState::Closing);
    EXPECT_TRUE(stack_->closing(socket_)) << "its FIN is still out";
    in(100ms).arrives(". 2:2(0) ack 2 win 65535");
    EXPECT_FALSE(stack_->closing(socket_));
    stack_->close(now(), socket_);
    EXPECT_EQ(stack_->find(local_, peer_)->state, TcpState::TimeWait);
}

TEST_F(TcpLingering, InFinWait2NobodyWaitsAnyMore) {
    established();
    linger(5);
    EXPECT_TRUE(stack_->begin_close(now(), socket_, false));
    expect_sends("F. 1:1(0) ack 1");
    in(100ms).arrives(". ack 2 win 65535");
    EXPECT_FALSE(stack_->closing(socket_));
    in(70s);
    EXPECT_NE(stack_->find(local_, peer_), nullptr) << "its user has not let go";
    stack_->close(now(), socket_);
    in(61s);
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpLingering, WhatIsLeftWhenTheTimeIsOverGoesOnWithoutAUser) {
    established();
    linger(1);
    EXPECT_TRUE(stack_->begin_close(now(), socket_, false));
    expect_sends("F. 1:1(0) ack 1");
    stack_->close(now(), socket_);
    EXPECT_EQ(stack_->find(local_, peer_)->state, TcpState::FinWait1);
    EXPECT_FALSE(stack_->begin_close(now(), socket_, false)) << "nobody's any more";
    in(10ms).arrives(". ack 2 win 65535");
    EXPECT_EQ(stack_->find(local_, peer_)->state, TcpState::FinWait2);
}

TEST_F(TcpLingering, NothingToWaitForWithoutTheOptionOrAPeer) {
    established();
    EXPECT_FALSE(stack_->begin_close(now(), socket_, false)) << "off";
    expect_sends("F. 1:1(0) ack 1");
    stack_->close(now(), socket_);
    socket_ = stack_->create();
    linger(5);
    EXPECT_FALSE(stack_->begin_close(now(), socket_, false)) << "CLOSED";
    stack_->close(now(), socket_);
    EXPECT_EQ(stack_->find(socket_), nullptr);
}

TEST_F(TcpLingering, ANonblockingSocketWaitsOnLinuxAlone) {
    established();
    linger(5);
    EXPECT_TRUE(stack_->begin_close(now(), socket_, true));
    expect_sends("F. 1:1(0) ack 1");
    Personality p = stack_->personality();
    p.nonblocking_close_lingers = kBsd.nonblocking_close_lingers;
    stack_->set_personality(p);
    EXPECT_FALSE(stack_->begin_close(now(), socket_, true));
    EXPECT_TRUE(stack_->begin_close(now(), socket_, false));
}

TEST_F(TcpClosing, DataForAClosedReaderIsAnsweredWithReset) {
    established();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    arrives("P. 1:101(100) ack 2 win 65535");
    expect_sends("R 2:2(0) win 0");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpClosing, FinWait2WithoutAProcessEndsAfterAMinute) {
    established();
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 1");
    arrives(". ack 2 win 65535");
    at(61s);
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

// ---- TIME-WAIT

class TcpTimeWait : public TcpScenario {
  protected:
    void time_wait() {
        listens();
        arrives("S 0:0(0) win 65535 <mss 1000,sackOK,TS val 100 ecr 0>");
        expect_sends("S. 0:0(0) ack 1");
        arrives(". ack 1 win 65535 <nop,nop,TS val 101 ecr 0>");
        socket_ = *stack_->accept(now(), listener_);
        stack_->close(now(), socket_);
        expect_sends("F. 1:1(0) ack 1");
        arrives("F. 1:1(0) ack 2 win 65535 <nop,nop,TS val 102 ecr 0>");
        expect_sends(". ack 2");
        EXPECT_EQ(state(), TcpState::TimeWait);
    }
};

TEST_F(TcpTimeWait, ARepeatedFinIsAcknowledgedAndProlongsTheWait) {
    time_wait();
    at(50s).arrives("F. 1:1(0) ack 2 win 65535 <nop,nop,TS val 103 ecr 0>");
    expect_sends(". ack 2");
    at(109s);
    EXPECT_EQ(state(), TcpState::TimeWait);
    at(111s);
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(TcpTimeWait, ANewerSynOpensANewIncarnation) {
    time_wait();
    in(2s).arrives("S 5000:5000(0) win 65535 <mss 1000,sackOK,TS val 2100 ecr 0>");
    // 65535 + 2 beyond the old incarnation's last number.
    expect_sends("S. 65539:65539(0) ack 5001");
}

TEST_F(TcpTimeWait, AnOldSynIsAcknowledged) {
    time_wait();
    in(2s).arrives("S 0:0(0) win 65535 <mss 1000,sackOK,TS val 50 ecr 0>");
    expect_sends(". ack 2");
}

TEST_F(TcpTimeWait, AResetEndsIt) {
    time_wait();
    arrives("R 2:2(0) win 0");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
