// Runs of bytes: random cuts of writes, segments, reads and messages against a byte-by-byte account.
#include "capture/track/provenance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

TEST(Provenance, NothingWithoutBytes) {
    Conversation wire(1, 2);
    wire.handshake();
    EXPECT_TRUE(provenance(wire.connection(), Direction::ClientToServer).empty());
    EXPECT_TRUE(fates(wire.connection(), Direction::ClientToServer).empty());
    EXPECT_TRUE(occupancy(wire.connection(), Direction::ClientToServer).empty());
}

TEST(Provenance, TheDemoInOneTable) {
    Conversation wire(0xfffffffa, 7);  // the bytes lie across the wrap
    wire.handshake();
    wire.named(4, Side::Client);
    wire.named(4, Side::Server);
    wire.write(5, 5, Side::Client, 6);
    wire.packet_at(5, "C P. 1:7(6) ack 1");
    wire.packet_at(6, "S . 1:1(0) ack 7");
    wire.write(6, 6, Side::Client, 5);
    wire.packet_at(7, "C P. 7:12(5) ack 1");
    wire.read(35, 35, Side::Server, 11);
    wire.packet_at(36, "S P. 1:12(11) ack 12");
    const auto runs = provenance(wire.connection(), Direction::ClientToServer);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].bytes, (ByteRange{0, 6}));
    EXPECT_EQ(runs[0].write, 0u);
    EXPECT_EQ(runs[0].segments, (std::vector<std::size_t>{3}));
    EXPECT_EQ(runs[0].acknowledged, 4u);
    EXPECT_EQ(runs[0].read, 2u);
    EXPECT_FALSE(runs[0].sent_message);
    EXPECT_EQ(runs[1].bytes, (ByteRange{6, 11}));
    EXPECT_EQ(runs[1].write, 1u);
    EXPECT_EQ(runs[1].segments, (std::vector<std::size_t>{5}));
    EXPECT_EQ(runs[1].acknowledged, 6u);
    EXPECT_EQ(runs[1].read, 2u);
}

TEST(Provenance, RunsNameAtMostSoManyTransmissions) {
    Conversation wire(1, 2);
    wire.handshake();
    for (std::size_t i = 0; i < kMaxTransmissions + 50; ++i)
        wire.packets({"C P. 1:12(11) ack 1"});
    const auto runs = provenance(wire.connection(), Direction::ClientToServer);
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].segments.size(), kMaxTransmissions);
    EXPECT_EQ(runs[0].segments.front(), 3u);
}

/// A connection made of random cuts, and what every byte should say.
class RandomCuts {
  public:
    static constexpr std::uint64_t kLength = 200;

    explicit RandomCuts(std::uint32_t seed) : random_(seed) {
        connection.client_socket = SocketId{1};
        connection.server_socket = SocketId{2};
        cut(kLength, [&](ByteRange bytes) { call(true, bytes); });
        // Not all was sent, not all of that acknowledged or read.
        const std::uint64_t sent = pick(1, kLength);
        cut(sent, [&](ByteRange bytes) { segment(bytes); });
        for (int i = 0; i < 5; ++i) {
            const std::uint64_t begin = pick(0, sent - 1);
            segment({begin, pick(begin + 1, sent)});
        }
        cut(pick(1, sent), [&](ByteRange bytes) { ack(bytes.end); });
        cut(pick(1, sent), [&](ByteRange bytes) { call(false, bytes); });
    }

    Connection connection;

  private:
    std::uint64_t pick(std::uint64_t least, std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(least, most)(random_);
    }
    template <class Each>
    void cut(std::uint64_t end, Each each) {
        for (std::uint64_t begin = 0; begin < end;) {
            const std::uint64_t next = std::min(end, begin + pick(1, 40));
            each(ByteRange{begin, next});
            begin = next;
        }
    }
    Instant tick() { return at_ms(++now_); }
    void call(bool writes, ByteRange bytes) {
        StreamCall call;
        call.side = writes ? Side::Client : Side::Server;
        call.writes = writes;
        call.bytes = bytes;
        call.entered_at = call.returned_at = tick();
        connection.calls.push_back(call);
    }
    void segment(ByteRange bytes) {
        Segment s;
        s.at = tick();
        s.seq = static_cast<std::int64_t>(bytes.begin) + 1;
        s.length = static_cast<std::uint32_t>(bytes.size());
        connection.segments.push_back(s);
    }
    void ack(std::uint64_t upto) {
        Segment s;
        s.at = tick();
        s.direction = Direction::ServerToClient;
        s.ack = static_cast<std::int64_t>(upto) + 1;
        connection.segments.push_back(s);
    }
    std::mt19937 random_;
    std::int64_t now_ = 0;
};

