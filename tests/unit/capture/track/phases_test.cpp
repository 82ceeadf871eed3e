// What a call waited for and when its work began, and how well that is known.
#include "capture/track/phases.hpp"

#include <gtest/gtest.h>

#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

constexpr std::int32_t kAgain = 11;
constexpr std::uint32_t kPollIn = 1, kPollOut = 4;

/// A conversation whose handshake is over at 3 ms, with both sockets known and 12 us between the clocks.
class Phases : public testing::Test {
  protected:
    Phases() {
        pair_clocks(0, Duration::microseconds(12));
        wire.handshake();
        wire.named(4, Side::Client);
        wire.named(4, Side::Server);
    }

    Conversation wire{5, 6};

    void pair_clocks(std::int64_t ms, Duration error, std::int64_t offset_ns = 7'000) {
        for (const Side side : {Side::Client, Side::Server})
            wire.event(ms, side, ClockPaired{1'000'000 * ms, 1'000'000 * ms + offset_ns, error});
    }
    void report(std::int64_t ms, Side side, std::uint32_t mask, ReadinessVia via = ReadinessVia::Epoll) {
        ReadinessReported body;
        body.socket = wire.socket_of[side == Side::Client ? 0 : 1];
        body.mask = mask;
        body.via = via;
        wire.event(ms, side, body);
    }
    /// A call that waits for many sockets.
    void wait(std::int64_t ms, std::int64_t until, Side side, Syscall call) {
        SyscallEntered entered;
        entered.call = call;
        const EventId cause = wire.event(ms, side, entered);
        SyscallReturned returned;
        returned.call = call;
        returned.result = 1;
        wire.event(until, side, returned, cause);
    }
    CallPhases last_moved() { return phases(wire.connection(), wire.connection().calls.back()); }
    CallPhases last_failed() { return *phases(wire.connection(), wire.connection().socket_calls.back()); }
};

TEST_F(Phases, BlockingReadWaitsUntilTheSegmentThatSatisfiesIt) {
    wire.packet_at(35, "C P. 1:6(5) ack 1");
    wire.read(5, 37, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Estimated);
    EXPECT_EQ(p.waiting(), Duration::milliseconds(30));
    EXPECT_EQ(p.copying(), Duration::milliseconds(2));
    EXPECT_EQ(p.error, Duration::microseconds(12));
    ASSERT_TRUE(p.segment);
    EXPECT_EQ(wire.connection().segments[*p.segment].packet, PacketId{3});
    EXPECT_TRUE(p.has_border());
}

TEST_F(Phases, TheSegmentIsTheOneWithTheFirstByteOfTheRead) {
    wire.packets({"C P. 1:6(5) ack 1"});  // 4 ms
    wire.read(5, 6, Side::Server, 5);
    wire.packet_at(20, "C P. 6:9(3) ack 1");
    wire.packet_at(30, "C P. 9:12(3) ack 1");
    wire.read(7, 31, Side::Server, 6);
    EXPECT_EQ(last_moved().waiting(), Duration::milliseconds(13));
}

TEST_F(Phases, WhatHadArrivedBeforeIsNotWaitedFor) {
    wire.packet_at(10, "C P. 1:6(5) ack 1");
    wire.read(20, 21, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Estimated);
    EXPECT_EQ(p.waiting().ns, 0);
    EXPECT_EQ(p.copying(), Duration::milliseconds(1));
    EXPECT_FALSE(p.has_border());
}

TEST_F(Phases, ReadAfterEpollDoesNotWaitAndNamesTheCallThatDid) {
    wire.packet_at(30, "C P. 1:6(5) ack 1");
    wait(5, 31, Side::Server, Syscall::EpollWait);
    report(31, Side::Server, kPollIn);
    wire.read(32, 33, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Exact);
    EXPECT_EQ(p.waiting().ns, 0);
    EXPECT_EQ(p.copying(), Duration::milliseconds(1));
    ASSERT_TRUE(p.reported && p.reported->wait);
    EXPECT_EQ(p.reported->wait->call, Syscall::EpollWait);
    EXPECT_EQ(p.reported->wait->entered_at, at_ms(5));
    EXPECT_EQ(p.reported->wait->returned_at, at_ms(31));
}

