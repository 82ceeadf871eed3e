#include "ui/model/timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>

#include "tests/unit/ui/model/made_trace.hpp"

namespace synscope::model {
namespace {

using namespace test;

std::size_t count(const Timeline& timeline, RowKind kind) {
    return static_cast<std::size_t>(std::count_if(timeline.rows().begin(), timeline.rows().end(),
                                                  [&](const Row& r) { return r.kind == kind; }));
}

bool in_order(const Timeline& timeline) {
    return std::is_sorted(timeline.rows().begin(), timeline.rows().end(),
                          [](const Row& a, const Row& b) { return a.at < b.at; });
}

TEST(Timeline, HoldsEveryPacketOnceInTimeOrder) {
    MadeTrace t;
    t.actors();
    add_talk(t, 100, {});
    TraceReader reader;
    reader.settle(t);
    Timeline timeline({});
    timeline.update(t, reader.tracker(), reader.generation());
    ASSERT_EQ(reader.tracker().connections().size(), 1U);
    EXPECT_EQ(count(timeline, RowKind::Packet), reader.tracker().connections()[0].segments.size());
    EXPECT_EQ(count(timeline, RowKind::Packet), 13U);
    EXPECT_EQ(count(timeline, RowKind::BusyBegin), 1U);
    EXPECT_EQ(count(timeline, RowKind::Connection), 1U);
    EXPECT_TRUE(in_order(timeline));
    EXPECT_EQ(timeline.actor_name(Side::Server), "server");
}

TEST(Timeline, SidesAreRolesNotAddresses) {
    MadeTrace t;
    t.actors();
    add_talk(t, 100, {});
    TraceReader reader;
    reader.settle(t);
    Timeline timeline({});
    timeline.update(t, reader.tracker(), reader.generation());
    for (const Span& span : timeline.spans()) {
        const Event event = t.event(span.event);
        EXPECT_EQ(span.side, event.actor == MadeTrace::kServer ? Side::Server : Side::Client);
    }
}

TEST(Timeline, AcceptBelongsToTheConnectionItMade) {
    MadeTrace t;
    t.actors();
    add_talk(t, 100, {});
    TraceReader reader;
    reader.settle(t);
    Timeline timeline({ConnectionId{0}});
    timeline.update(t, reader.tracker(), reader.generation());
    const bool found = std::any_of(timeline.spans().begin(), timeline.spans().end(), [&](const Span& span) {
        const Event event = t.event(span.event);
        const auto* call = std::get_if<SyscallEntered>(&event.body);
        return call != nullptr && call->call == Syscall::Accept && span.connection == ConnectionId{0};
    });
    EXPECT_TRUE(found);
}

// Two workers accept at the same moment: both returns stand before both names, and both descriptors are 4.
TEST(Timeline, AcceptsOfTwoProcessesAreToldApartByTheirCause) {
    for (const bool swapped : {false, true}) {
        MadeTrace t;
        t.actors();
        const std::array entered{t.enter(10, Side::Server, Syscall::Accept, 0, true),
                                 t.enter(11, Side::Server, Syscall::Accept, 0, true)};
        for (const std::uint32_t n : {0U, 1U}) {
            t.go_to_connection(n);
            t.segment(20 + n, kC2s, kSyn, 0, 0, 0, MadeTrace::syn_options());
            t.segment(30 + n, kS2c, kSyn | kAck, 0, 1, 0, MadeTrace::syn_options());
            t.segment(40 + n, kC2s, kAck, 1, 1);
        }
        const std::array returned{t.leave(50, Side::Server, entered[0], 4),
                                  t.leave(51, Side::Server, entered[1], 4)};
        for (const std::uint32_t n : {0U, 1U}) {
            t.go_to_connection(n);
            t.name_server(60 + n, returned[swapped ? 1 - n : n]);
        }
        TraceReader reader;
        reader.settle(t);
        Timeline timeline({});
        timeline.update(t, reader.tracker(), reader.generation());
        ASSERT_EQ(timeline.spans().size(), 2U);
        for (const std::uint32_t n : {0U, 1U}) {
            const EventId accept = entered[swapped ? 1 - n : n];
            const auto span = std::find_if(timeline.spans().begin(), timeline.spans().end(),
                                           [&](const Span& one) { return one.event == accept; });
            EXPECT_EQ(span->connection, ConnectionId{n}) << "swapped: " << swapped;
            const auto& calls = reader.tracker().connections()[n].socket_calls;
            ASSERT_EQ(calls.size(), 1U);
            EXPECT_EQ(calls[0].entered, accept) << "swapped: " << swapped;
        }
    }
}

TEST(Timeline, OneConnectionShowsNothingOfTheOther) {
    MadeTrace t;
    t.actors();
    const std::int64_t end = add_talk(t, 100, {});
    t.next_connection();
    add_talk(t, end + 10'000, {});
    TraceReader reader;
    reader.settle(t);
    Timeline all({});
    all.update(t, reader.tracker(), reader.generation());
    std::size_t sum = 0;
    for (const std::uint32_t id : {0U, 1U}) {
        Timeline one({ConnectionId{id}});
        one.update(t, reader.tracker(), reader.generation());
        for (const Row& row : one.rows())
            if (row.connection) {
                EXPECT_EQ(*row.connection, ConnectionId{id});
            }
        sum += one.rows().size();
    }
    EXPECT_EQ(sum, all.rows().size());
}

TEST(Timeline, GrowingStepByStepEndsAsTheWhole) {
    MadeTrace whole;
    whole.actors();
    add_talk(whole, 100, {});
    // Events of three processes do not come in time order: the same trace, revealed two events at a time.
    class Growing final : public TraceSource {
      public:
        explicit Growing(const MadeTrace& t) : t_(t) {}
        std::size_t shown = 0;
        [[nodiscard]] std::size_t size() const override { return shown; }
        [[nodiscard]] Event event(EventId id) const override { return t_.event(id); }
        [[nodiscard]] PacketBytes packet(PacketId id) const override { return t_.packet(id); }
        [[nodiscard]] std::string_view text(TextId id) const override { return t_.text(id); }

      private:
        const MadeTrace& t_;
    } growing(whole);
    TraceReader step_reader;
    Timeline steps({});
    while (growing.shown < whole.size()) {
        growing.shown = std::min(growing.shown + 2, whole.size());
        step_reader.update(growing);
        steps.update(growing, step_reader.tracker(), step_reader.generation());
        ASSERT_TRUE(in_order(steps)) << "after " << growing.shown << " events";
    }
    TraceReader reader;
    reader.settle(whole);
    Timeline once({});
    once.update(whole, reader.tracker(), reader.generation());
    ASSERT_EQ(steps.rows().size(), once.rows().size());
    for (std::size_t i = 0; i < once.rows().size(); ++i) {
        EXPECT_EQ(steps.rows()[i].at, once.rows()[i].at) << "row " << i;
        EXPECT_EQ(steps.rows()[i].event, once.rows()[i].event) << "row " << i;
        EXPECT_EQ(steps.rows()[i].kind, once.rows()[i].kind) << "row " << i;
    }
}

TEST(Timeline, KnowsWhichCallsAreUnderWayAtARow) {
    MadeTrace t;
    t.actors();
    add_talk(t, 100, {});
    TraceReader reader;
    reader.settle(t);
    Timeline timeline({});
    timeline.update(t, reader.tracker(), reader.generation());
    const auto& rows = timeline.rows();
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<std::uint32_t> expected;
        for (std::size_t i = 0; i < row; ++i) {
            if (rows[i].kind == RowKind::CallBegin || rows[i].kind == RowKind::BusyBegin)
                expected.push_back(rows[i].index);
            if (rows[i].kind == RowKind::CallEnd || rows[i].kind == RowKind::BusyEnd)
                expected.erase(std::find(expected.begin(), expected.end(), rows[i].index));
        }
        EXPECT_EQ(timeline.active_at(row), expected) << "row " << row;
    }
}

TEST(Timeline, CaptureLossBecomesASpan) {
    MadeTrace t;
    t.actors();
    add_handshake(t, 100);
    t.add(10, MadeTrace::kCapture, CaptureCounters{1, 0, 0});
    t.add(500, MadeTrace::kCapture, CaptureCounters{9, 3, 1});
    TraceReader reader;
    reader.settle(t);
    Timeline timeline({});
    timeline.update(t, reader.tracker(), reader.generation());
    ASSERT_EQ(count(timeline, RowKind::DropsBegin), 1U);
    const auto it = std::find_if(timeline.spans().begin(), timeline.spans().end(),
                                 [](const Span& s) { return s.kind == SpanKind::Drops; });
    EXPECT_EQ(it->dropped, 4U);
    EXPECT_EQ(it->begin, MadeTrace::at(10));
    EXPECT_EQ(it->end, MadeTrace::at(500));
}

TEST(TraceReader, FeedsACaptureOfPacketsAsItWasRecordedAndASessionInTimeOrder) {
    const auto recorded = [](bool session) {
        auto t = std::make_unique<MadeTrace>();
        if (session) t->actors();
        t->segment(5000, kC2s, kSyn, 0, 0);  // recorded first, stamped later
        t->next_connection();
        t->segment(100, kC2s, kSyn, 0, 0);
        return t;
    };
    const auto first_at = [](const MadeTrace& t) {
        TraceReader reader;
        reader.settle(t);
        return reader.tracker().connections().at(0).first_at;
    };
    EXPECT_EQ(first_at(*recorded(false)), MadeTrace::at(5000)) << "as Wireshark numbers them";
    EXPECT_EQ(first_at(*recorded(true)), MadeTrace::at(100));
}

TEST(TraceReader, LearnsLateThatItReadsASession) {
    MadeTrace t;
    t.segment(5000, kC2s, kSyn, 0, 0);
    t.next_connection();
    t.segment(100, kC2s, kSyn, 0, 0);
    TraceReader reader;
    reader.update(t);
    EXPECT_EQ(reader.tracker().connections().at(0).first_at, MadeTrace::at(5000));
    t.marker(6000, "one of our programs speaks");
    reader.settle(t);
    EXPECT_EQ(reader.tracker().connections().at(0).first_at, MadeTrace::at(100));
}

}  // namespace
}  // namespace synscope::model
