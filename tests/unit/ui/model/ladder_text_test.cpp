#include "ui/model/ladder_text.hpp"

#include <gtest/gtest.h>

namespace synscope::model {
namespace {

using track::AnalysisFlag;

track::Segment judged(track::AnalysisFlags flags, bool retransmission = false) {
    track::Segment segment;
    segment.analysis = flags;
    segment.retransmission = retransmission;
    return segment;
}

TEST(PacketMark, NamesWhatASegmentIsBesideWhatItSays) {
    EXPECT_EQ(packet_mark(judged({})), "");
    EXPECT_EQ(packet_mark(judged({}, true)), "again: ");
    EXPECT_EQ(packet_mark(judged(AnalysisFlag::DuplicateAck)), "duplicate: ");
    EXPECT_EQ(packet_mark(judged(AnalysisFlag::WindowUpdate)), "window update: ");
    EXPECT_EQ(packet_mark(judged(AnalysisFlag::WindowFull)), "");
}

TEST(PacketMark, AProbeThatCarriesAnOldByteIsAProbe) {
    EXPECT_EQ(packet_mark(judged(AnalysisFlag::KeepAlive, true)), "probe: ");
    EXPECT_EQ(packet_mark(judged(AnalysisFlag::ZeroWindowProbe)), "probe: ");
}

TEST(Legend, ExplainsMarksOnlyWhereTheyStand) {
    const auto explains = [](const LegendNeeds& needs, std::string_view mark) {
        for (const LegendLine& line : legend(needs))
            if (line.mark == mark) return true;
        return false;
    };
    const auto flight = [](const track::Segment& segment, bool arrived) {
        Flight f;
        f.segment = &segment;
        if (arrived) f.arrival = Arrival{};
        return f;
    };
    LegendNeeds needs;
    const track::Segment plain = judged({});
    add_needs(needs, flight(plain, true));
    EXPECT_TRUE(explains(needs, "1:6(5)"));
    EXPECT_FALSE(explains(needs, "probe:"));
    EXPECT_FALSE(explains(needs, "duplicate:"));
    EXPECT_FALSE(needs.estimated);
    const track::Segment probe = judged(AnalysisFlag::KeepAlive);
    const track::Segment duplicate = judged(AnalysisFlag::DuplicateAck);
    add_needs(needs, flight(probe, false));
    add_needs(needs, flight(duplicate, true));
    EXPECT_TRUE(explains(needs, "probe:"));
    EXPECT_TRUE(explains(needs, "duplicate:"));
    EXPECT_TRUE(needs.estimated);
    EXPECT_FALSE(explains(needs, "UDP, length 6"));
}

TEST(Legend, ExplainsDatagramsAloneWithoutWordsOfTcp) {
    LegendNeeds needs;
    add_needs(needs, Flight{});
    needs.lost = true;
    const auto lines = legend(needs);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].mark, "UDP, length 6");
    EXPECT_EQ(lines[2].mark, "2 bytes lost");
}

TEST(SideText, KeepsWhatWasLostWhereThereIsLittleRoom) {
    const std::string whole = "recvfrom(3) = 5, 2 bytes lost";
    EXPECT_EQ(side_text(whole, 40), whole);
    EXPECT_EQ(side_text(whole, 24), "recvfrom(3) = 5, 2 lost");
    EXPECT_EQ(side_text(whole, 12), "\u2026= 5, 2 lost");
}

}  // namespace
}  // namespace synscope::model