TEST_F(Phases, AReportIsAnsweredOnce) {
    report(31, Side::Server, kPollIn);
    wire.read(32, 33, Side::Server, 5);
    wire.packet_at(40, "C P. 1:11(10) ack 1");
    wire.read(34, 41, Side::Server, 5);
    EXPECT_EQ(last_moved().known, Border::Estimated);
}

TEST_F(Phases, AReportOfRoomIsNoReportOfData) {
    wire.packet_at(35, "C P. 1:6(5) ack 1");
    report(5, Side::Server, kPollOut);
    wire.read(6, 36, Side::Server, 5);
    EXPECT_EQ(last_moved().known, Border::Estimated);
    wire.write(37, 38, Side::Server, 4);
    EXPECT_EQ(last_moved().known, Border::Exact);
    EXPECT_EQ(last_moved().waiting().ns, 0);
}

TEST_F(Phases, AskedInVainMovesNothing) {
    wire.call(5, 6, Side::Server, Syscall::Recv, -1, {}, kAgain);
    const CallPhases p = last_failed();
    EXPECT_TRUE(p.in_vain);
    EXPECT_EQ(p.known, Border::Exact);
    EXPECT_EQ(p.copying().ns, 0);
    EXPECT_FALSE(p.has_border());
}

TEST_F(Phases, CompletionOfARingCopiedBetweenTheSegmentAndTheReport) {
    wire.packet_at(30, "C P. 1:6(5) ack 1");
    wait(5, 32, Side::Server, Syscall::IoUringEnter);
    report(33, Side::Server, kPollIn, ReadinessVia::Cqe);
    wire.read(34, 34, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Estimated);
    EXPECT_TRUE(p.completed());
    EXPECT_EQ(p.begin, at_ms(5));
    EXPECT_EQ(p.waiting(), Duration::milliseconds(25));
    EXPECT_EQ(p.copying(), Duration::milliseconds(3));
}

TEST_F(Phases, CompletionWithoutAPacketIsUnknown) {
    wait(5, 32, Side::Server, Syscall::IoUringEnter);
    report(33, Side::Server, kPollIn, ReadinessVia::Cqe);
    wire.read(34, 34, Side::Server, 5);
    EXPECT_EQ(last_moved().known, Border::Unknown);
}

TEST_F(Phases, WithoutItsPacketNothingIsClaimed) {
    wire.read(5, 37, Side::Server, 5);
    EXPECT_EQ(last_moved().known, Border::Unknown);
    EXPECT_FALSE(last_moved().has_border());
}

TEST_F(Phases, BytesCarriedTwiceSatisfyNobodyKnowsWhen) {
    wire.packet_at(20, "C P. 1:6(5) ack 1");
    wire.packet_at(30, "C P. 1:6(5) ack 1");
    wire.read(5, 37, Side::Server, 5);
    EXPECT_EQ(last_moved().known, Border::Unknown);
}

TEST_F(Phases, AWireOfOursMeasuresTheArrival) {
    const PacketId lost = wire.packet_at(20, "C P. 1:6(5) ack 1");
    wire.event(21, Side::Client, PacketDropped{lost, DropReason::Rule});
    const PacketId second = wire.packet_at(30, "C P. 1:6(5) ack 1");
    wire.event(35, Side::Server, PacketDelivered{second});
    wire.read(5, 37, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Exact);
    EXPECT_EQ(p.waiting(), Duration::milliseconds(30));
    EXPECT_FALSE(p.error);
}

TEST_F(Phases, AClockErrorLargerThanAPhaseDrownsIt) {
    pair_clocks(5, Duration::milliseconds(3));
    wire.packet_at(35, "C P. 1:6(5) ack 1");
    wire.read(5, 37, Side::Server, 5);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Estimated);
    EXPECT_FALSE(p.drowned(p.waiting()));
    EXPECT_TRUE(p.drowned(p.copying()));
}

TEST_F(Phases, DriftBetweenPairingsIsPartOfTheError) {
    pair_clocks(5, Duration::microseconds(12), 7'000 - 40'000);
    wire.packet_at(35, "C P. 1:6(5) ack 1");
    wire.read(6, 37, Side::Server, 5);
    EXPECT_EQ(last_moved().error, Duration::microseconds(52));
}

