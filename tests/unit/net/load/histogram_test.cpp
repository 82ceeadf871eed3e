#include "net/load/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace synscope::load {
namespace {

TEST(Histogram, WithoutValuesSaysZero) {
    const Histogram h;
    EXPECT_EQ(h.count(), 0u);
    EXPECT_EQ(h.percentile_ns(50), 0);
    EXPECT_EQ(h.least_ns(), 0);
    EXPECT_EQ(h.most_ns(), 0);
    EXPECT_EQ(h.mean_ns(), 0);
    EXPECT_TRUE(h.slots().empty());
}

TEST(Histogram, SmallValuesAreExact) {
    Histogram h;
    for (int i = 1; i <= 1000; ++i)
        h.add(i);
    EXPECT_EQ(h.percentile_ns(0), 1);
    EXPECT_EQ(h.percentile_ns(50), 500);
    EXPECT_EQ(h.percentile_ns(99.9), 999);
    EXPECT_EQ(h.percentile_ns(100), 1000);
    EXPECT_DOUBLE_EQ(h.mean_ns(), 500.5);
}

TEST(Histogram, ValuesOfAnySizeKeepThreeDigits) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random{seed};
    std::uniform_real_distribution<double> exponent{0, 13.5};
    std::vector<std::int64_t> values(20'000);
    Histogram h;
    for (auto& value : values) {
        value = static_cast<std::int64_t>(std::pow(10, exponent(random)));
        h.add(value);
    }
    std::sort(values.begin(), values.end());
    for (const std::size_t per_mille : {10u, 250u, 500u, 900u, 990u, 999u}) {
        const double percent = static_cast<double>(per_mille) / 10;
        const auto exact = static_cast<double>(values[20 * per_mille - 1]);
        EXPECT_GE(static_cast<double>(h.percentile_ns(percent)), exact) << percent;
        EXPECT_LE(static_cast<double>(h.percentile_ns(percent)), exact * 1.001 + 1) << percent;
    }
    EXPECT_EQ(h.least_ns(), values.front());
    EXPECT_EQ(h.most_ns(), values.back());
}

TEST(Histogram, WhatIsOutsideCountsAtTheEdge) {
    Histogram h;
    h.add(-5);
    h.add(INT64_MAX);
    EXPECT_EQ(h.least_ns(), 0);
    EXPECT_EQ(h.most_ns(), std::int64_t{86'400} * 1'000'000'000);
    EXPECT_EQ(h.count(), 2u);
}

TEST(Histogram, MergingIsAsIfOneHadCountedAll) {
    Histogram all;
    Histogram a;
    Histogram b;
    for (int i = 1; i < 5000; i += 7) {
        all.add(i * 1000);
        (i % 2 == 0 ? a : b).add(i * 1000);
    }
    a.merge(b);
    a.merge(Histogram{});
    EXPECT_EQ(a.count(), all.count());
    EXPECT_EQ(a.percentile_ns(90), all.percentile_ns(90));
    EXPECT_EQ(a.least_ns(), all.least_ns());
    EXPECT_EQ(a.most_ns(), all.most_ns());
    std::uint64_t in_slots = 0;
    for (const auto& slot : a.slots())
        in_slots += slot.count;
    EXPECT_EQ(in_slots, all.count());
}

}  // namespace
}  // namespace synscope::load
