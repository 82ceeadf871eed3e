#include "capture/analyze/packet_run.hpp"

#include <gtest/gtest.h>

#include "capture/analyze/sharded_run.hpp"
#include "tests/unit/capture/analyze/made_source.hpp"

namespace synscope::analyze {
namespace {

constexpr std::uint16_t kSyn = wire::TcpFlags::kSyn;

struct Seen {
    std::uint64_t number = 0;
    std::optional<std::uint32_t> connection;
    std::uint32_t seq = 0;
};

/// Everything a run gives, and the error that ended it.
struct Outcome {
    std::vector<Seen> packets;
    std::optional<UserError> error;
};

Outcome read_all(PacketRun& run) {
    Outcome outcome;
    for (;;) {
        const auto batch = run.next();
        if (!batch) outcome.error = batch.error();
        if (!batch || batch->empty()) return outcome;
        for (const Packet& packet : *batch) {
            Seen seen{packet.number, std::nullopt, 0};
            if (packet.verdict != nullptr) {
                seen.connection = packet.verdict->connection.value;
                seen.seq = packet.verdict->seq;
            }
            outcome.packets.push_back(seen);
        }
    }
}

const std::vector<Made> kTwoConnections{
    {.from = 40'000, .to = 80, .seq = 99, .flags = kSyn},
    {.from = 40'001, .to = 80, .seq = 7, .flags = kSyn},
    {.from = 80, .to = 40'000, .seq = 499, .ack = 100, .flags = kSyn},
    {.from = 40'000, .to = 80, .seq = 100, .ack = 500, .length = 10},
};

TEST(PacketRun, EveryPacketComesWithItsNumberAndWhatTheAnalysisSays) {
    MadeSource source(kTwoConnections);
    PacketRun run(source, source::BpfFilter(""));
    const auto seen = read_all(run).packets;
    ASSERT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen[3].number, 4u);
    EXPECT_EQ(seen[1].connection, 1u);
    EXPECT_EQ(seen[3].connection, 0u);
    EXPECT_EQ(seen[3].seq, 1u);
    EXPECT_EQ(run.analyzer().size(), 2u);
    EXPECT_EQ(run.analyzer().connection(ConnectionId{0}).of(Direction::ClientToServer).payload_bytes, 10u);
}

TEST(PacketRun, APacketThatTheFilterRefusesIsNotAnalysedButKeepsItsNumber) {
    MadeSource source(kTwoConnections);
    PacketRun run(source, source::BpfFilter("tcp port 40001"));
    const auto seen = read_all(run).packets;
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].number, 2u);
    EXPECT_EQ(seen[0].connection, 0u) << "the first connection of what is analysed";
    EXPECT_EQ(run.packets_read(), 4u);
    EXPECT_EQ(run.totals().packets(), 1u);
}

TEST(PacketRun, WhatCouldBeReadComesBeforeTheError) {
    MadeSource source(kTwoConnections, UserError{"cut off", "byte 7", ""});
    PacketRun run(source, source::BpfFilter(""));
    const Outcome outcome = read_all(run);
    EXPECT_EQ(outcome.packets.size(), 4u);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->what, "cut off");
    EXPECT_FALSE(run.next()) << "after an error only the same error follows";
}

TEST(PacketRun, MoreThanABatchIsReadToTheEnd) {
    std::vector<Made> many;
    for (std::uint32_t i = 0; i < 1'000; ++i)
        many.push_back({.seq = i * 10, .ack = 1, .length = 10});
    MadeSource source(many);
    PacketRun run(source, source::BpfFilter(""));
    const auto seen = read_all(run).packets;
    ASSERT_EQ(seen.size(), 1'000u);
    EXPECT_EQ(seen[999].number, 1'000u);
    EXPECT_EQ(seen[999].seq, 9'991u);
}

/// 300 connections, begun one after another and then interleaved.
std::vector<Made> many_connections() {
    std::vector<Made> packets;
    for (std::uint16_t i = 0; i < 300; ++i)
        packets.push_back({.from = static_cast<std::uint16_t>(2'000 + i * 7), .seq = 9, .flags = kSyn});
    for (std::uint32_t i = 0; i < 3'000; ++i)
        packets.push_back({.from = static_cast<std::uint16_t>(2'000 + (i * 11 % 300) * 7),
                           .seq = 10 + i / 300,
                           .ack = 1,
                           .length = 1 + i % 5});
    return packets;
}

TEST(PacketRun, AConnectionThatAnIcmpErrorQuotesTakesANumber) {
    std::vector<Made> packets = kTwoConnections;
    packets.insert(packets.begin() + 1, {.from = 50'000, .seq = 3, .flags = kSyn, .quoted = true});
    packets.insert(packets.begin() + 2, {.from = 40'000, .seq = 99, .flags = kSyn, .quoted = true});
    MadeSource source(packets);
    PacketRun run(source, source::BpfFilter(""));
    const auto seen = read_all(run).packets;
    ASSERT_EQ(seen.size(), 6u);
    EXPECT_EQ(seen[0].connection, 0u);
    EXPECT_FALSE(seen[1].connection);
    EXPECT_FALSE(seen[2].connection);
    EXPECT_EQ(seen[3].connection, 2u);
    EXPECT_EQ(run.analyzer().connection(ConnectionId{1}).client.port, 50'000);
    ASSERT_EQ(run.first_packets().size(), 3u);
    EXPECT_EQ(run.first_packets()[1], 2u);
}

TEST(ShardedRun, TheResultDoesNotDependOnTheNumberOfThreads) {
    std::vector<Made> packets = many_connections();
    for (std::uint16_t i = 0; i < 20; ++i)
        packets.insert(packets.begin() + i * 13,
                       {.from = static_cast<std::uint16_t>(50'000 + i % 15), .flags = kSyn, .quoted = true});
    const auto read = [&](std::uint32_t shards) {
        return ShardedRun::run(
            [&]() -> Result<std::unique_ptr<source::PacketSource>, UserError> {
                return std::make_unique<MadeSource>(packets);
            },
            source::BpfFilter(""), shards, [](std::uint64_t) {});
    };
    const auto one = read(1);
    const auto three = read(3);
    ASSERT_TRUE(one && three);
    EXPECT_EQ(three->packets_read(), 3'320u);
    EXPECT_EQ(three->totals().packets(), 3'320u);
    ASSERT_EQ(one->size(), 315u);
    ASSERT_EQ(three->size(), 315u);
    for (std::uint32_t i = 0; i < 315; ++i) {
        const auto a = one->connection(ConnectionId{i});
        const auto b = three->connection(ConnectionId{i});
        EXPECT_EQ(a.id, ConnectionId{i});
        EXPECT_EQ(b.id, ConnectionId{i});
        EXPECT_EQ(a.client, b.client);
        EXPECT_EQ(a.of(Direction::ClientToServer).payload_bytes,
                  b.of(Direction::ClientToServer).payload_bytes);
        EXPECT_EQ(a.counts, b.counts);
        EXPECT_EQ(a.completeness, b.completeness);
    }
}

TEST(ShardedRun, DamageIsInTheResultBesideWhatCameBefore) {
    const auto run = ShardedRun::run(
        []() -> Result<std::unique_ptr<source::PacketSource>, UserError> {
            return std::make_unique<MadeSource>(kTwoConnections, UserError{"cut off", "byte 7", ""});
        },
        source::BpfFilter(""), 2, [](std::uint64_t) {});
    ASSERT_TRUE(run);
    EXPECT_EQ(run->size(), 2u);
    ASSERT_TRUE(run->damage());
    EXPECT_EQ(run->damage()->what, "cut off");
}

/// Judging many segments together must not change what is said of any.
TEST(PacketRun, SegmentsInABatchAreJudgedAsOneByOne) {
    const std::vector<Made> packets = many_connections();
    track::Analyzer alone;
    MadeSource source(packets);
    PacketRun run(source, source::BpfFilter(""));
    for (;;) {
        const auto batch = run.next();
        ASSERT_TRUE(batch);
        if (batch->empty()) break;
        for (const Packet& packet : *batch) {
            const track::Verdict verdict = alone.add(packet.raw->at, *packet.segment);
            ASSERT_EQ(verdict.connection, packet.verdict->connection) << packet.number;
            ASSERT_EQ(verdict.flags, packet.verdict->flags) << packet.number;
            ASSERT_EQ(verdict.bytes_in_flight, packet.verdict->bytes_in_flight) << packet.number;
            ASSERT_EQ(verdict.ack_rtt, packet.verdict->ack_rtt) << packet.number;
        }
    }
}

TEST(Totals, PacketsAreCountedByProtocolMostFrequentFirst) {
    std::vector<Made> packets = kTwoConnections;
    packets.push_back({.protocol = wire::ip_protocol::kUdp});
    packets.push_back({.protocol = 253});
    MadeSource source(packets);
    PacketRun run(source, source::BpfFilter(""));
    (void)read_all(run);
    const auto protocols = run.totals().protocols();
    ASSERT_EQ(protocols.size(), 3u);
    EXPECT_EQ(protocols[0].name, "TCP");
    EXPECT_EQ(protocols[0].packets, 4u);
    EXPECT_EQ(protocols[1].name, "UDP over IPv4");
    EXPECT_EQ(protocols[2].name, "IP protocol 253 over IPv4");
    EXPECT_EQ(run.totals().original_bytes(), 6 * 40u + 10u);
    EXPECT_EQ((run.totals().last_at() - run.totals().first_at()).ns, 5'000'000);
    EXPECT_FALSE(run.totals().out_of_order());
}

}  // namespace
}  // namespace synscope::analyze
