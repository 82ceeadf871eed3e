// What packets show about the states of both ends (RFC 9293 figure 5 and the exchanges of sections 3.5
// and 3.6).
#include <gtest/gtest.h>

#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

class States : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    Conversation wire{GetParam().client, GetParam().server};
    const std::string open = "C SYN-SENT, S SYN-RECEIVED, C ESTABLISHED, S ESTABLISHED";
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, States, ::testing::ValuesIn(kInitialNumbers));

TEST_P(States, Handshake) {
    wire.handshake();
    EXPECT_EQ(wire.states(), open);
    const auto& states = wire.connection().states;
    // Each names the packet that showed it: the client's own ACK shows both ends established.
    EXPECT_EQ(states[0].event, EventId{0});
    EXPECT_EQ(states[1].event, EventId{1});
    EXPECT_EQ(states[2].event, EventId{2});
    EXPECT_EQ(states[3].event, EventId{2});
    EXPECT_EQ(states[3].at, at_ms(3));
}

TEST_P(States, SynAloneShowsNothingOfTheServer) {
    wire.packets({"C S 0:0(0)", "C S 0:0(0)"});
    EXPECT_EQ(wire.states(), "C SYN-SENT");
    EXPECT_TRUE(wire.connection().segments[1].retransmission);
}

TEST_P(States, ClosedByTheClientInFourSegments) {
    wire.handshake();
    wire.packets({"C F. 1:1(0) ack 1", "S . 1:1(0) ack 2"});
    EXPECT_EQ(wire.states(), open + ", C FIN-WAIT-1, S CLOSE-WAIT, C FIN-WAIT-2");
    wire.packets({"S F. 1:1(0) ack 2", "C . 2:2(0) ack 2"});
    EXPECT_EQ(wire.states(),
              open + ", C FIN-WAIT-1, S CLOSE-WAIT, C FIN-WAIT-2, S LAST-ACK, C TIME-WAIT, S CLOSED");
}

TEST_P(States, ClosedByTheClientInThreeSegments) {
    wire.handshake();
    wire.packets({"C F. 1:1(0) ack 1", "S F. 1:1(0) ack 2", "C . 2:2(0) ack 2"});
    // The FIN and the ACK arrive together: there is no FIN-WAIT-2 in between.
    EXPECT_EQ(wire.states(), open + ", C FIN-WAIT-1, S CLOSE-WAIT, S LAST-ACK, C TIME-WAIT, S CLOSED");
}

TEST_P(States, ClosedByTheServer) {
    wire.handshake();
    wire.packets({"S F. 1:1(0) ack 1", "C . 1:1(0) ack 2", "C F. 1:1(0) ack 2", "S . 2:2(0) ack 2"});
    EXPECT_EQ(wire.states(),
              open + ", S FIN-WAIT-1, C CLOSE-WAIT, S FIN-WAIT-2, C LAST-ACK, S TIME-WAIT, C CLOSED");
}

TEST_P(States, HalfClosedEndStillReceives) {
    wire.handshake();
    wire.packets({"C F. 1:1(0) ack 1", "S . 1:1(0) ack 2", "S P. 1:11(10) ack 2", "C . 2:2(0) ack 11",
                  "S F. 11:11(0) ack 2", "C . 2:2(0) ack 12"});
    EXPECT_EQ(wire.states(),
              open + ", C FIN-WAIT-1, S CLOSE-WAIT, C FIN-WAIT-2, S LAST-ACK, C TIME-WAIT, S CLOSED");
}

TEST_P(States, BothCloseAtOnce) {
    wire.handshake();
    wire.packets({"C F. 1:1(0) ack 1", "S F. 1:1(0) ack 1", "C . 2:2(0) ack 2", "S . 2:2(0) ack 2"});
    EXPECT_EQ(wire.states(),
              open + ", C FIN-WAIT-1, S FIN-WAIT-1, C CLOSING, S CLOSING, S TIME-WAIT, C TIME-WAIT");
}

TEST_P(States, BothOpenAtOnce) {
    wire.packets({"C S 0:0(0)", "S S 0:0(0)", "C S. 0:0(0) ack 1", "S S. 0:0(0) ack 1"});
    ASSERT_EQ(wire.tracker.connections().size(), 1u);
    // The first SYN-ACK still finds the server in SYN-SENT; the second arrives at a client in SYN-RECEIVED.
    EXPECT_EQ(wire.states(), "C SYN-SENT, S SYN-SENT, C SYN-RECEIVED, S SYN-RECEIVED, C ESTABLISHED");
    wire.packets({"C . 1:1(0) ack 1"});
    EXPECT_EQ(wire.states(),
              "C SYN-SENT, S SYN-SENT, C SYN-RECEIVED, S SYN-RECEIVED, C ESTABLISHED, S ESTABLISHED");
}

TEST_P(States, RefusedConnection) {
    wire.packets({"C S 0:0(0)", "S R. 0:0(0) ack 1"});
    EXPECT_EQ(wire.states(), "C SYN-SENT, S CLOSED, C CLOSED");
}

