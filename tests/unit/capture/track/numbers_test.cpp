// Connections, relative numbers, windows, retransmissions.
#include <gtest/gtest.h>

#include "capture/track/sequence.hpp"
#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

class Numbers : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    Conversation wire{GetParam().client, GetParam().server};
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Numbers, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Numbers, AreRelativeToTheSyn) {
    wire.handshake();
    wire.packets({"C P. 1:6(5) ack 1", "S P. 1:8(7) ack 6", "C F. 6:6(0) ack 8", "S . 8:8(0) ack 7"});
    EXPECT_EQ(wire.segments(),
              "C S 0:0(0), S S. 0:0(0) ack 1, C . 1:1(0) ack 1, C P. 1:6(5) ack 1, S P. 1:8(7) ack 6, "
              "C F. 6:6(0) ack 8, S . 8:8(0) ack 7");
    const Connection& connection = wire.connection();
    EXPECT_EQ(connection.isn[0], Seq32{GetParam().client});
    EXPECT_EQ(connection.isn[1], Seq32{GetParam().server});
    EXPECT_EQ(connection.segments[3].bytes(), (ByteRange{0, 5}));
    EXPECT_EQ(connection.segments[4].bytes(), (ByteRange{0, 7}));
    EXPECT_TRUE(connection.segments[0].bytes().empty());
    EXPECT_TRUE(connection.saw_syn);
    EXPECT_EQ(connection.first_at, at_ms(1));
    EXPECT_EQ(connection.last_at, at_ms(7));
}

TEST_P(Numbers, BytesBehindASynBeginAtOffsetZero) {
    wire.packets({"C S 0:5(5)", "S S. 0:0(0) ack 6", "C P. 6:8(2) ack 1"});
    EXPECT_EQ(wire.connection().segments[0].bytes(), (ByteRange{0, 5}));
    EXPECT_EQ(wire.connection().segments[2].bytes(), (ByteRange{5, 7}));
}

TEST_P(Numbers, JoinedMidwayTheFirstIsOne) {
    wire.packets({"C P. 501:511(10) ack 301", "S P. 301:302(1) ack 511", "C . 510:510(0) ack 302"});
    EXPECT_EQ(wire.segments(), "C P. 1:11(10) ack 1, S P. 1:2(1) ack 11, C . 10:10(0) ack 2");
    EXPECT_EQ(wire.connection().client, wire.client);
}

TEST_P(Numbers, BeforeTheFirstOneSeenTheyAreNegativeAndNoBytes) {
    wire.packets({"C P. 501:511(10) ack 1", "C P. 481:495(14) ack 1", "C P. 491:506(15) ack 1"});
    EXPECT_EQ(wire.segments(), "C P. 1:11(10) ack 1, C P. -19:-5(14) ack 1, C P. -9:6(15) ack 1 again");
    EXPECT_TRUE(wire.connection().segments[1].bytes().empty());
    EXPECT_EQ(wire.connection().segments[2].bytes(), (ByteRange{0, 5}));
}

TEST_P(Numbers, RetransmissionIsToldFromFillingAGap) {
    wire.handshake();
    wire.packets({"C P. 1:11(10) ack 1", "C P. 21:31(10) ack 1", "C P. 11:21(10) ack 1",
                  "C P. 11:21(10) ack 1", "C P. 26:41(15) ack 1", "C . 30:30(0) ack 1"});
    EXPECT_EQ(
        wire.segments(),
        "C S 0:0(0), S S. 0:0(0) ack 1, C . 1:1(0) ack 1, C P. 1:11(10) ack 1, C P. 21:31(10) ack 1, "
        "C P. 11:21(10) ack 1, C P. 11:21(10) ack 1 again, C P. 26:41(15) ack 1 again, C . 30:30(0) ack 1");
}

TEST_P(Numbers, WindowIsScaledWhenBothSynsAgree) {
    wire.packets({"C S 0:0(0) win 1000 wscale 7", "S S. 0:0(0) ack 1 win 2000 wscale 2",
                  "C . 1:1(0) ack 1 win 3", "S . 1:1(0) ack 1 win 3"});
    const auto& segments = wire.connection().segments;
    EXPECT_EQ(segments[0].window, 1000u);  // never scaled in a SYN
    EXPECT_EQ(segments[1].window, 2000u);
    EXPECT_EQ(segments[2].window, 384u);
    EXPECT_EQ(segments[3].window, 12u);
}