/// The same answer for one byte, by looking through every list.
ByteRun account(const Connection& connection, std::uint64_t offset) {
    ByteRun run;
    for (std::size_t i = 0; i < connection.calls.size(); ++i)
        if (connection.calls[i].bytes.contains(offset))
            (connection.calls[i].writes ? run.write : run.read) = i;
    for (std::size_t i = 0; i < connection.segments.size(); ++i) {
        const Segment& s = connection.segments[i];
        if (s.direction == Direction::ClientToServer && s.bytes().contains(offset)) run.segments.push_back(i);
        const bool covers = s.ack && *s.ack - 1 > static_cast<std::int64_t>(offset);
        if (s.direction == Direction::ServerToClient && covers && !run.acknowledged) run.acknowledged = i;
    }
    return run;
}

TEST(Provenance, RunsPartitionTheBytesAndAgreeWithABytewiseAccount) {
    const std::uint32_t first = std::random_device{}();
    for (std::uint32_t seed = first; seed != first + 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomCuts cuts(seed);
        const auto runs = provenance(cuts.connection, Direction::ClientToServer);
        std::uint64_t next = 0;
        for (const ByteRun& run : runs) {
            ASSERT_EQ(run.bytes.begin, next);
            ASSERT_GT(run.bytes.end, run.bytes.begin);
            next = run.bytes.end;
            for (std::uint64_t offset = run.bytes.begin; offset < run.bytes.end; ++offset) {
                const ByteRun expected = account(cuts.connection, offset);
                ASSERT_EQ(run.write, expected.write) << offset;
                ASSERT_EQ(run.segments, expected.segments) << offset;
                ASSERT_EQ(run.acknowledged, expected.acknowledged) << offset;
                ASSERT_EQ(run.read, expected.read) << offset;
            }
        }
        ASSERT_EQ(next, RandomCuts::kLength);
    }
}

TEST(Provenance, UnitsCoverTheirBytesAndQueuesAddUp) {
    const std::uint32_t first = std::random_device{}();
    for (std::uint32_t seed = first; seed != first + 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomCuts cuts(seed);
        const auto units = fates(cuts.connection, Direction::ClientToServer);
        const auto writes = std::count_if(cuts.connection.calls.begin(), cuts.connection.calls.end(),
                                          [](const StreamCall& c) { return c.writes; });
        ASSERT_EQ(units.size(), static_cast<std::size_t>(writes));
        for (const Fate& unit : units) {
            ASSERT_EQ(unit.bytes, cuts.connection.calls[*unit.write].bytes);
            const auto says = [&](FateVerdict v) {
                return std::count(unit.verdicts.begin(), unit.verdicts.end(), v) == 1;
            };
            ASSERT_EQ(says(FateVerdict::SplitOverReads), unit.reads.size() > 1);
            ASSERT_FALSE(says(FateVerdict::Whole) && unit.verdicts.size() > 1);
        }
        std::uint64_t acked = 0;
        std::uint64_t read = 0;
        for (const ByteRun& run : provenance(cuts.connection, Direction::ClientToServer)) {
            acked += run.acknowledged ? run.bytes.size() : 0;
            read += run.read ? run.bytes.size() : 0;
        }
        const auto steps = occupancy(cuts.connection, Direction::ClientToServer);
        std::uint64_t sent = 0;
        for (const Segment& s : cuts.connection.segments)
            sent = std::max(sent, s.direction == Direction::ClientToServer ? s.bytes().end : 0);
        ASSERT_EQ(steps.back().send_queue, RandomCuts::kLength - acked);
        ASSERT_EQ(steps.back().flight, sent - acked);
        ASSERT_EQ(steps.back().receive_queue, sent - read);
        for (const Occupancy& step : steps)
            ASSERT_LE(step.flight, step.send_queue);
    }
}

}  // namespace
}  // namespace synscope::track
