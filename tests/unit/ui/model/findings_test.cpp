#include "ui/model/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {
namespace {

using namespace test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string sentence(const MadeTrace& t, Topic topic) {
    TraceReader reader;
    reader.settle(t);
    std::string all;
    for (const track::Connection& c : reader.tracker().connections())
        for (const Finding& f : findings(t, c))
            if (f.topic == topic) all += f.sentence + '\n';
    return all;
}

MadeTrace talk(const Talk& how) {
    MadeTrace t;
    t.actors();
    add_talk(t, 100, how);
    return t;
}

TEST(Findings, HandshakeSaysHowLongItTookAndWhatWasAgreed) {
    EXPECT_THAT(
        sentence(talk({}), Topic::Handshake),
        AllOf(HasSubstr("agreed 12.0 us later"), HasSubstr("established 20.0 us after"),
              HasSubstr("mss 65495 each way"), HasSubstr("window scale 7"), HasSubstr("no timestamps")));
}

TEST(Findings, HandshakeThatTheTraceMissedIsUnknown) {
    MadeTrace t;
    t.segment(0, kC2s, kPsh | kAck, 1, 1, 5);
    t.segment(10, kS2c, kAck, 1, 6);
    EXPECT_THAT(sentence(t, Topic::Handshake), HasSubstr("unknown"));
    EXPECT_THAT(sentence(t, Topic::Writes), HasSubstr("is unknown"));
    EXPECT_THAT(sentence(t, Topic::Teardown), HasSubstr("still open"));
}

TEST(Findings, RefusedConnection) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(15, kS2c, kRst | kAck, 0, 1);
    EXPECT_THAT(sentence(t, Topic::Handshake), AllOf(HasSubstr("refused"), HasSubstr("15.0 us")));
    EXPECT_EQ(sentence(t, Topic::Reset), "");
}

TEST(Findings, SynWithoutAnswerIsCounted) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(1'000'000, kC2s, kSyn, 0, 0);
    EXPECT_THAT(sentence(t, Topic::Handshake), AllOf(HasSubstr("2 times"), HasSubstr("no answer")));
    EXPECT_THAT(sentence(t, Topic::Retransmission), HasSubstr("1.00 s after"));
}

TEST(Findings, BusyServerIsNamedAsTheCauseOfMergedWrites) {
    EXPECT_THAT(
        sentence(talk({}), Topic::Writes),
        AllOf(HasSubstr("2 send() calls (5 + 6 bytes, 12.0 us apart)"), HasSubstr("one recv() as 11 bytes"),
              HasSubstr("busy for 30.1 ms (server.busy)"), HasSubstr("joined in the receiver's buffer")));
}

TEST(Findings, WritesReadApartAreSaidToBeApart) {
    EXPECT_THAT(sentence(talk({.busy = false}), Topic::Writes),
                AllOf(HasSubstr("2 recv() calls (5 + 6 bytes)"), Not(HasSubstr("busy")),
                      Not(HasSubstr("one recv()"))));
}

TEST(Findings, WritesJoinedInOneSegmentAreJoinedAtTheSender) {
    EXPECT_THAT(sentence(talk({.one_segment = true}), Topic::Writes),
                HasSubstr("already joined at the sender"));
}

TEST(Findings, FramedMessagesAreFoundInOneRead) {
    EXPECT_THAT(sentence(talk({.framed = true}), Topic::Messages),
                AllOf(HasSubstr("returned 19 bytes"), HasSubstr("2 messages"), HasSubstr("(5 + 6 bytes)"),
                      HasSubstr("4-byte header"), HasSubstr("len32")));
    EXPECT_EQ(sentence(talk({}), Topic::Messages), "");
}

TEST(Findings, LateCloseGivesFourSegmentsAndSaysWhy) {
    EXPECT_THAT(sentence(talk({}), Topic::Teardown),
                AllOf(HasSubstr("closed 60.2 ms after it read end-of-file"), HasSubstr("delayed ACK"),
                      HasSubstr("four segments")));
}

TEST(Findings, PromptCloseGivesThreeSegmentsAndSaysWhy) {
    EXPECT_THAT(sentence(talk({.delayed_close = false}), Topic::Teardown),
                AllOf(HasSubstr("travelled together"), HasSubstr("three segments"), HasSubstr("end-of-file"),
                      Not(HasSubstr("four"))));
}

TEST(Findings, ForeignTeardownHasNoReason) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(10, kS2c, kSyn | kAck, 0, 1);
    t.segment(20, kC2s, kAck, 1, 1);
    t.segment(30, kS2c, kFin | kAck, 1, 1);
    t.segment(40, kC2s, kFin | kAck, 1, 2);
    t.segment(50, kS2c, kAck, 2, 2);
    EXPECT_THAT(sentence(t, Topic::Teardown), AllOf(HasSubstr("The server finished first"),
                                                    HasSubstr("three segments"), HasSubstr("unknown")));
}

TEST(Findings, CrossingFinsAreSeen) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(10, kS2c, kSyn | kAck, 0, 1);
    t.segment(20, kC2s, kAck, 1, 1);
    t.segment(30, kS2c, kFin | kAck, 1, 1);
    t.segment(31, kC2s, kFin | kAck, 1, 1);
    t.segment(40, kS2c, kAck, 2, 2);
    t.segment(41, kC2s, kAck, 2, 2);
    EXPECT_THAT(sentence(t, Topic::Teardown), HasSubstr("crossed"));
}

TEST(Findings, ResetOnUnreadDataNamesTheBytesLeft) {
    MadeTrace t;
    t.actors();
    add_handshake(t, 100);
    t.call(210, 215, Side::Client, Syscall::Send, 5, 5, {0, 5});
    t.segment(212, kC2s, kPsh | kAck, 1, 1, 5);
    t.segment(214, kS2c, kAck, 1, 6);
    t.call(300, 309, Side::Server, Syscall::Close, 0, 0);
    t.segment(304, kS2c, kRst | kAck, 1, 6);
    EXPECT_THAT(sentence(t, Topic::Reset),
                AllOf(HasSubstr("The server broke"), HasSubstr("5 bytes not yet read")));
}

TEST(Findings, HostileReasonCannotReachTheTerminal) {
    MadeTrace t;
    t.actors();
    add_handshake(t, 100);
    t.busy(200, 30'000, "x\x1b[31m\xe2\x80\xae");
    t.call(210, 212, Side::Client, Syscall::Send, 5, 5, {0, 5});
    t.call(214, 216, Side::Client, Syscall::Send, 5, 5, {5, 10});
    t.segment(211, kC2s, kPsh | kAck, 1, 1, 5);
    t.segment(215, kC2s, kPsh | kAck, 6, 1, 5);
    t.call(30'001, 30'003, Side::Server, Syscall::Recv, 99, 10, {0, 10});
    const std::string text = sentence(t, Topic::Writes);
    EXPECT_THAT(text, HasSubstr("\\x1b[31m"));
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xe2\x80\xae"))));
}

TEST(Findings, LostByTheCaptureIsAFindingOfTheTrace) {
    MadeTrace t;
    t.add(10, MadeTrace::kCapture, CaptureCounters{1, 0, 0});
    EXPECT_TRUE(trace_findings(t).empty());
    t.add(20, MadeTrace::kCapture, CaptureCounters{9, 2, 1});
    ASSERT_EQ(trace_findings(t).size(), 1U);
    EXPECT_THAT(trace_findings(t)[0].sentence, HasSubstr("lost 3 packets"));
}

}  // namespace
}  // namespace synscope::model
