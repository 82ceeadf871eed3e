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
    LegendNeeds needs;
    add_needs(needs, judged({}), true);
    EXPECT_TRUE(explains(needs, "1:6(5)"));
    EXPECT_FALSE(explains(needs, "probe:"));
    EXPECT_FALSE(explains(needs, "duplicate:"));
    EXPECT_FALSE(needs.estimated);
    add_needs(needs, judged(AnalysisFlag::KeepAlive), false);
    add_needs(needs, judged(AnalysisFlag::DuplicateAck), true);
    EXPECT_TRUE(explains(needs, "probe:"));
    EXPECT_TRUE(explains(needs, "duplicate:"));
    EXPECT_TRUE(needs.estimated);
}

}  // namespace
}  // namespace synscope::model
