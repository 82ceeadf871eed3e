// CoDel against the behaviour that RFC 8289 describes, by the clock.
#include "sim/core/codel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "net/base/text.hpp"

namespace synscope::sim {
namespace {

using Decision = CoDel::Decision;

constexpr Instant at_ms(std::int64_t ms) {
    return Instant{} + Duration::milliseconds(ms);
}
constexpr CoDel::Leaving kLate{.sojourn = Duration::milliseconds(20), .bytes_behind = 100'000};
constexpr CoDel::Leaving kQuick{.sojourn = Duration::milliseconds(4), .bytes_behind = 100'000};

/// One packet leaves every millisecond, each after the same wait; the milliseconds at which drops happen.
std::vector<std::int64_t> drops_of(CoDel& codel, std::int64_t from, std::int64_t to,
                                   const CoDel::Leaving& packet) {
    std::vector<std::int64_t> drops;
    for (std::int64_t ms = from; ms < to; ++ms)
        while (codel.leaves(at_ms(ms), packet) == Decision::Drop)
            drops.push_back(ms);
    return drops;
}

TEST(CoDel, NothingIsDroppedWhileTheWaitStaysBelowTarget) {
    CoDel codel;
    EXPECT_TRUE(drops_of(codel, 0, 1000, kQuick).empty());
    EXPECT_FALSE(codel.dropping());
}

TEST(CoDel, TheFirstDropComesOneIntervalAfterTheWaitWentAboveTarget) {
    CoDel codel;
    EXPECT_EQ(drops_of(codel, 50, 151, kLate), (std::vector<std::int64_t>{150}));
    EXPECT_TRUE(codel.dropping());
}

TEST(CoDel, OnePacketBelowTargetStartsTheIntervalAnew) {
    CoDel codel;
    EXPECT_TRUE(drops_of(codel, 0, 99, kLate).empty());
    EXPECT_EQ(codel.leaves(at_ms(99), kQuick), Decision::Deliver);
    EXPECT_EQ(drops_of(codel, 100, 201, kLate), (std::vector<std::int64_t>{200}));
}

TEST(CoDel, DropsCloseUpByTheSquareRootOfTheirNumber) {
    CoDel codel;
    const auto drops = drops_of(codel, 0, 600, kLate);
    // RFC 8289 section 5.4: the next one after interval / sqrt(count).
    std::vector<std::int64_t> expected{100};
    double next = 100;
    for (int count = 1;; ++count) {
        next += 100 / std::sqrt(count);
        if (std::ceil(next) >= 600) break;
        expected.push_back(static_cast<std::int64_t>(std::ceil(next - 1e-6)));
    }
    EXPECT_EQ(drops, expected);
    EXPECT_EQ(codel.count(), drops.size());
}

TEST(CoDel, OnePacketBelowTargetEndsTheDropping) {
    CoDel codel;
    EXPECT_FALSE(drops_of(codel, 0, 300, kLate).empty());
    EXPECT_EQ(codel.leaves(at_ms(300), kQuick), Decision::Deliver);
    EXPECT_FALSE(codel.dropping());
}

TEST(CoDel, DroppingThatResumesSoonStartsAtTheRateItHad) {
    CoDel codel;
    const auto before = drops_of(codel, 0, 500, kLate);
    ASSERT_GT(before.size(), 3u);
    EXPECT_EQ(codel.leaves(at_ms(500), kQuick), Decision::Deliver);
    // Soon: within 16 intervals. The count starts at what the last cycle added, not at 1.
    const auto soon = drops_of(codel, 501, 700, kLate);
    ASSERT_GE(soon.size(), 3u);
    EXPECT_EQ(soon[0], 601);
    EXPECT_LT(soon[1] - soon[0], 60);
    EXPECT_EQ(codel.leaves(at_ms(700), kQuick), Decision::Deliver);
    const auto late = drops_of(codel, 3000, 3201, kLate);
    EXPECT_EQ(late, (std::vector<std::int64_t>{3100, 3200})) << "long after, it starts over";
}

TEST(CoDel, AQueueOfNoMoreThanOnePacketIsNeverTooLong) {
    CoDel codel;
    const CoDel::Leaving alone{.sojourn = Duration::milliseconds(500), .bytes_behind = 1514};
    EXPECT_TRUE(drops_of(codel, 0, 500, alone).empty());
}

TEST(CoDel, AnEmptyQueueEndsTheDropping) {
    CoDel codel;
    EXPECT_FALSE(drops_of(codel, 0, 300, kLate).empty());
    codel.empty();
    EXPECT_FALSE(codel.dropping());
    EXPECT_EQ(drops_of(codel, 300, 401, kLate), (std::vector<std::int64_t>{400}));
}

TEST(CoDel, CapablePacketsAreMarkedInsteadWhenAsked) {
    CoDel codel{{.ecn = true}};
    CoDel::Leaving capable = kLate;
    capable.ecn_capable = true;
    std::vector<std::int64_t> marks;
    for (std::int64_t ms = 0; ms < 300; ++ms) {
        const Decision decision = codel.leaves(at_ms(ms), capable);
        EXPECT_NE(decision, Decision::Drop);
        if (decision == Decision::Mark) marks.push_back(ms);
    }
    EXPECT_EQ(marks, (std::vector<std::int64_t>{100, 200, 271}));
    EXPECT_FALSE(drops_of(codel, 300, 700, kLate).empty()) << "others are dropped all the same";
}

}  // namespace
}  // namespace synscope::sim
