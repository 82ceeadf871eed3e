#include "net/base/seq32.hpp"

#include <gtest/gtest.h>

namespace synscope {
namespace {

// Every property holds at any start; these lie on both sides of the wrap and of the sign bit.
constexpr std::uint32_t kStarts[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};

static_assert(Seq32{0xffffffff} + 1 == Seq32{0});
static_assert(Seq32{0} - 1 == Seq32{0xffffffff});
static_assert(Seq32::before(Seq32{0xfffffff0}, Seq32{5}));
static_assert(Seq32::after(Seq32{5}, Seq32{0xfffffff0}));

TEST(Seq32, DistanceAndOrderHoldAcrossTheWrap) {
    for (const std::uint32_t start : kStarts) {
        const Seq32 a{start};
        EXPECT_EQ(Seq32::distance(a, a + 100), 100) << start;
        EXPECT_EQ(Seq32::distance(a + 100, a), -100) << start;
        EXPECT_TRUE(Seq32::before(a, a + 1)) << start;
        EXPECT_FALSE(Seq32::before(a, a)) << start;
        EXPECT_TRUE(Seq32::after(a + 0x7fffffff, a)) << start;
    }
}

TEST(Seq32, WindowHoldsItsFirstNumberAndNotTheOneBehind) {
    for (const std::uint32_t start : kStarts) {
        const Seq32 first{start};
        EXPECT_TRUE(Seq32::in_window(first, first, 20)) << start;
        EXPECT_TRUE(Seq32::in_window(first + 19, first, 20)) << start;
        EXPECT_FALSE(Seq32::in_window(first + 20, first, 20)) << start;
        EXPECT_FALSE(Seq32::in_window(first - 1, first, 20)) << start;
        EXPECT_FALSE(Seq32::in_window(first, first, 0)) << start;
    }
}

TEST(Seq32, UnwrapFindsTheOffsetNearestTheCheckpoint) {
    constexpr std::int64_t kGiga = std::int64_t{1} << 32;
    for (const std::uint32_t start : kStarts) {
        const Seq32 zero{start};
        EXPECT_EQ(Seq32::unwrap(zero, zero, 0), 0) << start;
        EXPECT_EQ(Seq32::unwrap(zero + 1000, zero, 0), 1000) << start;
        EXPECT_EQ(Seq32::unwrap(zero - 1, zero, 0), -1) << "a keep-alive lies before the start, " << start;
        EXPECT_EQ(Seq32::unwrap(zero + 5, zero, kGiga), kGiga + 5) << start;
        EXPECT_EQ(Seq32::unwrap(zero - 5, zero, kGiga), kGiga - 5) << start;
        EXPECT_EQ(Seq32::unwrap(zero + 7, zero, 3 * kGiga - 20), 3 * kGiga + 7) << start;
        // Right on the edge of what can be told apart: half the space ahead belongs to the past.
        EXPECT_EQ(Seq32::unwrap(zero + 0x7fffffff, zero, 0), 0x7fffffff) << start;
        EXPECT_EQ(Seq32::unwrap(zero + 0x80000000, zero, 0), -std::int64_t{0x80000000}) << start;
    }
}

TEST(Seq32, UnwrapFollowsAStreamOfManyGigabytes) {
    const Seq32 zero{0xfffffff0};
    std::int64_t offset = 0;
    for (int i = 0; i < 200'000; ++i) {
        offset += 64'000;
        const Seq32 seq = zero + static_cast<std::uint32_t>(static_cast<std::uint64_t>(offset));
        ASSERT_EQ(Seq32::unwrap(seq, zero, offset - 64'000), offset);
    }
    EXPECT_GT(offset, std::int64_t{2} << 32);
}

}  // namespace
}  // namespace synscope
