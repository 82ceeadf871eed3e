// Details of the linux personality that only its own scripts ask about.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

class LinuxTcp : public TcpScenario {
  public:
    void connects_with_syn_count(std::uint32_t count) {
        connects();
        SocketOptions options = stack_->options(socket_);
        options.syn_count = count;
        change(options);
    }
};

// The even SYNs do not lengthen the time that TCP_SYNCNT's doublings take: 1 + 2 s, 1 + 2 + 4 s.
TEST_F(LinuxTcp, OneMoreSynMeansThreeSeconds) {
    connects_with_syn_count(1);
    expect_sends_at(1s, "S 0:0(0)");
    expect_sends_at(2s, "S 0:0(0)");
    at(2999ms);
    EXPECT_EQ(state(), TcpState::SynSent);
    at(3s);
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(LinuxTcp, TwoMoreSynsMeanSevenSeconds) {
    connects_with_syn_count(2);
    for (const auto t : {1s, 2s, 3s, 4s, 5s})
        expect_sends_at(t, "S 0:0(0)");
    at(7s);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

// Segments that left as one run and are lost together leave together again: PSH at the run's end.
TEST_F(LinuxTcp, ALostRunIsSentAgainAsOne) {
    established();
    write(10000);
    clear_sent();
    in(10ms).arrives(". ack 1 win 65535 <nop,nop,sack 1 {4001:10001}>");
    expect_sends(". 1:1001(1000) ack 1");
    expect_sends("P. 1001:2001(1000) ack 1");
    expect_sends(". 2001:3001(1000) ack 1");
    expect_sends("P. 3001:4001(1000) ack 1");
}

// RFC 8985 §7.3: a tail loss probe is no retransmission of loss recovery: after the timeout nothing is in
// flight but the head, and the window of one segment doubles with its ACK.
TEST_F(LinuxTcp, AProbeIsNotInFlightAfterTheTimeout) {
    established();
    write(4000);
    clear_sent();
    in(100ms).arrives(". ack 1 win 65535 <nop,nop,sack 1 {4000:4001}>");
    expect_sends_at(302ms, "P. 3001:4001(1000) ack 1");
    at(603ms);
    expect_sends(". 1:1001(1000) ack 1");
    EXPECT_EQ(cwnd(), 1u);
    EXPECT_EQ(tcb().rec.retrans_out, 1u);
    in(100ms).arrives(". ack 1001 win 65535 <nop,nop,sack 1 {4000:4001}>");
    EXPECT_EQ(cwnd(), 2u);
    expect_sends(". 1001:2001(1000) ack 1");
    expect_sends(". 2001:3001(1000) ack 1");
}

// RFC 2883 §4: one D-SACK block per ACK; of several duplicates it is the first.
TEST_F(LinuxTcp, ASegmentOverSeveralKnownOnesReportsTheFirst) {
    established();
    arrives("P. 1:101(100) ack 1 win 65535");
    expect_sends(". ack 101");
    arrives(". 201:301(100) ack 1 win 65535");
    expect_sends(". ack 101 win 64856 <nop,nop,sack 1 {201:301}>");
    arrives(". 1:401(400) ack 1 win 65535");
    expect_sends(". ack 401 win 64856 <nop,nop,sack 1 {1:101}>");
}

// The handshake done, the window opens to the buffer but for one segment.
TEST_F(LinuxTcp, TheWindowIsTheBufferOnceEstablished) {
    Personality p = kLinux;
    p.rmem.initial = 540'000;
    use(p);
    established("mss 1460,nop,nop,sackOK,nop,wscale 7");
    EXPECT_EQ(tcb().rcv.ssthresh, 268'540u);
}

// What the own link refuses is tried again every 500 ms, without backoff, until the user timeout.
TEST_F(LinuxTcp, ALinkThatRefusesIsAskedEveryHalfSecond) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.user_timeout_ms = 3000;
    change(options);
    stack_->set_link_refuses(true);
    write(24);
    expect_nothing_until(3300ms);
    EXPECT_EQ(tcb().rec.probes_out, 6u);
    EXPECT_EQ(tcb().rec.backoff, 0u);
    EXPECT_EQ(tcb().rec.packets_out, 0u);
    expect_nothing_until(3500ms);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(LinuxTcp, WhatTheLinkRefusedGoesOutWhenItTakesItAgain) {
    established();
    stack_->set_link_refuses(true);
    write(24);
    expect_nothing_until(500ms);
    stack_->set_link_refuses(false);
    expect_sends_at(900ms, "P. 1:25(24) ack 1");
    stack_->set_link_refuses(true);
    const auto retransmissions = tcb().rec.retrans_out;
    expect_nothing_until(1800ms);
    EXPECT_EQ(tcb().rec.retrans_out, retransmissions);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
