// RFC 9293 sections 3.7.4, 3.8.5, 3.8.6 and 3.9.1.2: windows, PSH and urgent data.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

// ---- the sender

class TcpSendWindow : public TcpScenario {};

TEST_F(TcpSendWindow, IsANumberWithoutASign) {
    Personality p = kLinux;
    p.initial_cwnd = 100;
    p.wmem.initial = 1'000'000;
    use(p);
    established("mss 1000");
    // With the same numbers a smaller window is no news (kLinux).
    arrives(". 1:2(1) ack 1 win 40000"), clear_sent();
    arrives(". 2:3(1) ack 1 win 40000"), clear_sent();
    write(60'000);
    EXPECT_EQ(Seq32::distance(tcb().snd.una, tcb().snd.nxt), 40'000);
    clear_sent();
}

TEST_F(TcpSendWindow, HasThirtyTwoBitsWithScaling) {
    Personality p = kLinux;
    p.initial_cwnd = 200;
    p.wmem.initial = 1'000'000;
    use(p);
    established("mss 1000,nop,wscale 14");
    EXPECT_EQ(tcb().snd.wnd, 65535u << 14);
    write(200'000);
    EXPECT_EQ(Seq32::distance(tcb().snd.una, tcb().snd.nxt), 200'000);
    clear_sent();
}

TEST_F(TcpSendWindow, ThatShrinksStopsNewDataAndNotRetransmissions) {
    established("mss 1000");
    write(3000);
    clear_sent();
    // The peer takes 2500 bytes of its window back.
    in(50ms).arrives(". 1:2(1) ack 1 win 500"), clear_sent();
    arrives(". 2:3(1) ack 1 win 500"), clear_sent();
    ASSERT_EQ(tcb().snd.wnd, 500u);
    write(1000);
    expect_nothing();
    EXPECT_EQ(state(), TcpState::Established);
    // What lies within the window goes again, as much of it as the window allows.
    expect_sends_at(400ms, ". 1:501(500) ack 3");
    in(10ms).arrives(". 3:3(0) ack 501 win 60000");
    EXPECT_EQ(state(), TcpState::Established);
    clear_sent();
}

TEST_F(TcpSendWindow, ThatClosedBehindWhatIsOutDoesNotEndTheConnection) {
    established("mss 1000");
    write(2000);
    clear_sent();
    in(50ms).arrives(". 1:2(1) ack 1 win 0"), clear_sent();
    // A peer that answers every retransmission with a closed window may do so for hours.
    for (int i = 0; i < 200; ++i) {
        in(60s);
        clear_sent();
        arrives(". 2:2(0) ack 1 win 0");
        clear_sent();
        ASSERT_EQ(state(), TcpState::Established) << "after " << i << " minutes";
    }
    arrives(". 2:2(0) ack 1 win 65535");
    in(130s);
    EXPECT_GT(sent().size(), 0u);
}

TEST_F(TcpSendWindow, MayStayClosedForEverWhileProbesAreAnswered) {
    established("mss 1000");
    write(1000);
    clear_sent();
    in(100ms).arrives(". ack 1001 win 0");
    write(1000);
    for (int i = 0; i < 200; ++i) {
        in(60s);
        clear_sent();
        arrives(". ack 1001 win 0");
        clear_sent();
        ASSERT_EQ(state(), TcpState::Established) << "after " << i << " minutes";
    }
    in(10ms).arrives(". ack 1001 win 65535");
    expect_sends("P. 1001:2001(1000) ack 1");
}

TEST_F(TcpSendWindow, OfLessThanASegmentIsNotFilledWithASmallOne) {
    established("mss 1000");
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
    in(100ms).arrives(". ack 1001 win 400");
    write(2000);
    expect_nothing();
    // The override of section 3.8.6.2.1: after the RTO what fits goes out.
    expect_sends_at(500ms, "P. 1001:1401(400) ack 1");
    in(100ms).arrives(". ack 1401 win 65535");
    expect_sends(". 1401:2401(1000) ack 1");
    expect_sends("P. 2401:3001(600) ack 1");
}

TEST_F(TcpSendWindow, WithRoomForTheDataAloneTheFinGoesAfterwards) {
    // The last write fills the largest window the peer ever offers; its FIN would be one number too many.
    listens();
    arrives("S 0:0(0) win 400 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 400");
    socket_ = *stack_->accept(now(), listener_);
    write(400);
    expect_sends("P. 1:401(400) ack 1");
    write(400);
    (void)stack_->shutdown(now(), socket_, ShutdownHow::Write);
    expect_nothing();
    in(100ms).arrives(". ack 401 win 400");
    expect_sends_at(500ms, "P. 401:801(400) ack 1");
    in(100ms).arrives(". ack 801 win 400");
    expect_sends("FP. 801:801(0) ack 1");
}

TEST_F(TcpSendWindow, ThatIsSmallFromTheStartIsUsedByHalves) {
    // A peer whose window is never a full segment: half of the largest ever seen is enough.
    listens();
    arrives("S 0:0(0) win 600 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 600");
    socket_ = *stack_->accept(now(), listener_);
    write(1000);
    expect_sends(". 1:301(300) ack 1");
    expect_sends("P. 301:601(300) ack 1");
    in(100ms).arrives(". ack 601 win 600");
    expect_sends(". 601:901(300) ack 1");
    expect_sends("P. 901:1001(100) ack 1");
}

// ---- PSH

class TcpPush : public TcpScenario {};

TEST_F(TcpPush, ACorkedWriteIsNotHeldForEver) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.cork = true;
    change(options);
    write(10);
    expect_nothing_until(350ms);
    in(200ms);
    expect_sends("P. 1:11(10) ack 1");
}

TEST_F(TcpPush, StandsAtTheEndOfWhatWasWritten) {
    established("mss 1000");
    write(900);
    expect_sends("P. 1:901(900) ack 1");
    in(100ms).arrives(". ack 901 win 65535");
    write(2500);
    expect_sends(". 901:1901(1000) ack 1");
    expect_sends("P. 1901:2901(1000) ack 1");
    expect_sends("P. 2901:3401(500) ack 1");
}

TEST_F(TcpPush, OfWritesThatShareASegmentIsOne) {
    established();
    write(10);
    expect_sends("P. 1:11(10) ack 1");
    write(10);
    write(10);
    in(50ms).arrives(". ack 11 win 65535");
    expect_sends("P. 11:31(20) ack 1");
}

// ---- the receiver

class TcpReceiveWindow : public TcpScenario {
  protected:
    void small_buffer() {
        Personality p = kLinux;
        p.rmem = {4096, 8192, 8192};
        p.receive_autotuning = false;
        use(p);
        established();
    }
    std::uint32_t edge() const {
        return static_cast<std::uint32_t>(Seq32::distance(numbers_.peer_isn, tcb().rcv.nxt)) +
               tcb().receive_window();
    }
};

TEST_F(TcpReceiveWindow, ItsRightEdgeNeverMovesLeft) {
    small_buffer();
    std::uint32_t before = edge();
    for (int i = 0; i < 40; ++i) {
        const int seq = 1 + 97 * i;
        arrives(concat(". ", seq, ':', seq + 97, "(97) ack 1 win 65535"));
        if (i % 7 == 6) read(50);
        in(50ms);
        clear_sent();
        EXPECT_GE(edge(), before) << "after segment " << i;
        before = edge();
    }
}

TEST_F(TcpReceiveWindow, MayStayClosedAndAnswersProbes) {
    small_buffer();
    for (int i = 0; i < 4; ++i)
        arrives(concat(". ", 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1 win 65535")), clear_sent();
    in(1s);
    clear_sent();
    ASSERT_EQ(tcb().receive_window(), 0u);
    const auto next = static_cast<int>(edge());
    for (int hour = 0; hour < 10; ++hour) {
        in(3600s).arrives(concat(". ", next - 1, ':', next - 1, "(0) ack 1 win 65535"));
        expect_sends(concat(". ack ", next, " win 0"));
        in(1s).arrives(concat(". ", next, ':', next + 1, "(1) ack 1 win 65535"));
        expect_sends(concat(". ack ", next, " win 0"));
    }
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpReceiveWindow, DoesNotOpenByLittles) {
    small_buffer();
    for (int i = 0; i < 4; ++i)
        arrives(concat(". ", 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1 win 65535")), clear_sent();
    in(1s);
    clear_sent();
    ASSERT_EQ(tcb().receive_window(), 0u);
    // RFC 9293 section 3.8.6.2.2: not before a segment, or half the buffer, is free.
    read(100);
    expect_nothing();
    read(100);
    expect_nothing();
    read(65536);
    EXPECT_GE(tcb().receive_window(), 1000u);
    clear_sent();
}

// ---- acknowledgements

class TcpAcknowledges : public TcpScenario {};

TEST_F(TcpAcknowledges, SeveralSegmentsAtOnceAndEverySecondAtLeast) {
    use(kBsd);
    established("mss 1460");
    std::size_t acks = 0;
    for (int i = 0; i < 20; ++i) {
        arrives(concat(". ", 1 + 1460 * i, ':', 1461 + 1460 * i, "(1460) ack 1 win 65535"));
        acks += sent().size();
    }
    EXPECT_EQ(acks, 10u);
}

TEST_F(TcpAcknowledges, LaterThanHalfASecondNever) {
    use(kBsd);
    established();
    arrives(". 1:101(100) ack 1 win 65535");
    expect_nothing_until(200ms);
    in(500ms);
    expect_sends(". ack 101");
}

TEST_F(TcpAcknowledges, WhatWasSentRightAwayCarriesTheAck) {
    use(kBsd);
    established();
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_nothing();
    write(50);
    expect_sends("P. 1:51(50) ack 101");
    in(100ms).arrives(". 101:101(0) ack 51 win 65535");
    expect_nothing_until(10s);
}

// ---- urgent data (sections 3.8.5, RFC 6093)

class TcpUrgentData : public TcpScenario {};

TEST_F(TcpUrgentData, TheUserIsToldAtOnceAndSeesHowFarItIs) {
    established();
    stack_->wakeups().clear();
    arrives("PU. 1:11(10) ack 1 win 65535 urg 10");
    clear_sent();
    EXPECT_FALSE(stack_->wakeups().empty());
    EXPECT_NE(stack_->poll(socket_) & readiness::kPri, 0u);
    // Nine octets lie before the urgent one.
    EXPECT_EQ(stack_->unread(socket_), 9u);
    EXPECT_FALSE(stack_->at_mark(socket_));
    EXPECT_EQ(read().size(), 9u);
    EXPECT_TRUE(stack_->at_mark(socket_));
}

TEST_F(TcpUrgentData, ThePointerMayComeLongBeforeItsOctet) {
    established();
    stack_->wakeups().clear();
    arrives("U. 1:1(0) ack 1 win 65535 urg 2001"), clear_sent();
    EXPECT_FALSE(stack_->wakeups().empty());
    EXPECT_TRUE(tcb().rcv.urgent_pending);
    arrives(". 1:1001(1000) ack 1 win 65535"), clear_sent();
    arrives(". 1001:2001(1000) ack 1 win 65535"), clear_sent();
    EXPECT_EQ(stack_->unread(socket_), 2000u);
    arrives("P. 2001:2002(1) ack 1 win 65535"), clear_sent();
    std::byte octet{};
    EXPECT_EQ(stack_->receive(now(), socket_, {&octet, 1}, {.out_of_band = true}).bytes, 1u);
}

TEST_F(TcpUrgentData, AnyNumberOfOctetsInTheStreamMayBeUrgent) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.oob_inline = true;
    change(options);
    arrives("U. 1:1001(1000) ack 1 win 65535 urg 1000"), clear_sent();
    arrives("PU. 1001:2001(1000) ack 1 win 65535 urg 1000"), clear_sent();
    EXPECT_EQ(read().size(), 1999u);
    EXPECT_TRUE(stack_->at_mark(socket_));
    EXPECT_EQ(read().size(), 1u);
}

TEST_F(TcpUrgentData, TheSendersPointerMovesOnWithEveryUrgentWrite) {
    established("mss 1000");
    write(1000, {.out_of_band = true});
    expect_sends("PU. 1:1001(1000) ack 1 win 64240 urg 1000");
    write(2000, {.out_of_band = true});
    expect_sends("U. 1001:2001(1000) ack 1 win 64240 urg 2000");
    expect_sends("PU. 2001:3001(1000) ack 1 win 64240 urg 1000");
    in(100ms).arrives(". ack 3001 win 65535");
    write(10);
    expect_sends("P. 3001:3011(10) ack 1");
}

}  // namespace
}  // namespace synscope::sim::tcp::test
