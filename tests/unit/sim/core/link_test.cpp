#include "sim/core/link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "net/base/text.hpp"

namespace synscope::sim {
namespace {

constexpr std::uint64_t kSeed = 20;
constexpr std::uint64_t kMbit10 = 10'000'000;  // 1250 bytes take one millisecond

constexpr Instant at_ms(std::int64_t ms) {
    return Instant{} + Duration::milliseconds(ms);
}

/// A link with its outcomes as lines of text: "3.000 ms  7 delivered".
class Wire {
  public:
    explicit Wire(const LinkOptions& options, std::uint64_t seed = kSeed) : link_(options, seed, "test") {}

    void offer(Instant now, std::uint64_t packet, std::uint32_t bytes = 1250, const Verdict& verdict = {}) {
        run_until(now);
        link_.offer(now, {.packet = packet, .bytes = bytes}, verdict, outcomes_);
    }
    void run_until(Instant end) {
        for (auto next = link_.next_event(); next && *next <= end; next = link_.next_event())
            link_.advance(*next, outcomes_);
    }
    void run() { run_until(Instant{kMaxInstantNs}); }

    [[nodiscard]] std::vector<std::string> lines() {
        run();
        std::vector<std::string> out;
        for (const LinkOutcome& o : outcomes_) {
            std::string line = concat(seconds_text({o.at.ns * 1000}, 3), ' ', o.packet.packet, ' ');
            switch (o.kind) {
                case LinkOutcome::Kind::Delivered:
                    line += "delivered";
                    break;
                case LinkOutcome::Kind::Dropped:
                    line += drop_reason_text(o.reason);
                    break;
                case LinkOutcome::Kind::Duplicated:
                    line += "duplicated";
                    break;
            }
            out.push_back(line);
        }
        return out;
    }
    [[nodiscard]] const std::vector<LinkOutcome>& outcomes() const { return outcomes_; }
    [[nodiscard]] Link& link() { return link_; }

