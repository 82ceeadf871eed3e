#include "net/host/event_entries.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace synscope::host {
namespace {

engine::CallBegun begun() {
    return {1'000'000'007, Syscall::Recv, true, 5, SocketId{3}, ThreadId{77}, {65536, 0}, {"net/x.cpp", 12}};
}

void expect_same(const engine::CallBegun& begun, const engine::CallEnded& ended) {
    ASSERT_TRUE(ShortCallEntry::fits(begun, ended));
    const ShortCallEntry entry{begun, ended};
    const SyscallEntered entered = engine::entered_body(entry.begun(), TextId{1});
    EXPECT_EQ(entered, engine::entered_body(begun, TextId{1}));
    EXPECT_EQ(entry.begun().at_ns, begun.at_ns);
    EXPECT_EQ(entry.begun().where.file, begun.where.file);
    EXPECT_EQ(engine::returned_body(entry.begun(), entry.ended()), engine::returned_body(begun, ended));
    EXPECT_EQ(entry.ended().at_ns, ended.at_ns);
}

TEST(ShortCallEntry, GivesBackWhatWentIn) {
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
