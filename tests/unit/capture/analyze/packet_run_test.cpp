#include "capture/analyze/packet_run.hpp"

#include <gtest/gtest.h>

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
