// What became of each write or message: the demo's (b) and (c), and the other ways it can go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/track/provenance.hpp"
#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

using ::testing::ElementsAre;
using V = FateVerdict;

class Fates : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    void SetUp() override {
        wire.handshake();
        wire.named(4, Side::Client);
        wire.named(4, Side::Server);
    }
    std::vector<std::vector<FateVerdict>> verdicts() {
        std::vector<std::vector<FateVerdict>> all;
        for (const Fate& fate : fates(wire.connection(), Direction::ClientToServer))
            all.push_back(fate.verdicts);
        return all;
    }
    Conversation wire{GetParam().client, GetParam().server};
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Fates, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Fates, OneSegmentOneReadIsWhole) {
    wire.write(5, 5, Side::Client, 5);
    wire.packet_at(5, "C P. 1:6(5) ack 1");
    wire.read(5, 6, Side::Server, 5);
    wire.write(7, 7, Side::Client, 6);
    wire.packet_at(7, "C P. 6:12(6) ack 1");
    wire.read(7, 8, Side::Server, 6);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::Whole), ElementsAre(V::Whole)));
}

TEST_P(Fates, TwoSendsOneReadAreMergedAtTheReceiver) {
    wire.write(5, 5, Side::Client, 6);
    wire.packet_at(5, "C P. 1:7(6) ack 1");
    wire.write(6, 6, Side::Client, 5);
    wire.packet_at(6, "C P. 7:12(5) ack 1");
    wire.read(35, 35, Side::Server, 11);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::MergedAtReceiver), ElementsAre(V::MergedAtReceiver)));
    const auto both = fates(wire.connection(), Direction::ClientToServer);
    EXPECT_EQ(both[0].bytes, (ByteRange{0, 6}));
    EXPECT_EQ(both[0].segments, (std::vector<std::size_t>{3}));
    EXPECT_EQ(both[1].segments, (std::vector<std::size_t>{4}));
    EXPECT_EQ(both[0].reads, both[1].reads);
}

TEST_P(Fates, FramedMessagesInOneReadAreTwoUnits) {
    wire.write(5, 5, Side::Client, 10);
    wire.message(5, Side::Client, true, 10);
    wire.packet_at(5, "C P. 1:11(10) ack 1");
    wire.write(6, 6, Side::Client, 9);
    wire.message(6, Side::Client, true, 9);
    wire.packet_at(6, "C P. 11:20(9) ack 1");
    wire.read(35, 35, Side::Server, 19);
    wire.message(35, Side::Server, false, 10);
    wire.message(35, Side::Server, false, 9);
    const auto both = fates(wire.connection(), Direction::ClientToServer);
    ASSERT_EQ(both.size(), 2u);
    EXPECT_FALSE(both[0].write);
    EXPECT_EQ(wire.connection().messages[*both[1].message].index, 1u);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::MergedAtReceiver), ElementsAre(V::MergedAtReceiver)));
    const auto runs = provenance(wire.connection(), Direction::ClientToServer);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(wire.connection().messages[*runs[0].received_message].index, 0u);
    EXPECT_EQ(wire.connection().messages[*runs[1].received_message].index, 1u);
}

TEST_P(Fates, NagleMergesAtTheSender) {
    wire.write(5, 5, Side::Client, 6);
    wire.write(6, 6, Side::Client, 5);
    wire.packet_at(7, "C P. 1:12(11) ack 1");
    wire.read(8, 8, Side::Server, 6);
    wire.read(8, 9, Side::Server, 5);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::MergedAtSender), ElementsAre(V::MergedAtSender)));
}

TEST_P(Fates, LargeWriteIsSplitTwice) {
    wire.write(5, 5, Side::Client, 3000);
    wire.packets({"C . 1:1461(1460) ack 1", "C P. 1461:3001(1540) ack 1"});
    wire.read(8, 8, Side::Server, 1000);
    wire.read(8, 9, Side::Server, 1500);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::SplitOverSegments, V::SplitOverReads, V::NotYetRead)));
}

TEST_P(Fates, RetransmissionIsNoSplitAndNoMerge) {
    wire.write(5, 5, Side::Client, 6);
    wire.packet_at(5, "C P. 1:7(6) ack 1");
    wire.write(6, 6, Side::Client, 5);
    wire.packet_at(6, "C P. 7:12(5) ack 1");
    wire.packet_at(300, "C P. 1:12(11) ack 1");
    wire.read(301, 301, Side::Server, 6);
    wire.read(301, 302, Side::Server, 5);
    EXPECT_THAT(verdicts(), ElementsAre(ElementsAre(V::Whole), ElementsAre(V::Whole)));
    const auto both = fates(wire.connection(), Direction::ClientToServer);
    EXPECT_EQ(both[0].segments, (std::vector<std::size_t>{3, 5}));
}

TEST_P(Fates, OtherDirectionIsItsOwnAxis) {
    wire.write(5, 5, Side::Server, 4);
    wire.packet_at(5, "S P. 1:5(4) ack 1");
    wire.read(6, 6, Side::Client, 4);
    EXPECT_TRUE(fates(wire.connection(), Direction::ClientToServer).empty());
    const auto back = fates(wire.connection(), Direction::ServerToClient);
    ASSERT_EQ(back.size(), 1u);
    EXPECT_THAT(back[0].verdicts, ElementsAre(V::Whole));
}

TEST(Verdicts, HaveWords) {
    for (const FateVerdict verdict : {V::Whole, V::MergedAtSender, V::MergedAtReceiver, V::SplitOverSegments,
                                      V::SplitOverReads, V::NotYetRead})
        EXPECT_FALSE(verdict_text(verdict).empty());
}

}  // namespace
}  // namespace synscope::track
