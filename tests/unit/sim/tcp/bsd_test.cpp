// Where the bsd personality judges otherwise than Linux: mostly RFC 9293 to the letter.
#include "sim/tcp/personality.hpp"
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

class BsdTcp : public TcpScenario {
  public:
    BsdTcp() { use(kBsd); }
    /// net.inet.tcp.insecure_rst and insecure_syn, drop_synfin.
    void set(void (*change_it)(Personality&)) {
        Personality p = stack_->personality();
        change_it(p);
        stack_->set_personality(p);
    }
    void time_wait() {
        connected("S. 0:0(0) ack 1 win 32767 <mss 1460>");
        EXPECT_EQ(stack_->shutdown(now(), socket_, ShutdownHow::Write), Error::None);
        expect_sends("F. 1:1(0) ack 1");
        in(100ms).arrives("F. 1:1(0) ack 2 win 32767");
        expect_sends(". ack 2");
        EXPECT_EQ(state(), TcpState::TimeWait);
    }
};

TEST_F(BsdTcp, BuffersBecomeWholeSegmentsAndAreOfferedWhole) {
    established("mss 1460,nop,wscale 6");
    EXPECT_EQ(tcb().rcv.buffer, 65700u);
    in(100ms).arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends(". ack 2 win 1027");
}

TEST_F(BsdTcp, OnlyWhatIsInOrderAndUnreadFillsTheBuffer) {
    established("mss 1460,nop,nop,sackOK");
    arrives("P. 1:1001(1000) ack 1 win 65535");
    arrives(". 2001:3001(1000) ack 1 win 65535");
    expect_sends(". ack 1001 win 64700 <nop,nop,sack 1 {2001:3001}>");
}

TEST_F(BsdTcp, EverySecondSegmentIsAcknowledgedHoweverSmall) {
    established();
    arrives("P. 1:2(1) ack 1 win 65535");
    expect_nothing();
    arrives("P. 2:3(1) ack 1 win 65535");
    expect_sends(". ack 3");
}

TEST_F(BsdTcp, AFinIsAcknowledgedAtOnce) {
    established();
    in(100ms).arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends(". ack 2");
}

TEST_F(BsdTcp, AnAckRepeatsAFinThatIsOut) {
    established();
    EXPECT_EQ(stack_->shutdown(now(), socket_, ShutdownHow::Write), Error::None);
    expect_sends("F. 1:1(0) ack 1");
    in(10ms).arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends("F. 1:1(0) ack 2");
    EXPECT_EQ(state(), TcpState::Closing);
}

TEST_F(BsdTcp, AResetCountsAsFarAsTheBufferGoes) {
    established("mss 1460");
    in(10ms).arrives("R 65700:65700(0) win 0");
    expect_sends(". ack 1");
    in(10ms).arrives("R 65701:65701(0) win 0");
    expect_nothing();
    set([](Personality& p) { p.any_reset_in_window = true; });
    arrives("R 65700:65700(0) win 0");
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
}

TEST_F(BsdTcp, InSynReceivedOnlyTheExactResetCounts) {
    listens();
    arrives("S 0:0(0) win 65535 <mss 1460>");
    expect_sends("S. 0:0(0) ack 1");
    arrives("R 65536:65536(0) win 0");
    expect_nothing();
    arrives("R 65535:65535(0) win 0");
    expect_sends(". ack 1");
    ASSERT_NE(stack_->find(local_, peer_), nullptr);
    arrives("R 1:1(0) win 0");
    EXPECT_EQ(stack_->find(local_, peer_), nullptr);
}

TEST_F(BsdTcp, AResetIsRefusalWhileBothOpen) {
    connects();
    in(100ms).arrives("S 0:0(0) win 32767 <mss 1460>");
    expect_sends("S. 0:0(0) ack 1");
    arrives("R. 1:1(0) ack 1 win 0");
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionRefused);
}

TEST_F(BsdTcp, InCloseWaitAResetIsAReset) {
    established();
    arrives("F. 1:1(0) ack 1 win 65535");
    expect_sends(". ack 2");
    arrives("R 2:2(0) win 0");
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
}

TEST_F(BsdTcp, ASynInTheWindowIsChallengedOrResetsBoth) {
    established();
    arrives("S 1:1(0) win 65535 <mss 1460>");
    expect_sends(". ack 1");
    set([](Personality& p) { p.syn_in_window_resets = true; });
    arrives("S 1:1(0) win 65535 <mss 1460>");
    expect_sends("R. 1:1(0) ack 1 win 0");
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
}

TEST_F(BsdTcp, ASynWithFinOpensUnlessItIsToBeDropped) {
    listens();
    set([](Personality& p) { p.syn_fin = SynFin::Dropped; });
    arrives("SF 0:0(0) win 100 <mss 1000>");
    expect_nothing();
    set([](Personality& p) { p.syn_fin = SynFin::Taken; });
    arrives("SF 0:0(0) win 100 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
}

TEST_F(BsdTcp, AListenerIgnoresASynWithAck) {
    listens();
    arrives("S. 0:0(0) ack 1 win 100");
    expect_nothing();
    arrives(". 1:1(0) ack 1 win 100");
    expect_sends("R 1:1(0)");
}

TEST_F(BsdTcp, TextThatCameWithASynIsReadOnceEstablished) {
    connects();
    in(100ms).arrives("S 0:3(3) win 32767 <mss 1460>");
    expect_sends("S. 0:0(0) ack 1");
    in(100ms).arrives(". 4:4(0) ack 1 win 32767");
    EXPECT_EQ(read().size(), 3u);
    stack_->close(now(), socket_);
    expect_sends("F. 1:1(0) ack 4");
}

TEST_F(BsdTcp, TextThatCameWithASynAckIsAcknowledgedWithIt) {
    connects();
    in(100ms).arrives("S. 0:3(3) ack 1 win 32767 <mss 1460>");
    expect_sends(". ack 4");
    EXPECT_EQ(read().size(), 3u);
}

TEST_F(BsdTcp, TimeWaitIsDeafToResetsAndToWhatHasNoAck) {
    time_wait();
    arrives("R 2:2(0) win 0");
    arrives("F 2:2(0) win 0");
    expect_nothing();
    arrives(". 1:1(0) ack 2 win 32767");
    expect_sends(". ack 2");
    EXPECT_EQ(state(), TcpState::TimeWait);
}

TEST_F(BsdTcp, TimeWaitChallengesASynAndOpensNothing) {
    time_wait();
    arrives("S 100000:100000(0) win 32767 <mss 1460>");
    expect_sends(". ack 2");
    arrives("S 2:2(0) win 32767 <mss 1460>");
    expect_sends(". ack 2");
    set([](Personality& p) { p.syn_in_window_resets = true; });
    // The SYN lies before the window, the FIN in it.
    arrives("SF 1:1(0) win 32767 <mss 1460>");
    expect_sends(". ack 2");
    arrives("S 2:2(0) win 32767 <mss 1460>");
    expect_sends("R. 2:2(0) ack 2 win 0");
    EXPECT_EQ(state(), TcpState::Closed);
}

TEST_F(BsdTcp, ARepeatedFinInTimeWaitIsAcknowledgedAndTheWaitBeginsAgain) {
    time_wait();
    in(50s).arrives("F. 1:1(0) ack 2 win 32767");
    expect_sends(". ack 2");
    in(30s);
    EXPECT_EQ(state(), TcpState::TimeWait);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
