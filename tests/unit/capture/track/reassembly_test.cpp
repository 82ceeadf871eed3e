#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "net/base/text.hpp"
#include "tests/unit/capture/track/recorded_stream.hpp"

namespace synscope::track {
namespace {

/// Far from the wrap, at it, and across it within the first bytes.
class Reassembly : public testing::TestWithParam<std::uint32_t> {
  protected:
    RecordedStream stream{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Wrap, Reassembly, testing::Values(1000u, 0xffffffffu, 0xfffffffcu, 0x7ffffffeu));

TEST_P(Reassembly, BytesInOrderAreHandedOverAtOnce) {
    stream.syn().data(1, "hello ").data(7, "world");
    EXPECT_EQ(stream.out.text, "hello world");
    EXPECT_EQ(stream.fin(12).end(), "hello world");
}

TEST_P(Reassembly, WhatOvertookWaitsForWhatWasMissing) {
    stream.syn().data(7, "world").data(4, "lo ");
    EXPECT_EQ(stream.out.text, "");
    EXPECT_GT(stream.stream.waiting(), 8u);
    stream.data(1, "hel");
    EXPECT_EQ(stream.out.text, "hello world");
    EXPECT_EQ(stream.stream.waiting(), 0u);
}

TEST_P(Reassembly, ARetransmissionWithOtherBoundariesAddsNothing) {
    stream.syn().data(1, "hello").data(3, "llo wor").data(1, "hello world").data(1, "hel");
    EXPECT_EQ(stream.end(), "hello world");
}

TEST_P(Reassembly, OfTwoVersionsTheFirstStandsAndTheConflictIsReported) {
    EXPECT_EQ(stream.syn().data(1, "hello").data(3, "LLo w").end(), "hello{conflict 2+2 of which 2} w");
}

TEST_P(Reassembly, AConflictAmongWaitingBytesIsReportedToo) {
    stream.syn().data(4, "def").data(6, "Xg").data(2, "bcd");
    EXPECT_EQ(stream.data(1, "abcdefgh").end(), "{conflict 5+1 of which 1}abcdefgh");
}

TEST_P(Reassembly, BytesThatWereAcknowledgedButNotCapturedAreAGap) {
    stream.syn().data(1, "abc").data(7, "ghi").ack(7);
    EXPECT_EQ(stream.out.text, "abc") << "the acknowledgement may have overtaken the packet in the capture";
    stream.ack(10);
    EXPECT_EQ(stream.out.text, "abc[3 lost]ghi");
    EXPECT_EQ(stream.data(4, "def").end(), "abc[3 lost]ghi{late 3+3}");
}

TEST_P(Reassembly, AnAcknowledgementBehindAllThatWasSeenIsAGapAtTheEnd) {
    EXPECT_EQ(stream.syn().data(1, "abc").ack(101).end(), "abc[97 lost]");
}

TEST_P(Reassembly, ALoneNumberBehindTheLastByteIsAFinThatWasNotCaptured) {
    EXPECT_EQ(stream.syn().data(1, "abc").ack(5).end(), "abc");
}

TEST_P(Reassembly, WhatTheEndOfTheCaptureLeavesIsAGapOfItsOwnKind) {
    EXPECT_EQ(stream.syn().data(1, "abc").data(7, "ghi").ack(4).end(), "abc[3 never]ghi");
}

TEST_P(Reassembly, AFinBeforeItsDataWaits) {
    stream.syn().fin(4, "def");
    EXPECT_EQ(stream.out.text, "");
    EXPECT_EQ(stream.data(1, "abc").ack(8).end(), "abcdef");
    EXPECT_EQ(stream.stream.fin(), 6u);
}

TEST_P(Reassembly, AFinThatWasAcknowledgedProvesWhatIsMissingBeforeIt) {
    stream.syn().data(1, "abc").fin(7).ack(8);
    EXPECT_EQ(stream.out.text, "abc[3 lost]");
}

TEST_P(Reassembly, DataBehindTheFinIsHandedOverAndReported) {
    EXPECT_EQ(stream.syn().fin(1, "abc").data(4, "def").end(), "abc{after fin 3+3}def");
}

TEST_P(Reassembly, TheNumberOfTheFinIsNoMissingByte) {
    EXPECT_EQ(stream.syn().fin(1, "abc").data(5, "def").end(), "abc{after fin 4+3}def");
}

TEST_P(Reassembly, DataOnTheSynBeginsBehindIt) {
    EXPECT_EQ(stream.syn("GET").ack(1, true).data(1, "GET /").end(), "GET /");
}

TEST_P(Reassembly, KeepAlivesAreNotPartOfTheStream) {
    stream.syn().data(1, "abc").ack(4, false).data(3, std::string_view{"\0", 1}).data(3, "").data(4, "d");
    EXPECT_EQ(stream.end(), "abcd");
}

TEST_P(Reassembly, OneByteSentAgainBeforeItWasAcknowledgedIsNoKeepAlive) {
    EXPECT_EQ(stream.syn().data(1, "abc").ack(2).data(3, "X").end(), "abc{conflict 2+1 of which 1}");
}

TEST_P(Reassembly, AZeroWindowProbeCarriesTheNextByte) {
    EXPECT_EQ(stream.syn().data(1, "abc").ack(4).data(4, "d").data(4, "def").end(), "abcdef");
}

TEST_P(Reassembly, WhatTheSnapLengthCutIsAGapAtOnce) {
    stream.syn().cut(1, 10, "abc").cut(11, 4, "xy");
    EXPECT_EQ(stream.out.text, "abc[7 cut]xy[2 cut]");
}

TEST_P(Reassembly, ACutSegmentThatOvertookKeepsItsPlace) {
    stream.syn().cut(11, 10, "xy").cut(21, 5, "").data(31, "end").data(26, "12345");
    EXPECT_EQ(stream.out.text, "");
    EXPECT_EQ(stream.data(1, "0123456789").end(), "0123456789xy[8 cut][5 cut]12345end");
}

TEST_P(Reassembly, AWholeSecondCopyFillsWhatWasCutWhileItWaits) {
    stream.syn().cut(11, 10, "xy").data(13, "wholecop");
    EXPECT_EQ(stream.data(1, "0123456789").end(), "0123456789xywholecop");
}

TEST_P(Reassembly, AnEmptyCutSegmentInsideWaitingBytesChangesNothing) {
    stream.syn().data(11, "abcdef").cut(13, 2, "").cut(17, 3, "");
    EXPECT_EQ(stream.data(1, "0123456789").end(), "0123456789abcdef[3 cut]");
}

TEST_P(Reassembly, JoinedMidwayTheFirstSegmentIsTheBeginning) {
    EXPECT_EQ(stream.data(500, "abc").data(503, "def").data(490, "0123456789abc").end(),
              "abcdef{before 0+10}");
}

TEST_P(Reassembly, JoinedAtAKeepAliveTheStreamBeginsBehindIt) {
    EXPECT_EQ(stream.data(499, "").data(500, "abc").end(), "abc");
}

TEST_P(Reassembly, TheOtherSidesSynTellsWhereAStreamBeganWhoseOwnWasNotCaptured) {
    EXPECT_EQ(stream.ack(1, true).data(4, "def").ack(7).end(), "[3 lost]def");
}

TEST_P(Reassembly, OfADirectionThatWasNotCapturedTheAcknowledgementsTellTheLength) {
    EXPECT_EQ(stream.ack(100).ack(150).ack(120).end(), "[50 lost]");
}

TEST_P(Reassembly, ASynSentAgainIsNothingNew) {
    EXPECT_EQ(stream.syn().syn().data(1, "abc").syn().end(), "abc");
}

TEST_P(Reassembly, OfTwoAnswersToASynTheOneThatWasAcknowledgedCounts) {
    constexpr std::int64_t kOther = 1180490626;
    stream.syn().data(kOther, "").ack(kOther + 1).syn().ack(kOther + 1).data(kOther + 1, "abc");
    EXPECT_EQ(stream.ack(kOther + 4).end(), "abc");
}

TEST_P(Reassembly, TheTextOfAResetIsNotPartOfTheStream) {
    EXPECT_EQ(stream.syn().data(1, "abc").reset(4, "go away").end(), "abc{reset 0+7}");
}

TEST_P(Reassembly, NumbersFarAwayAreLeftOutUnlessASecondSegmentGoesOnFromThem) {
    constexpr std::int64_t kFar = 1600000000;
    stream.syn().data(1, "abc").data(kFar, "stray").data(4, "def");
    EXPECT_EQ(stream.out.text, "abc{off 0+5}def");
    stream.data(kFar, "one").data(kFar + 3, "two");
    EXPECT_EQ(stream.end(), concat("abc{off 0+5}def{off 0+3}[", kFar + 3 - 7, " jump]two"));
    EXPECT_TRUE(stream.out.without_hole);
}

TEST_P(Reassembly, NumbersFarBehindAreTakenForwardOverTheWrap) {
    constexpr std::int64_t kFar = -1600000000;
    stream.syn().data(1, "abc").data(kFar, "one").data(kFar + 3, "two");
    EXPECT_EQ(stream.end(), concat("abc{off 0+3}[", (std::int64_t{1} << 32) + kFar + 3 - 4, " jump]two"));
}

TEST(ReassemblyLimits, BeyondTheLimitWhatIsMissingBecomesAGap) {
    RecordedStream stream{0xfffffff0u, {1000, 1000}};
    stream.syn();
    for (int i = 0; i < 7; ++i)
        stream.data(10 + i * 10, "0123456789");
    EXPECT_EQ(stream.out.text, "");
    stream.data(100, "far");
    EXPECT_EQ(stream.out.text.substr(0, 19), "[9 limit]0123456789");
    EXPECT_LE(stream.stream.waiting(), 1000u);
    EXPECT_EQ(stream.end().substr(9 + 70), "[20 never]far");
}

TEST(ReassemblyLimits, WhatWaitsIsBoundedWhateverArrives) {
    RecordedStream stream{7, {std::size_t{1} << 16, 1000}};
    stream.syn();
    for (int i = 0; i < 100000; ++i) {
        stream.data(3 + std::int64_t{i} * 2, "x");
        ASSERT_LE(stream.stream.waiting(), std::size_t{1} << 16);
    }
    EXPECT_TRUE(stream.out.without_hole);
}

TEST(ReassemblyLimits, BytesNoLongerRememberedAreNotCompared) {
    RecordedStream stream{7, {1000, 8}};
    stream.syn().data(1, "0123456789").data(1, "X").data(6, "X");
    EXPECT_EQ(stream.end(), "0123456789{conflict 5+1 of which 1}");
}

TEST(ReassemblyLimits, AStreamLongerThanTheNumbersKeepsCounting) {
    // 5 GiB of segments of which only the headers were captured, and a few bytes now and then.
    RecordedStream stream{0xfffff000u};
    stream.syn();
    constexpr std::uint32_t kLength = 1u << 20;
    std::int64_t seq = 1;
    for (int i = 0; i < 5 * 1024; ++i, seq += kLength) {
        stream.cut(seq, kLength, "");
        stream.ack(seq + kLength);
    }
    EXPECT_EQ(stream.stream.position(), std::uint64_t{5} << 30);
    stream.data(seq + 3, "def").data(seq, "abc");
    EXPECT_TRUE(stream.out.text.ends_with("cut]abcdef"));
    EXPECT_EQ(stream.stream.position(), (std::uint64_t{5} << 30) + 6);
    EXPECT_TRUE(stream.out.without_hole);
}

/// Any segmentation, order and duplication of a text gives back the text.
TEST(ReassemblyModel, AnyCutOrderAndDuplicationGivesBackTheText) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(concat("seed ", seed));
        std::mt19937 random{seed};
        std::string text(1 + random() % 3000, '\0');
        for (char& c : text)
            c = static_cast<char>(random());
        struct Cut {
            std::size_t begin, length;
        };
        std::vector<Cut> cuts;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = std::min<std::size_t>(1 + random() % 200, text.size() - at);
            cuts.push_back({at, length});
            at += length;
        }
        for (std::size_t i = cuts.size(); i > 0; --i) {
            const std::size_t begin = random() % text.size();
            cuts.push_back({begin, 1 + random() % (text.size() - begin)});
        }
        std::shuffle(cuts.begin(), cuts.end(), random);
        RecordedStream stream{static_cast<std::uint32_t>(random())};
        stream.syn();
        for (const Cut& cut : cuts)
            stream.data(1 + static_cast<std::int64_t>(cut.begin),
                        std::string_view{text}.substr(cut.begin, cut.length));
        ASSERT_EQ(stream.fin(1 + static_cast<std::int64_t>(text.size())).end(), text);
        ASSERT_TRUE(stream.out.without_hole && stream.out.without_empty);
    }
}

}  // namespace
}  // namespace synscope::track