TEST_P(States, RefusalOfAnotherSynShowsNothing) {
    wire.packets({"C S 0:0(0)", "S R. 0:0(0) ack 77"});
    EXPECT_EQ(wire.states(), "C SYN-SENT");
}

TEST_P(States, Reset) {
    wire.handshake();
    wire.packets({"C P. 1:11(10) ack 1", "S R. 1:1(0) ack 11", "C P. 11:12(1) ack 1"});
    EXPECT_EQ(wire.states(), open + ", S CLOSED, C CLOSED");
}

TEST_P(States, ResetOutsideTheWindowShowsNothing) {
    wire.handshake();
    wire.packets({"C . 1:1(0) ack 1", "S R 5000:5000(0)"});
    EXPECT_EQ(wire.states(), open);
}

TEST_P(States, RetransmittedFinChangesNothing) {
    wire.handshake();
    wire.packets({"C F. 1:1(0) ack 1", "C F. 1:1(0) ack 1", "S . 1:1(0) ack 2", "C F. 1:1(0) ack 1"});
    EXPECT_EQ(wire.states(), open + ", C FIN-WAIT-1, S CLOSE-WAIT, C FIN-WAIT-2");
}

TEST_P(States, AckOfEarlierBytesIsNoAckOfTheFin) {
    wire.handshake();
    wire.packets({"C P. 1:11(10) ack 1", "C F. 11:11(0) ack 1", "S . 1:1(0) ack 11"});
    EXPECT_EQ(wire.states(), open + ", C FIN-WAIT-1");
}

TEST_P(States, JoinedMidwayOnlyWhatPacketsShow) {
    wire.packets({"C P. 501:511(10) ack 301", "S . 301:301(0) ack 511"});
    // The server may have finished before the capture began: nothing is claimed yet.
    EXPECT_EQ(wire.states(), "");
    wire.packets({"S P. 301:311(10) ack 511"});
    EXPECT_EQ(wire.states(), "C ESTABLISHED, S ESTABLISHED");
    EXPECT_FALSE(wire.connection().saw_syn);
    wire.packets({"S F. 311:311(0) ack 511", "C . 511:511(0) ack 312"});
    EXPECT_EQ(wire.states(), "C ESTABLISHED, S ESTABLISHED, S FIN-WAIT-1, C CLOSE-WAIT, S FIN-WAIT-2");
}

TEST_P(States, JoinedDuringTeardown) {
    wire.packets({"C F. 500:500(0) ack 300", "S . 300:300(0) ack 501"});
    EXPECT_EQ(wire.states(), "");
    wire.packets({"S F. 300:300(0) ack 501", "C . 501:501(0) ack 301"});
    // The server's FIN shows that it had not finished before: the client was the first.
    EXPECT_EQ(wire.states(), "C FIN-WAIT-1, C FIN-WAIT-2, S CLOSE-WAIT, S LAST-ACK, C TIME-WAIT, S CLOSED");
}

TEST_P(States, JoinedAtTheSynAck) {
    wire.packets({"S S. 0:0(0) ack 1", "C . 1:1(0) ack 1"});
    EXPECT_EQ(wire.connection().server, wire.server);
    EXPECT_EQ(wire.states(), open);
}

// ---- the kernel's word

TEST_P(States, KernelSamplesAreKeptBesideWhatIsInferred) {
    wire.call(0, 3, Side::Client, Syscall::Connect, 0);
    wire.sample(0, Side::Client, TcpState::SynSent);
    wire.handshake();
    wire.named(4, Side::Client);
    wire.sample(4, Side::Client, TcpState::Established);
    wire.sample(5, Side::Client, TcpState::Established);
    EXPECT_EQ(wire.states(), open);
    EXPECT_EQ(wire.states(Evidence::Kernel), "C SYN-SENT, C ESTABLISHED");
    EXPECT_EQ(wire.connection().state_at(Side::Client, Evidence::Kernel, at_ms(3))->state, TcpState::SynSent);
    EXPECT_EQ(wire.connection().state_at(Side::Client, Evidence::Inferred, at_ms(3))->state,
              TcpState::Established);
    EXPECT_EQ(wire.connection().state_at(Side::Server, Evidence::Kernel, at_ms(9)), std::nullopt);
    // All of them in time order.
    const auto& states = wire.connection().states;
    EXPECT_TRUE(std::is_sorted(states.begin(), states.end(),
                               [](const StateChange& a, const StateChange& b) { return a.at < b.at; }));
}

TEST_P(States, LateSampleOfAnEarlierMomentMovesTheChange) {
    wire.handshake();
    wire.named(3, Side::Client);
    wire.sample(8, Side::Client, TcpState::Established);
    wire.sample(9, Side::Client, TcpState::FinWait1);
    wire.sample(4, Side::Client, TcpState::Established);
    EXPECT_EQ(wire.states(Evidence::Kernel), "C ESTABLISHED, C FIN-WAIT-1");
    EXPECT_EQ(wire.connection().state_at(Side::Client, Evidence::Kernel, at_ms(5))->at, at_ms(4));
}

}  // namespace
}  // namespace synscope::track
