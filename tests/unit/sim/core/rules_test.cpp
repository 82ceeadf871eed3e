#include "sim/core/rules.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace synscope::sim {
namespace {

constexpr std::uint16_t kSyn = 0x002;
constexpr std::uint16_t kAck = 0x010;

PacketFacts segment(std::uint16_t flags, std::uint32_t seq = 0, std::uint32_t payload = 0,
                    std::uint32_t sender = 0, std::uint64_t flow = 0) {
    PacketFacts facts;
    facts.sender = sender;
    facts.payload_bytes = payload;
    facts.tcp = PacketFacts::Tcp{flags, Seq32{seq}, payload + ((flags & kSyn) != 0 ? 1 : 0), flow};
    return facts;
}
PacketFacts datagram(std::uint32_t payload, std::uint64_t id = 0) {
    PacketFacts facts;
    facts.packet = PacketId{id};
    facts.payload_bytes = payload;
    return facts;
}

TEST(Rules, WithoutAnyNothingHappens) {
    Rules rules;
    EXPECT_TRUE(rules.empty());
    EXPECT_EQ(rules.judge(segment(kSyn)), Verdict{});
}

TEST(Rules, TheNextSynIsTheFirstWithExactlyThatFlag) {
    Rules rules{{{.action = RuleAction::Drop, .flags = kSyn, .nth = 1}}};
    EXPECT_FALSE(rules.judge(segment(kSyn | kAck)).drop);
    EXPECT_FALSE(rules.judge(datagram(9)).drop);
    const Verdict hit = rules.judge(segment(kSyn));
    EXPECT_TRUE(hit.drop);
    EXPECT_EQ(hit.rule, 0u);
    EXPECT_FALSE(rules.judge(segment(kSyn)).drop) << "the one after it passes";
}

TEST(Rules, TheNthMatchingPacketCountsOnlyThoseThatMatch) {
    Rules rules{{{.action = RuleAction::Drop, .sender = 1, .min_payload = 100, .nth = 2}}};
    EXPECT_FALSE(rules.judge(segment(kAck, 0, 500, 0)).drop) << "another host";
    EXPECT_FALSE(rules.judge(segment(kAck, 0, 500, 1)).drop) << "the first";
    EXPECT_FALSE(rules.judge(segment(kAck, 0, 99, 1)).drop) << "too small";
    EXPECT_TRUE(rules.judge(datagram(100, 0)).drop == false);
    EXPECT_TRUE(rules.judge(segment(kAck, 0, 100, 1)).drop);
    EXPECT_FALSE(rules.judge(segment(kAck, 0, 100, 1)).drop);
}

TEST(Rules, WithoutNthEveryMatchingPacketIsHit) {
    Rules rules{{{.action = RuleAction::Delay, .flags = kAck, .delay = Duration::milliseconds(3)}}};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(rules.judge(segment(kAck)).delay, Duration::milliseconds(3));
}

TEST(Rules, APacketIsFoundByItsId) {
    Rules rules{{{.action = RuleAction::Duplicate, .packet = PacketId{5}}}};
    EXPECT_EQ(rules.judge(datagram(1, 4)).copies, 0u);
    EXPECT_EQ(rules.judge(datagram(1, 5)).copies, 1u);
}

TEST(Rules, SequenceRangesCountFromTheSynOfTheirDirection) {
    Rules rules{{{.action = RuleAction::Drop, .sequence = SequenceRange{1001, 2001}, .nth = 1}}};
    EXPECT_TRUE(rules.wants_flow());
    // Next to the wrap, and another direction in between whose numbers mean nothing here.
    const std::uint32_t isn = 0xffff'ff00;
    EXPECT_FALSE(rules.judge(segment(kAck, isn + 1001, 100, 0, 7)).drop) << "no SYN has been seen";
    EXPECT_FALSE(rules.judge(segment(kSyn, isn, 0, 0, 7)).drop);
    EXPECT_FALSE(rules.judge(segment(kSyn, 5000, 0, 1, 8)).drop);
    EXPECT_FALSE(rules.judge(segment(kAck, isn + 1, 1000, 0, 7)).drop) << "ends just before the range";
    EXPECT_FALSE(rules.judge(segment(kAck, isn + 1500, 0, 0, 7)).drop) << "a lone ACK takes no number";
    EXPECT_FALSE(rules.judge(segment(kAck, 5000 + 2001, 10, 1, 8)).drop);
    EXPECT_TRUE(rules.judge(segment(kAck, isn + 2000, 1000, 0, 7)).drop) << "its last number";
    EXPECT_FALSE(rules.judge(segment(kAck, isn + 2000, 1000, 0, 7)).drop) << "the retransmission passes";
}

TEST(Rules, SeveralActOnOnePacketTogether) {
    Rules rules{{{.action = RuleAction::Delay, .delay = Duration::milliseconds(1)},
                 {.action = RuleAction::Delay, .delay = Duration::milliseconds(2)},
                 {.action = RuleAction::Duplicate},
                 {.action = RuleAction::Duplicate}}};
    const Verdict verdict = rules.judge(datagram(1));
    EXPECT_EQ(verdict.delay, Duration::milliseconds(3));
    EXPECT_EQ(verdict.copies, 2u);
    rules.add({.action = RuleAction::Drop});
    EXPECT_TRUE(rules.judge(datagram(1)).drop);
}

}  // namespace
}  // namespace synscope::sim
