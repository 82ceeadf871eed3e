#include "sim/core/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace synscope::sim {
namespace {

TEST(Random, Splitmix64GivesThePublishedNumbers) {
    std::uint64_t state = 1234567;
    for (const std::uint64_t expected :
         {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL, 4593380528125082431ULL,
          16408922859458223821ULL})
        EXPECT_EQ(splitmix64_next(state), expected);
}

TEST(Random, XoshiroGivesThePublishedNumbers) {
    Random random{std::array<std::uint64_t, 4>{1, 2, 3, 4}};
    for (const std::uint64_t expected :
         {11520ULL, 0ULL, 1509978240ULL, 1215971899390074240ULL, 1216172134540287360ULL,
          607988272756665600ULL, 16172922978634559625ULL, 8476171486693032832ULL, 10595114339597558777ULL,
          2904607092377533576ULL})
        EXPECT_EQ(random.next(), expected);
}

TEST(Random, StreamsDependOnSeedAndNameAlone) {
    Random a{1, "loss"}, same{1, "loss"}, other_name{1, "jitter"}, other_seed{2, "loss"};
    const auto first = a.next();
    EXPECT_EQ(first, same.next());
    EXPECT_NE(first, other_name.next());
    EXPECT_NE(first, other_seed.next());
    static_assert(Random{1, "loss"}.next() == Random{1, "loss"}.next(), "also at compile time");
}

/// How far a count lies from what is expected, in standard deviations.
double deviations(double count, double n, double p) {
    return (count - n * p) / std::sqrt(n * p * (1 - p));
}

constexpr int kDraws = 200'000;
constexpr double kFar = 5;  // once in two million runs, and the seed is fixed

TEST(Random, NumbersBelowABoundAreEven) {
    Random random{11, "below"};
    for (const std::uint64_t bound : {1ULL, 2ULL, 3ULL, 6ULL, 7ULL, 64ULL}) {
        std::array<int, 64> seen{};
        for (int i = 0; i < kDraws; ++i) {
            const auto drawn = random.below(bound);
            ASSERT_LT(drawn, bound);
            ++seen[drawn];
        }
        if (bound == 1) continue;
        for (std::uint64_t i = 0; i < bound; ++i)
            EXPECT_LT(std::abs(deviations(seen[i], kDraws, 1.0 / static_cast<double>(bound))), kFar)
                << i << " below " << bound;
    }
    const std::uint64_t huge = (1ULL << 63) + 1;
    for (int i = 0; i < 1000; ++i)
        EXPECT_LT(random.below(huge), huge);
}

TEST(Random, ChanceHitsItsShareAndIsCertainAtTheEnds) {
    Random random{12, "chance"};
    for (const double p : {0.001, 0.03, 0.5, 0.9}) {
        int hits = 0;
        for (int i = 0; i < kDraws; ++i)
            hits += random.chance(p) ? 1 : 0;
        EXPECT_LT(std::abs(deviations(hits, kDraws, p)), kFar) << p;
    }
    Random untouched{13, "chance"}, drawn{13, "chance"};
    EXPECT_FALSE(drawn.chance(0));
    EXPECT_TRUE(drawn.chance(1));
    EXPECT_EQ(drawn.next(), untouched.next()) << "certain answers take no draw";
}

TEST(Random, ExponentialNumbersHaveTheRightMeanSpreadAndTail) {
    Random random{14, "exponential"};
    double sum = 0, squares = 0;
    int beyond_three = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double x = random.exponential();
        ASSERT_GE(x, 0);
        sum += x;
        squares += x * x;
        beyond_three += x > 3 ? 1 : 0;
    }
    const double root_n = std::sqrt(double{kDraws});
    EXPECT_LT(std::abs(sum / kDraws - 1) * root_n, kFar) << "mean 1, standard deviation 1";
    EXPECT_NEAR(squares / kDraws, 2, 0.05);
    EXPECT_LT(std::abs(deviations(beyond_three, kDraws, std::exp(-3.0))), kFar);
    EXPECT_GT(random.exponential(Duration::seconds(1)), Duration{});
}

TEST(Random, DurationsReachBothEnds) {
    Random random{15, "durations"};
    bool least = false, most = false;
    for (int i = 0; i < 200; ++i) {
        const Duration drawn = random.up_to({3});
        ASSERT_TRUE(drawn >= Duration{0} && drawn <= Duration{3});
        least = least || drawn == Duration{0};
        most = most || drawn == Duration{3};
    }
    EXPECT_TRUE(least && most);
    EXPECT_EQ(random.up_to({0}), Duration{});
}

}  // namespace
}  // namespace synscope::sim