TEST_F(Phases, APacketStampedAfterTheReturnIsCutToIt) {
    pair_clocks(5, Duration::milliseconds(3));
    wire.packet_at(38, "C P. 1:6(5) ack 1");
    wire.read(5, 37, Side::Server, 5);
    EXPECT_EQ(last_moved().border, at_ms(37));
    EXPECT_EQ(last_moved().known, Border::Estimated);
}

TEST_F(Phases, EndOfFileIsWaitedForUntilTheFin) {
    wire.packets({"C P. 1:6(5) ack 1"});
    wire.read(5, 5, Side::Server, 5);
    wire.packet_at(25, "C F. 6:6(0) ack 1");
    // An empty range says no place: a session does not keep where it lay.
    wire.call(5, 26, Side::Server, Syscall::Recv, 0);
    EXPECT_EQ(last_moved().known, Border::Estimated);
    EXPECT_EQ(last_moved().waiting(), Duration::milliseconds(20));
}

TEST_F(Phases, AFailedReadOnlyWaited) {
    wire.call(5, 25, Side::Server, Syscall::Recv, -1, {}, 104);
    EXPECT_EQ(last_failed().known, Border::Exact);
    EXPECT_EQ(last_failed().waiting(), Duration::milliseconds(20));
    EXPECT_FALSE(last_failed().in_vain);
}

TEST_F(Phases, AHeldUpWriteWaitsForTheAckThatMadeRoom) {
    wire.packet_at(5, "S P. 1:101(100) ack 1");
    wire.write(5, 5, Side::Server, 100);
    wire.packet_at(30, "C . 1:1(0) ack 51");
    wire.packet_at(40, "C . 1:1(0) ack 101");
    wire.packet_at(41, "S P. 101:201(100) ack 1");
    wire.packet_at(42, "C . 1:1(0) ack 201");
    wire.write(10, 43, Side::Server, 100);
    const CallPhases p = last_moved();
    EXPECT_EQ(p.known, Border::Estimated);
    EXPECT_EQ(p.waiting(), Duration::milliseconds(30));
    EXPECT_EQ(p.copying(), Duration::milliseconds(3));
}

TEST_F(Phases, AWriteThatMetNoAckDidNotWait) {
    wire.packet_at(11, "S P. 1:101(100) ack 1");
    wire.packet_at(12, "C . 1:1(0) ack 101");
    wire.write(10, 13, Side::Server, 100);
    EXPECT_EQ(last_moved().known, Border::Estimated);
    EXPECT_EQ(last_moved().waiting().ns, 0);
}

TEST_F(Phases, AWriteThatWentOutInTurnsIsNotTakenApart) {
    wire.packet_at(11, "S P. 1:101(100) ack 1");
    wire.packet_at(20, "C . 1:1(0) ack 101");
    wire.packet_at(21, "S P. 101:201(100) ack 1");
    wire.write(10, 22, Side::Server, 200);
    EXPECT_EQ(last_moved().known, Border::Unknown);
}

TEST_F(Phases, CallsThatMoveNothingHaveNone) {
    wire.call(5, 6, Side::Client, Syscall::Shutdown, 0);
    EXPECT_FALSE(phases(wire.connection(), wire.connection().socket_calls.back()));
}

TEST(AcceptPhases, AcceptWaitsForTheHandshakeAndIsOneOfTheConnectionsCalls) {
    Conversation wire(5, 6);
    SyscallEntered entered;
    entered.call = Syscall::Accept;
    entered.has_socket = true;
    entered.socket = SocketId{77};  // the listener
    const EventId accept = wire.event(0, Side::Server, entered);
    wire.handshake();  // 1, 2 and 3 ms
    SyscallReturned returned;
    returned.call = Syscall::Accept;
    returned.has_socket = true;
    returned.socket = SocketId{77};
    returned.result = 5;
    wire.named(4, Side::Server, wire.event(4, Side::Server, returned, accept));
    const auto p = phases_of(wire.connection(), accept, at_ms(4));
    ASSERT_TRUE(p);
    EXPECT_EQ(p->known, Border::Estimated);
    EXPECT_EQ(p->waiting(), Duration::milliseconds(3));
    EXPECT_EQ(p->copying(), Duration::milliseconds(1));
    EXPECT_FALSE(p->error) << "no pairing of clocks in this trace";
    EXPECT_FALSE(phases_of(wire.connection(), EventId{999}, at_ms(4)));
}

}  // namespace
}  // namespace synscope::track
