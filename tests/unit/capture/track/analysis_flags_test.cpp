// One test per flag of docs/ANALYSIS.md, and what is nearly it. Every one runs across the wrap as well.
#include <gtest/gtest.h>

#include "tests/unit/capture/track/analysis_script.hpp"

namespace synscope::track {
namespace {

class Flags : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    Script wire{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Flags, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Flags, AnOrdinaryConversationHasNone) {
    for (const char* line : {"C S 0:0(0)", "S S. 0:0(0) ack 1", "C . 1:1(0) ack 1", "C P. 1:101(100) ack 1",
                             "S . 1:1(0) ack 101", "S P. 1:51(50) ack 101", "C . 101:101(0) ack 51",
                             "C F. 101:101(0) ack 51", "S F. 51:51(0) ack 102", "C . 102:102(0) ack 52"})
        EXPECT_EQ(wire.flags(line), "") << line;
}

TEST_P(Flags, LostSegmentIsBehindAGapAndNoReset) {
    wire.handshake();
    EXPECT_EQ(wire.flags("C P. 101:111(10) ack 1"), "lost_segment");
    EXPECT_EQ(wire.flags("C R. 500:500(0) ack 1"), "");
}

TEST_P(Flags, AckLostSegmentGoesIntoAGapOrBeyondEverythingOnce) {
    wire.handshake().feed({"S P. 1:101(100) ack 1"});
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 301"), "ack_lost_segment");
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 401"), "") << "told already";
    EXPECT_EQ(wire.flags("S P. 401:501(100) ack 1"), "lost_segment");
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 501"), "ack_lost_segment") << "into the gap that was seen";
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 601"), "") << "the server's own ACK has not moved";
}

TEST_P(Flags, AckLostSegmentIsToldAgainWhenTheSendersOwnAckMoved) {
    wire.handshake().feed({"C P. 1:51(50) ack 1", "S P. 1:55(54) ack 1"});
    EXPECT_EQ(wire.flags("C . 51:51(0) ack 155"), "ack_lost_segment");
    EXPECT_EQ(wire.flags("C . 51:51(0) ack 160"), "");
    wire.feed({"S . 55:55(0) ack 51"});
    EXPECT_EQ(wire.flags("C . 51:51(0) ack 258"), "ack_lost_segment");
}

TEST_P(Flags, DuplicateAckRepeatsAckSequenceAndWindow) {
    wire.handshake().feed({"S P. 1:101(100) ack 1", "C . 1:1(0) ack 101"});
    EXPECT_EQ(wire.at(10, "C . 1:1(0) ack 101").duplicate_ack_number, 1u);
    EXPECT_EQ(wire.at(11, "C . 1:1(0) ack 101").duplicate_ack_number, 2u);
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 101"), "duplicate_ack");
    EXPECT_EQ(wire.at(13, "C P. 1:2(1) ack 101").duplicate_ack_number, 0u) << "carries data";
    wire.feed({"S P. 101:111(10) ack 2", "C . 2:2(0) ack 111"});
    EXPECT_EQ(wire.at(20, "C . 2:2(0) ack 111").duplicate_ack_number, 1u) << "counts anew";
}

TEST_P(Flags, WindowUpdateChangesTheWindowAlone) {
    wire.handshake();
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 1 win 2000"), "window_update");
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 1 win 0"), "zero_window");
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 1 win 500"), "window_update");
}

TEST_P(Flags, WindowFullReachesTheEdgeWhereTheScaleIsKnown) {
    wire.feed({"C S 0:0(0) wscale 1", "S S. 0:0(0) ack 1 wscale 2", "C . 1:1(0) ack 1 win 100",
               "S . 1:1(0) ack 1 win 100"});
    EXPECT_EQ(wire.flags("C P. 1:301(300) ack 1 win 100"), "");
    EXPECT_EQ(wire.flags("C P. 301:401(100) ack 1 win 100"), "window_full");
    EXPECT_EQ(wire.flags("S P. 1:201(200) ack 1 win 100"), "window_full");
}

TEST_P(Flags, WindowFullTakesTheWindowOfASynAsItIs) {
    wire.feed({"C S 0:0(0) wscale 1", "S S. 0:0(0) ack 1 wscale 2 win 100", "C . 1:1(0) ack 1"});
    EXPECT_EQ(wire.flags("C P. 1:101(100) ack 1"), "window_full");
    wire.feed({"S . 1:1(0) ack 101 win 100"});
    EXPECT_EQ(wire.flags("C P. 101:201(100) ack 1"), "");
    EXPECT_EQ(wire.flags("C P. 201:501(300) ack 1"), "window_full") << "scaled from the first ACK on";
}

TEST_P(Flags, WindowFullIsNotSaidOfAnUnknownScale) {
    wire.feed({"C . 1:1(0) ack 1 win 100"});
    EXPECT_EQ(wire.flags("S P. 1:101(100) ack 1"), "");
}

TEST_P(Flags, ZeroWindowIsNotThatOfASynFinOrReset) {
    wire.handshake();
    EXPECT_EQ(wire.flags("C P. 1:11(10) ack 1 win 0"), "zero_window");
    EXPECT_EQ(wire.flags("C R. 11:11(0) ack 1 win 0"), "");
}

TEST_P(Flags, ZeroWindowProbeIsOneByteIntoAClosedWindow) {
    wire.handshake().feed({"C P. 1:101(100) ack 1", "S . 1:1(0) ack 101 win 0"});
    EXPECT_EQ(wire.flags("C . 101:102(1) ack 1"), "zero_window_probe");
    EXPECT_EQ(wire.flags("S . 1:1(0) ack 101 win 0"), "zero_window,zero_window_probe_ack");
    EXPECT_EQ(wire.flags("C . 101:102(1) ack 1"), "zero_window_probe") << "it took no number";
    EXPECT_EQ(wire.flags("S . 1:1(0) ack 102 win 500"), "ack_lost_segment") << "the byte was taken";
}

TEST_P(Flags, KeepAliveBeginsOneBeforeTheNextNumber) {
    wire.handshake().feed({"C P. 1:11(10) ack 1", "S . 1:1(0) ack 11"});
    EXPECT_EQ(wire.flags("C . 10:10(0) ack 1"), "keep_alive");
    EXPECT_EQ(wire.flags("S . 1:1(0) ack 11"), "keep_alive_ack");
    EXPECT_EQ(wire.flags("C . 10:11(1) ack 1"), "keep_alive") << "with one byte";
    EXPECT_EQ(wire.flags("C F. 10:10(0) ack 1"), "retransmission");
}

TEST_P(Flags, RetransmissionComesLate) {
    wire.handshake().feed({"C P. 1:11(10) ack 1"});
    EXPECT_EQ(wire.at(500, "C P. 1:11(10) ack 1").flags.names(), "retransmission");
    EXPECT_EQ(wire.flags("C S 0:0(0)"), "retransmission");
}

TEST_P(Flags, OutOfOrderComesWithinTheRoundTripOfTheHandshake) {
    wire.handshake().feed({"C P. 1:11(10) ack 1"});  // the handshake took 2 ms
    wire.at(10, "C P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(11, "C P. 11:21(10) ack 1").flags.names(), "out_of_order");
    wire.at(20, "C P. 41:51(10) ack 1");
    EXPECT_EQ(wire.at(22.5, "C P. 31:41(10) ack 1").flags.names(), "retransmission");
    wire.at(30, "C P. 51:61(10) ack 1");
    EXPECT_EQ(wire.at(30.1, "C P. 51:61(10) ack 1").flags.names(), "retransmission")
        << "ends where the latest did: it is that one again";
}

TEST_P(Flags, OutOfOrderWithoutAHandshakeIsWithinThreeMilliseconds) {
    wire.at(1, "C P. 1:11(10) ack 1");
    wire.at(10, "C P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(12.9, "C P. 11:21(10) ack 1").flags.names(), "out_of_order");
    wire.at(20, "C P. 41:51(10) ack 1");
    EXPECT_EQ(wire.at(23.1, "C P. 31:41(10) ack 1").flags.names(), "retransmission");
}

TEST_P(Flags, AHandshakeWithinOneTickOfTheClockTellsNoRoundTripButTheNextAckDoes) {
    wire.at(1, "C S 0:0(0) win 1000");
    wire.at(1, "S S. 0:0(0) ack 1 win 1000");
    wire.at(1, "C P. 1:11(10) ack 1");
    wire.at(10, "C P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(18.9, "C P. 11:21(10) ack 1").flags.names(), "out_of_order");
}

TEST_P(Flags, TheRoundTripOfTheHandshakeEndsWithTheFirstAckOfEitherSide) {
    wire.at(1, "C S 0:0(0) win 1000");
    wire.at(2, "S S. 0:0(0) ack 1 win 1000");
    wire.at(21, "S P. 1:11(10) ack 1");
    wire.at(30, "S P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(49, "S P. 11:21(10) ack 1").flags.names(), "out_of_order");
    wire.at(60, "S P. 41:51(10) ack 1");
    EXPECT_EQ(wire.at(81, "S P. 31:41(10) ack 1").flags.names(), "retransmission");
}

TEST_P(Flags, AHandshakeThatBeginsAtTimeZeroHasNoClock) {
    wire.at(0, "C S 0:0(0) win 1000");
    wire.at(0.002, "S S. 0:0(0) ack 1 win 1000");
    wire.at(0.003, "C P. 1:11(10) ack 1");
    wire.at(10, "C P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(12.9, "C P. 11:21(10) ack 1").flags.names(), "out_of_order");
}

TEST_P(Flags, ASynAgainBeginsWhereItBeganAlsoBehindAResetElsewhere) {
    wire.feed({"C S 0:0(0)", "C R 500:500(0)"});
    EXPECT_EQ(wire.flags("C S 0:0(0)"), "retransmission");
    wire.feed({"S S. 0:0(0) ack 1"});
    EXPECT_EQ(wire.flags("C P. 1:11(10) ack 1"), "");
}

TEST_P(Flags, NothingIsSaidOfAHeaderThatTheCaptureCut) {
    wire.feed({"C S 0:0(0) cut 1"});
    EXPECT_EQ(wire.flags("C S 0:0(0) cut 1"), "");
    wire.feed({"S S. 0:0(0) ack 1 cut 1", "C . 1:1(0) ack 1 cut 1", "S . 1:1(0) ack 1 win 100"});
    EXPECT_EQ(wire.at(50, "C . 1:1(0) ack 1 cut 1").duplicate_ack_number, 0u);
    EXPECT_EQ(wire.flags("C . 1:1(0) ack 1"), "duplicate_ack") << "its numbers count all the same";
    EXPECT_EQ(wire.flags("C P. 1:101(100) ack 1"), "") << "the scale was among what was cut";
}

TEST_P(Flags, TimesThatGoBackMakeNoFastRetransmission) {
    wire.handshake().feed({"S P. 1:101(100) ack 1", "S P. 101:201(100) ack 1", "C . 1:1(0) ack 101",
                           "C . 1:1(0) ack 101", "C . 1:1(0) ack 101"});
    EXPECT_EQ(wire.at(2, "S P. 101:201(100) ack 1").flags.names(), "retransmission");
}

TEST_P(Flags, TimesThatGoBackAreNoOrder) {
    wire.at(10, "C P. 1:11(10) ack 1");
    wire.at(20, "C P. 21:31(10) ack 1");
    EXPECT_EQ(wire.at(19, "C P. 11:21(10) ack 1").flags.names(), "retransmission");
}

TEST_P(Flags, FastRetransmissionAnswersTwoDuplicateAcksWithinTwentyMilliseconds) {
    wire.handshake().feed({"S P. 1:101(100) ack 1", "S P. 101:201(100) ack 1", "S P. 201:301(100) ack 1",
                           "C . 1:1(0) ack 101", "C . 1:1(0) ack 101"});
    EXPECT_EQ(wire.flags("S P. 101:201(100) ack 1"), "retransmission") << "one duplicate is too few";
    wire.feed({"C . 1:1(0) ack 101"});
    EXPECT_EQ(wire.flags("S P. 101:201(100) ack 1"), "fast_retransmission,retransmission");
    EXPECT_EQ(wire.at(200, "S P. 101:201(100) ack 1").flags.names(), "retransmission") << "too late";
}

TEST_P(Flags, FastRetransmissionTakesTheAcksOfAReceiverThatWasMissedForSeen) {
    wire.handshake().feed({"S P. 1:101(100) ack 1", "S P. 101:201(100) ack 51"});
    EXPECT_EQ(wire.flags("S P. 1:101(100) ack 51"), "fast_retransmission,retransmission");
    wire.feed({"C . 1:1(0) ack 1"});
    EXPECT_EQ(wire.flags("S P. 1:101(100) ack 1"), "retransmission") << "its only one was seen";
}

TEST_P(Flags, SpuriousRetransmissionIsAcknowledgedAlready) {
    wire.handshake().feed({"C P. 1:11(10) ack 1", "S . 1:1(0) ack 11"});
    EXPECT_EQ(wire.flags("C P. 1:11(10) ack 1"), "retransmission,spurious_retransmission");
    wire.feed({"S . 1:1(0) ack 31"});
    EXPECT_EQ(wire.flags("C P. 11:31(20) ack 1"), "retransmission,spurious_retransmission")
        << "also when it is seen for the first time";
}

TEST_P(Flags, SpuriousRetransmissionGoesByTheNumberOfAResetWithoutAckToo) {
    wire.handshake().feed({"C P. 1:11(10) ack 1", "S R 1:1(0) ack 11"});
    EXPECT_EQ(wire.flags("C P. 1:11(10) ack 1"), "retransmission,spurious_retransmission");
    wire.feed({"S R 1:1(0) rawack 0"});
    EXPECT_EQ(wire.at(500, "C P. 1:11(10) ack 1").flags.names(), "retransmission") << "0 is none";
}

TEST_P(Flags, TheByteOfAProbeAtTheHeadOfNewDataIsNoRetransmission) {
    wire.handshake().feed({"C P. 1:11(10) ack 1"});
    EXPECT_EQ(wire.flags("C P. 10:30(20) ack 1"), "");
}

TEST_P(Flags, ReusedPortsIsASynWithAnotherNumber) {
    wire.handshake();
    wire.restart({GetParam().client + 70000, GetParam().server + 70000});
    const Verdict syn = wire.at(50, "C S 0:0(0)");
    EXPECT_EQ(syn.flags.names(), "reused_ports");
    EXPECT_EQ(syn.connection, ConnectionId{1});
    EXPECT_EQ(wire.flags("S S. 0:0(0) ack 1"), "");
}

TEST_P(Flags, ASynAckWithAnotherNumberMovesRelativeZero) {
    wire.feed({"C S 0:0(0)", "S R. 1:1(0) ack 1"});
    wire.restart({GetParam().client, GetParam().server + 5000});
    const Verdict answer = wire.at(50, "S S. 0:0(0) ack 1");
    EXPECT_TRUE(answer.flags.has(AnalysisFlag::ReusedPorts));
    EXPECT_EQ(answer.connection, ConnectionId{0});
    EXPECT_EQ(answer.seq, 0u);
    EXPECT_EQ(wire.at(51, "S P. 1:11(10) ack 1").seq, 1u);
}

}  // namespace
}  // namespace synscope::track
