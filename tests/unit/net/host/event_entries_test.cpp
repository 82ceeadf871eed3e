#include "net/host/event_entries.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "net/host/event_writer.hpp"
#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

engine::CallBegun begun() {
    return {1'000'000'007, Syscall::Recv, true, 5, SocketId{3}, ThreadId{77}, {65536, 0}, {"net/x.cpp", 12}};
}

/// The events that come out when an entry is written.
template <class Entry>
std::vector<Event> written(EntryKind kind, const Entry& entry, const PairedClock& clock) {
    const EventFile file;
    std::vector<std::byte> entries(entry_size(entry));
    put_entry(entries, kind, entry);
    EventWriter writer;
    EXPECT_TRUE(writer.begin(file.fd()));
    EXPECT_TRUE(writer.write(file.fd(), entries, 41, clock));
    return file.read().events;
}

void expect_same(const engine::CallBegun& begun, const engine::CallEnded& ended) {
    ASSERT_TRUE(ShortCallEntry::fits(begun, ended));
    const PairedClock clock;
    const auto events = written(EntryKind::ShortCallMade, ShortCallEntry{begun, ended}, clock);
    EXPECT_EQ(events, written(EntryKind::CallMade, CallEntry{begun, ended, {}}, clock));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].id, EventId{41});
    EXPECT_EQ(events[0].at, clock.wall(begun.at_ns));
    EXPECT_EQ(events[0].body, EventBody{engine::entered_body(begun, TextId{0})});
    EXPECT_EQ(events[1].at, clock.wall(ended.at_ns));
    EXPECT_EQ(events[1].cause, EventId{41});
    EXPECT_EQ(events[1].body, EventBody{engine::returned_body(begun, ended)});
}

TEST(ShortCallEntry, BecomesTheEventsOfTheLongOne) {
    expect_same(begun(), {1'000'000'900, 64, 0, {1000, 1064}});
    expect_same(begun(), {1'000'000'900, 0, 0, {}});
    expect_same(begun(), {1'000'000'900, -1, EAGAIN, {}});
    engine::CallBegun wait{5, Syscall::EpollWait, false, 4, {}, ThreadId{1}, {64, -1}, {"", 0}};
    expect_same(wait, {4'294'967'300, 3, 0, {}});
}

TEST(ShortCallEntry, RefusesWhatItWouldCut) {
    const engine::CallEnded ended{1'000'000'900, 64, 0, {0, 64}};
    EXPECT_FALSE(ShortCallEntry::fits(begun(), {6'000'000'000, 64, 0, {0, 64}})) << "it took 5 s";
    EXPECT_FALSE(ShortCallEntry::fits(begun(), {1'000'000'900, 100, 0, {0, 64}})) << "a datagram cut short";
    EXPECT_FALSE(ShortCallEntry::fits(begun(), {1'000'000'900, std::int64_t{1} << 31, 0, {}}));
    EXPECT_FALSE(ShortCallEntry::fits(begun(), {1'000'000'900, -5, 0, {}})) << "no errno";
    engine::CallBegun large = begun();
    large.args[0] = std::int64_t{1} << 31;
    EXPECT_FALSE(ShortCallEntry::fits(large, ended));
    engine::CallBegun far_down = begun();
    far_down.where.line = 65536;
    EXPECT_FALSE(ShortCallEntry::fits(far_down, ended));
}

}  // namespace
}  // namespace synscope::host