  private:
    Link link_;
    std::vector<LinkOutcome> outcomes_;
};
using Lines = std::vector<std::string>;

TEST(Link, SendingTakesTimeByTheRateAndTravellingByTheDelay) {
    Wire wire{{.rate_bits_per_second = kMbit10, .delay = Duration::milliseconds(5)}};
    wire.offer(at_ms(0), 1);
    wire.offer(at_ms(0), 2);
    wire.offer(at_ms(10), 3, 125);
    EXPECT_EQ(wire.lines(), (Lines{"6.000 1 delivered", "7.000 2 delivered", "15.100 3 delivered"}));
}

TEST(Link, WithoutARateNothingWaits) {
    Wire wire{{.delay = Duration::milliseconds(5), .queue = {.packets = 1}}};
    for (std::uint64_t i = 1; i <= 3; ++i)
        wire.offer(at_ms(0), i);
    EXPECT_EQ(wire.lines(), (Lines{"5.000 1 delivered", "5.000 2 delivered", "5.000 3 delivered"}));
}

TEST(Link, AFullQueueRefusesByPackets) {
    Wire wire{{.rate_bits_per_second = kMbit10, .queue = {.packets = 2}}};
    for (std::uint64_t i = 1; i <= 4; ++i)
        wire.offer(at_ms(0), i);
    EXPECT_EQ(wire.link().waiting_packets(at_ms(0)), 2u) << "the one that is being sent does not count";
    wire.offer(at_ms(1), 5);
    EXPECT_EQ(wire.lines(), (Lines{"0.000 4 queue full", "1.000 1 delivered", "2.000 2 delivered",
                                   "3.000 3 delivered", "4.000 5 delivered"}));
}

TEST(Link, AFullQueueRefusesByBytes) {
    Wire wire{{.rate_bits_per_second = kMbit10, .queue = {.bytes = 1500}}};
    wire.offer(at_ms(0), 1);
    wire.offer(at_ms(0), 2);
    wire.offer(at_ms(0), 3, 251);
    wire.offer(at_ms(0), 4, 250);
    EXPECT_EQ(wire.link().waiting_bytes(at_ms(0)), 1500u);
    EXPECT_EQ(wire.lines(),
              (Lines{"0.000 3 queue full", "1.000 1 delivered", "2.000 2 delivered", "2.200 4 delivered"}));
}

TEST(Link, WhatTheMtuDoesNotAllowIsDropped) {
    Wire wire{{.mtu = 1500}};
    wire.offer(at_ms(0), 1, 1514);
    wire.offer(at_ms(0), 2, 1515);
    EXPECT_EQ(wire.lines(), (Lines{"0.000 1 delivered", "0.000 2 too big for the link"}));
}

TEST(Link, VerdictsDropDelayAndDuplicate) {
    Wire wire{{.delay = Duration::milliseconds(5)}};
    wire.offer(at_ms(0), 1, 100, {.drop = true});
    wire.offer(at_ms(0), 2, 100, {.delay = Duration::milliseconds(3)});
    wire.offer(at_ms(1), 3, 100, {.copies = 1});
    EXPECT_EQ(wire.lines(), (Lines{"0.000 1 dropped by a rule", "1.000 3 duplicated", "6.000 3 delivered",
                                   "6.000 3 delivered", "8.000 2 delivered"}));
}

TEST(Link, JitterDelaysButKeepsTheOrder) {
    Wire wire{{.delay = Duration::milliseconds(5), .jitter = Duration::milliseconds(10)}};
    for (std::uint64_t i = 0; i < 1000; ++i)
        wire.offer(at_ms(static_cast<std::int64_t>(i)), i, 100);
    wire.run();
    Duration least{kMaxInstantNs}, most{};
    for (std::uint64_t i = 0; i < 1000; ++i) {
        ASSERT_EQ(wire.outcomes()[i].packet.packet, i);
        const Duration took = wire.outcomes()[i].at - at_ms(static_cast<std::int64_t>(i));
        least = std::min(least, took);
        most = std::max(most, took);
    }
    EXPECT_GE(least, Duration::milliseconds(5));
    EXPECT_LE(most, Duration::milliseconds(15));
    EXPECT_GT(most, Duration::milliseconds(14));
}

/// How many standard deviations `count` of `n` lies from a share of `p`.
double deviations(std::uint64_t count, double n, double p) {
    return std::abs(static_cast<double>(count) - n * p) / std::sqrt(n * p * (1 - p));
}

TEST(Link, AccidentsHappenInTheirShares) {
    // A new seed for each run would fail once in a while by chance: it is fixed.
    constexpr std::uint64_t kPackets = 100'000;
    Wire wire{{.delay = Duration::milliseconds(1),
               .loss = 0.03,
               .duplication = 0.02,
               .corruption = 0.01,
               .reordering = 0.05}};
    for (std::uint64_t i = 0; i < kPackets; ++i)
        wire.offer(Instant{static_cast<std::int64_t>(i) * 100'000}, i, 1000);
    wire.run();
    std::uint64_t lost = 0, doubled = 0, corrupted = 0, late = 0;
    std::uint64_t newest = 0;
    for (const LinkOutcome& o : wire.outcomes()) {
        lost += o.kind == LinkOutcome::Kind::Dropped ? 1 : 0;
        doubled += o.kind == LinkOutcome::Kind::Duplicated ? 1 : 0;
        if (o.kind != LinkOutcome::Kind::Delivered) continue;
        late += o.packet.packet < newest ? 1 : 0;
        newest = std::max(newest, o.packet.packet);
        if (!o.flipped_bit) continue;
        ++corrupted;
        EXPECT_GE(*o.flipped_bit, 14u * 8);
        EXPECT_LT(*o.flipped_bit, 1000u * 8);
    }
    const double travelled = static_cast<double>(kPackets + doubled);
    EXPECT_LT(deviations(lost, travelled, 0.03), 4);
    EXPECT_LT(deviations(doubled, kPackets, 0.02), 4);
    EXPECT_LT(deviations(corrupted, travelled - static_cast<double>(lost), 0.01), 4);
    // Held back up to 1 ms among packets that come every 0.1 ms: about nine in ten are overtaken.
    EXPECT_NEAR(static_cast<double>(late) / travelled, 0.05 * 0.97 * 0.9, 0.003);
}

TEST(Link, BurstsHaveTheShareAndTheLengthOfTheirModel) {
    constexpr std::uint64_t kPackets = 400'000;
    // Bad one packet in 41 on average (0.005 / (0.005 + 0.2)), five packets long.
    Wire wire{{.burst = BurstLoss{.enter = 0.005, .leave = 0.2}}};
    for (std::uint64_t i = 0; i < kPackets; ++i)
        wire.offer(Instant{static_cast<std::int64_t>(i)}, i, 100);
    wire.run();
    std::uint64_t lost = 0, bursts = 0;
    bool in_burst = false;
    for (const LinkOutcome& o : wire.outcomes()) {
        const bool gone = o.kind == LinkOutcome::Kind::Dropped;
        if (gone) {
            EXPECT_EQ(o.reason, DropReason::BurstLoss);
        }
        lost += gone ? 1 : 0;
        bursts += gone && !in_burst ? 1 : 0;
        in_burst = gone;
    }
    EXPECT_NEAR(static_cast<double>(lost) / kPackets, 0.005 / 0.205, 0.002);
    EXPECT_NEAR(static_cast<double>(lost) / static_cast<double>(bursts), 5, 0.3);
}

TEST(Link, CoDelKeepsTheWaitNearItsTargetWhereDropTailDoesNot) {
    // One packet a millisecond can be sent; ten percent more than that are offered, for ten seconds.
    const auto longest_wait_late = [](bool codel) {
        LinkOptions options{.rate_bits_per_second = kMbit10, .queue = {.packets = 1000}};
        if (codel) options.queue.codel = CoDelOptions{};
        Wire wire{options};
        for (std::uint64_t i = 0; i < 11'000; ++i)
            wire.offer(Instant{static_cast<std::int64_t>(i) * 909'000}, i);
        wire.run();
        Duration longest;
        for (const LinkOutcome& o : wire.outcomes())
            if (o.kind == LinkOutcome::Kind::Delivered && o.packet.packet > 8'000)
                longest =
                    std::max(longest, o.at - Instant{static_cast<std::int64_t>(o.packet.packet) * 909'000});
        return longest;
    };
    EXPECT_GT(longest_wait_late(false), Duration::milliseconds(700));
    EXPECT_LT(longest_wait_late(true), Duration::milliseconds(60));
}

TEST(Link, CoDelDropsAtTheHeadAfterOneInterval) {
    Wire wire{{.rate_bits_per_second = kMbit10, .queue = {.codel = CoDelOptions{}}}};
    for (std::uint64_t i = 1; i <= 300; ++i)
        wire.offer(at_ms(0), i);
    const Lines lines = wire.lines();
    const auto first =
        std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l.find("CoDel") != l.npos; });
    ASSERT_NE(first, lines.end());
    // Above target from the 6th on, which leaves at 5 ms: the drop is due at 105 ms, of the one that leaves
    // then.
    EXPECT_EQ(*first, "105.000 106 dropped by CoDel");
    EXPECT_EQ(*(first + 1), "105.000 105 delivered");
    EXPECT_EQ(*(first + 2), "106.000 107 delivered") << "the next one is sent in its place";
}

TEST(Link, CoDelMarksWhatIsCapable) {
    Link link{
        {.rate_bits_per_second = kMbit10, .queue = {.codel = CoDelOptions{.ecn = true}}}, kSeed, "test"};
    std::vector<LinkOutcome> outcomes;
    for (std::uint64_t i = 0; i < 300; ++i)
        link.offer(at_ms(0), {.packet = i, .bytes = 1250, .ecn_capable = true}, {}, outcomes);
    while (const auto next = link.next_event())
        link.advance(*next, outcomes);
    EXPECT_EQ(link.counts().dropped, 0u);
    // At 105, 205 and 276 ms: the queue is empty at 300.
    EXPECT_EQ(std::count_if(outcomes.begin(), outcomes.end(), [](const auto& o) { return o.congestion; }), 3);
}

TEST(Link, WhatChangesHoldsForWhatIsSentLater) {
    Wire wire{{.delay = Duration::milliseconds(5)}};
    wire.offer(at_ms(0), 1);
    wire.link().change({.delay = Duration::milliseconds(50)});
    wire.offer(at_ms(1), 2);
    wire.link().change({.loss = 1});
    wire.offer(at_ms(60), 3);
    EXPECT_EQ(wire.lines(), (Lines{"5.000 1 delivered", "51.000 2 delivered", "60.000 3 random loss"}));
}

LinkOptions any_options(Random& random) {
    const auto share = [&] { return random.below(3) == 0 ? random.unit() / 2 : 0; };
    LinkOptions options;
    if (random.below(4) != 0) options.rate_bits_per_second = 1'000'000 + random.below(100'000'000);
    options.delay = random.up_to(Duration::milliseconds(50));
    if (random.below(2) == 0) options.jitter = random.up_to(Duration::milliseconds(5));
    if (random.below(2) == 0) options.queue.packets = static_cast<std::uint32_t>(random.below(20));
    if (random.below(2) == 0) options.queue.bytes = random.below(20'000);
    if (random.below(3) == 0)
        options.queue.codel =
            CoDelOptions{.target = Duration::milliseconds(1), .interval = Duration::milliseconds(10)};
    options.loss = share();
    options.duplication = share();
    options.corruption = share();
    options.reordering = share();
    if (random.below(3) == 0) options.burst = BurstLoss{.enter = share(), .leave = 0.3};
    return options;
}

Verdict any_verdict(Random& random) {
    Verdict verdict;
    if (random.below(20) == 0) verdict.copies = static_cast<std::uint32_t>(random.below(3));
    if (random.below(20) == 0) verdict.delay = random.up_to(Duration::milliseconds(9));
    verdict.drop = random.below(20) == 0;
    return verdict;
}

void expect_conserved(Wire& wire, Instant now) {
    const LinkCounts& counts = wire.link().counts();
    ASSERT_EQ(counts.offered + counts.duplicated, counts.delivered + counts.dropped + wire.link().inside());
    const QueueLimit& limit = wire.link().options().queue;
    ASSERT_LE(wire.link().waiting_packets(now), limit.packets.value_or(UINT32_MAX));
    ASSERT_LE(wire.link().waiting_bytes(now), limit.bytes.value_or(UINT64_MAX));
}

TEST(Link, AnyLinkConservesPacketsKeepsTimeAndRepeats) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random{seed};
    for (std::uint64_t round = 0; round < 200; ++round) {
        const LinkOptions options = any_options(random);
        Wire wire{options, round}, again{options, round};
        Instant now;
        for (std::uint64_t i = 0; i < 300; ++i) {
            now = now + random.up_to(Duration::milliseconds(2));
            const auto bytes = 60 + static_cast<std::uint32_t>(random.below(1'500));
            const Verdict verdict = any_verdict(random);
            wire.offer(now, i, bytes, verdict);
            again.offer(now, i, bytes, verdict);
            expect_conserved(wire, now);
        }
        wire.run();
        again.run();
        EXPECT_EQ(wire.outcomes(), again.outcomes());
        EXPECT_EQ(wire.link().inside(), 0u);
        EXPECT_EQ(wire.link().next_event(), std::nullopt);
        Instant last;
        for (const LinkOutcome& o : wire.outcomes()) {
            if (o.kind == LinkOutcome::Kind::Duplicated) continue;
            ASSERT_GE(o.at, last) << "outcomes come in order of time";
            last = o.at;
        }
    }
}

}  // namespace
}  // namespace synscope::sim
