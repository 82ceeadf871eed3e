#include "ui/model/call_phases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/inspector.hpp"
#include "ui/model/ladder.hpp"

namespace synscope::model {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

/// A connection, and a server that reads 5 bytes in one call from 300 us to 438 us; they pass at 430 us.
struct Reading {
    explicit Reading(std::optional<Duration> clock_error, bool captured = true) {
        t.actors();
        if (clock_error) t.add(1, MadeTrace::kServer, ClockPaired{0, 0, *clock_error});
        add_handshake(t, 100);
        entered = t.enter(300, Side::Server, Syscall::Recv, 1024);
        if (captured) t.segment(430, kC2s, kPsh | kAck, 1, 1, 5);
        returned = t.leave(438, Side::Server, entered, 5, {0, 5});
        reader.settle(t);
    }
    [[nodiscard]] std::string sentence() const {
        return explain(t, reader.tracker(), t.event(entered)).sentence;
    }
    [[nodiscard]] Bar bar() const {
        Timeline timeline({});
        timeline.update(t, reader.tracker(), reader.generation());
        Ladder ladder({});
        ladder.update(t, reader.tracker(), timeline);
        const LadderPicture picture = ladder.layout(t, reader.tracker(), timeline, {0, ladder.height()});
        for (const DrawItem& item : picture.items)
            if (const auto* found = std::get_if<Bar>(&item); found != nullptr && found->event == entered)
                return *found;
        ADD_FAILURE() << "no bar";
        return {};
    }

    MadeTrace t;
    TraceReader reader;
    EventId entered;
    EventId returned;
};

TEST(CallPhases, ASleepingReadSaysHowLongAndHowThatIsKnown) {
    EXPECT_THAT(Reading(Duration::microseconds(2)).sentence(),
                HasSubstr("It waited 130 us for data (estimated from packet 4, \u00b12.00 us); waking up and "
                          "copying 5 bytes took 8.00 us."));
}

TEST(CallPhases, WithoutAPairingTheErrorIsNotKnown) {
    EXPECT_THAT(Reading({}).sentence(), HasSubstr("(estimated from packet 4, error not known)"));
}

TEST(CallPhases, AClockErrorLargerThanThePhaseIsSaid) {
    EXPECT_THAT(Reading(Duration::microseconds(2)).sentence(), Not(HasSubstr("cannot be told")));
    EXPECT_THAT(Reading(Duration::microseconds(20)).sentence(),
                HasSubstr("how long it worked after the wait cannot be told from here"));
}

TEST(CallPhases, WithoutAPacketNothingIsClaimedAndNothingDrawn) {
    const Reading unseen(Duration::microseconds(2), false);
    EXPECT_THAT(unseen.sentence(), Not(HasSubstr("waited")));
    EXPECT_EQ(unseen.bar().kind, BarKind::Waiting);
    EXPECT_FALSE(unseen.bar().border);
}

TEST(CallPhases, ABarIsPartedWhereTheArrowEnds) {
    const Bar bar = Reading(Duration::microseconds(2)).bar();
    EXPECT_EQ(bar.kind, BarKind::Waiting);
    ASSERT_TRUE(bar.border);
    EXPECT_TRUE(bar.border->estimated);
    EXPECT_GT(bar.border->y, bar.box.y0);
    EXPECT_LT(bar.border->y, bar.box.y1);
    EXPECT_LE(bar.border->y0, bar.border->y);
    EXPECT_GE(bar.border->y1, bar.border->y);
}

TEST(CallPhases, AReadThatWasAnnouncedIsAllWork) {
    MadeTrace t;
    t.actors();
    add_handshake(t, 100);
    const EventId wait =
        t.add(200, MadeTrace::kServer, SyscallEntered{Syscall::EpollWait, 5, {}, false, {}, {}, {}});
    t.segment(295, kC2s, kPsh | kAck, 1, 1, 5);
    SyscallReturned woken;
    woken.call = Syscall::EpollWait;
    woken.result = 1;
    t.add(300, MadeTrace::kServer, woken, wait);
    t.add(301, MadeTrace::kServer,
          ReadinessReported{4, MadeTrace::kServerSocket, {}, 1, ReadinessVia::Epoll});
    const EventId entered = t.enter(302, Side::Server, Syscall::Recv, 1024);
    t.leave(310, Side::Server, entered, 5, {0, 5});
    TraceReader reader;
    reader.settle(t);
    EXPECT_THAT(explain(t, reader.tracker(), t.event(entered)).sentence,
                HasSubstr("Epoll had said that it need not wait: it copied 5 bytes in 8.00 us. The wait was "
                          "in epoll_wait(): 100 us."));
}

TEST(CallPhases, TheInspectorGivesTheNumbers) {
    const Reading reading(Duration::microseconds(2));
    const Inspector inspector =
        inspect(reading.t, reading.reader.tracker(), reading.entered, MadeTrace::at(0));
    const auto value = [&](std::string_view name) {
        const auto row = std::find_if(inspector.rows.begin(), inspector.rows.end(),
                                      [&](const InspectorRow& r) { return r.name == name; });
        return row == inspector.rows.end() ? std::string("none") : row->value;
    };
    EXPECT_EQ(value("Waited"), "130 us \u00b1 2.00 us");
    EXPECT_EQ(value("Copied in"), "8.00 us \u00b1 2.00 us");
    EXPECT_EQ(value("Border"), "estimated from packet 4, \u00b12.00 us");
    EXPECT_EQ(value("Ended by"), "packet 4");
}

TEST(CallPhases, AcceptWaitsForTheHandshake) {
    MadeTrace t;
    t.actors();
    add_handshake(t, 100);
    TraceReader reader;
    reader.settle(t);
    EventId accept;
    for (std::uint32_t i = 0; i < t.size(); ++i)
        if (const Event event = t.event(EventId{i});
            std::holds_alternative<SyscallEntered>(event.body) &&
            std::get<SyscallEntered>(event.body).call == Syscall::Accept)
            accept = EventId{i};
    EXPECT_THAT(explain(t, reader.tracker(), t.event(accept)).sentence,
                HasSubstr("It waited 90.0 us for the handshake (estimated from packet 3, error not known); "
                          "waking up and taking the connection took 20.0 us."));
}

}  // namespace
}  // namespace synscope::model