TEST_P(Numbers, WindowIsNotScaledWhenOneSynDoesNotAskOrWasMissed) {
    wire.packets({"C S 0:0(0) wscale 7", "S S. 0:0(0) ack 1", "C . 1:1(0) ack 1 win 3"});
    EXPECT_EQ(wire.connection().segments[2].window, 3u);
    Conversation late(1, 1);
    late.packets({"S S. 0:0(0) ack 1 wscale 7", "C . 1:1(0) ack 1 win 3"});
    EXPECT_EQ(late.connection().segments[1].window, 3u);
}

TEST_P(Numbers, ShiftAbove14CountsAs14) {
    wire.packets({"C S 0:0(0) wscale 200", "S S. 0:0(0) ack 1 wscale 0", "C . 1:1(0) ack 1 win 1"});
    EXPECT_EQ(wire.connection().segments[2].window, 16384u);
}

TEST_P(Numbers, SynWithAnotherNumberIsANewConnection) {
    wire.handshake();
    wire.restart(GetParam().client + 100000, GetParam().server + 77);
    wire.handshake();
    ASSERT_EQ(wire.tracker.connections().size(), 2u);
    EXPECT_EQ(wire.segments(1), "C S 0:0(0), S S. 0:0(0) ack 1, C . 1:1(0) ack 1");
    EXPECT_FALSE(wire.connection(0).reused_ports);
    EXPECT_TRUE(wire.connection(1).reused_ports);
    EXPECT_EQ(wire.tracker.find(PacketId{4})->connection, ConnectionId{1});
    EXPECT_EQ(wire.tracker.find(PacketId{4})->segment, 1u);
}

TEST_P(Numbers, SynWithTheSameNumberIsTheSameConnectionAlsoAfterAnEnd) {
    wire.packets({"C S 0:0(0)", "C S 0:0(0)"});
    EXPECT_EQ(wire.tracker.connections().size(), 1u);
    wire.packets({"S R. 0:0(0) ack 1", "C S 0:0(0)"});
    ASSERT_EQ(wire.tracker.connections().size(), 1u);
    EXPECT_TRUE(wire.connection().segments[3].analysis.has(AnalysisFlag::Retransmission));
}

TEST_P(Numbers, DisorderBetweenSourcesIsSortedByTime) {
    wire.packet_at(1, "C S 0:0(0)");
    wire.packet_at(3, "C . 1:1(0) ack 1");
    const PacketId late = wire.packet_at(2, "S S. 0:0(0) ack 1");
    EXPECT_EQ(wire.segments(), "C S 0:0(0), S S. 0:0(0) ack 1, C . 1:1(0) ack 1");
    EXPECT_EQ(wire.tracker.find(late)->segment, 1u);
    EXPECT_EQ(wire.tracker.find(PacketId{1})->segment, 2u);
    EXPECT_EQ(wire.connection().segment_of(late), 1u);
}

TEST(Connections, AreNumberedInOrderOfTheirFirstPacket) {
    Conversation wire(1, 2);
    wire.packets({"C S 0:0(0)"});
    wire.client.port = 40001;
    wire.packets({"C S 0:0(0)"});
    wire.client.port = 40000;
    wire.packets({"S S. 0:0(0) ack 1"});
    ASSERT_EQ(wire.tracker.connections().size(), 2u);
    EXPECT_EQ(wire.connection(0).segments.size(), 2u);
    EXPECT_EQ(wire.connection(1).client.port, 40001);
}

TEST(Connections, PacketsThatAreNoTcpBelongToNone) {
    Tracker tracker;
    const std::vector<std::byte> junk(60, std::byte{0x11});
    tracker.packet({EventId{0}, {}, ActorId{0}, {}, PacketCaptured{PacketId{0}}}, wire::LinkType::Ethernet,
                   junk, 60);
    EXPECT_TRUE(tracker.connections().empty());
    EXPECT_FALSE(tracker.find(PacketId{0}));
    EXPECT_FALSE(tracker.find(PacketId{99}));
}

TEST(SequenceSpace, CountsOnPastTwoToThe32) {
    SequenceSpace space;
    space.set_zero(Seq32{0xfffffff0});
    std::int64_t at = 0;
    for (int i = 0; i < 10; ++i) {
        const std::int64_t next = at + 0x3fffffff;
        EXPECT_EQ(space.relative(Seq32{0xfffffff0} + static_cast<std::uint32_t>(next)), next);
        EXPECT_FALSE(space.take(at, next));
        at = next;
    }
    EXPECT_GT(at, std::int64_t{1} << 33);
    EXPECT_TRUE(space.take(at - 1, at + 1));
}

}  // namespace
}  // namespace synscope::track
