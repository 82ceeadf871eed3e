#include "ui/model/time_axis.hpp"

#include <gtest/gtest.h>

#include <random>

namespace synscope::model {
namespace {

RowNeed row(std::int64_t us, Slot slot) {
    RowNeed need;
    need.at = Instant{} + Duration::microseconds(us);
    need.slot = slot;
    need.above = 14;
    need.below = 6;
    return need;
}

class RandomAxis : public testing::TestWithParam<std::tuple<unsigned, AxisMode>> {};

TEST_P(RandomAxis, IsMonotoneAndInvertible) {
    const auto [seed, mode] = GetParam();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    TimeAxis axis(mode, {});
    std::int64_t us = 0;
    std::vector<std::int64_t> times;
    double last_y = 0;
    for (int i = 0; i < 500; ++i) {
        us += std::array<std::int64_t, 6>{0, 1, 7, 90, 1500, 400'000}[random() % 6];
        times.push_back(us);
        const double y = axis.add(row(us, static_cast<Slot>(random() % 3)));
        EXPECT_GE(y, last_y);
        last_y = y;
    }
    double before = -1;
    for (std::int64_t t = times.front(); t <= us; t += 1 + us / 997) {
        const Instant at = Instant{} + Duration::microseconds(t);
        const double y = axis.to_y(at);
        EXPECT_GE(y, before);
        before = y;
        EXPECT_NEAR(static_cast<double>(axis.to_time(y).ns), static_cast<double>(at.ns),
                    1e-6 * static_cast<double>(us) * 1000 + 1);
    }
    for (const std::int64_t t : times)
        EXPECT_NEAR(static_cast<double>(axis.to_time(axis.to_y(Instant{t * 1000})).ns),
                    static_cast<double>(t * 1000), 2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomAxis,
                         testing::Combine(testing::Values(1U, 2U, 3U, 4U, 5U),
                                          testing::Values(AxisMode::Compressed, AxisMode::Linear)));

TEST(TimeAxis, RowsOfOneSlotNeverShareRoom) {
    TimeAxis axis(AxisMode::Compressed, {});
    double bottom = -1;
    for (int i = 0; i < 50; ++i) {
        const double y = axis.add(row(i / 2, Slot::Left));
        EXPECT_GE(y - 14, bottom);
        bottom = y + 6;
    }
}

TEST(TimeAxis, RowsOfDifferentSlotsStandSideBySide) {
    TimeAxis axis(AxisMode::Compressed, {});
    const double left = axis.add(row(0, Slot::Left));
    EXPECT_EQ(axis.add(row(0, Slot::Right)), left);
    EXPECT_LT(axis.add(row(1, Slot::Middle)) - left, 10);
}

TEST(TimeAxis, OnlyLongGapsAreBroken) {
    TimeAxis axis(AxisMode::Compressed, {});
    axis.add(row(0, Slot::Middle));
    axis.add(row(999, Slot::Middle));
    EXPECT_TRUE(axis.breaks().empty());
    axis.add(row(29'299, Slot::Middle));
    ASSERT_EQ(axis.breaks().size(), 1U);
    EXPECT_EQ(axis.breaks()[0].gap, Duration::microseconds(28'300));
    const auto [from, to] = axis.breaks_in(0, axis.height());
    EXPECT_EQ(to - from, 1U);
    EXPECT_EQ(axis.breaks_in(0, 5).second, 0U);
}

TEST(TimeAxis, AHugeGapCostsNoMoreThanASmallOne) {
    TimeAxis axis(AxisMode::Compressed, {});
    axis.add(row(0, Slot::Middle));
    axis.add(row(5'000, Slot::Middle));
    const double one = axis.height();
    axis.add(row(3'600'000'000, Slot::Middle));
    EXPECT_NEAR(axis.height() - one, one - axis.to_y(Instant{}), 40);
}

TEST(TimeAxis, LinearIsProportional) {
    TimeAxis axis(AxisMode::Linear, {});
    const double a = axis.add(row(0, Slot::Middle));
    const double b = axis.add(row(1000, Slot::Middle));
    const double c = axis.add(row(3000, Slot::Middle));
    EXPECT_NEAR(c - b, 2 * (b - a), 1e-9);
}

}  // namespace
}  // namespace synscope::model
