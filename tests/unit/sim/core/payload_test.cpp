#include "sim/core/payload.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace synscope::sim {
namespace {

constexpr std::array kAbc{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};

TEST(Payload, SlicesShareOneBlockAndOutliveTheFirst) {
    Payload tail;
    const std::byte* where = nullptr;
    {
        const Payload whole = Payload::copy_of(kAbc);
        tail = whole.from(1);
        where = whole.span().data();
    }
    ASSERT_EQ(tail.size(), 2u);
    EXPECT_EQ(tail.span().data(), where + 1);
    EXPECT_EQ(tail.span()[0], std::byte{'b'});
}

TEST(Payload, WhatLiesBeyondTheEndIsLeftOut) {
    const Payload whole = Payload::copy_of(kAbc);
    EXPECT_EQ(whole.slice(2, 9).size(), 1u);
    EXPECT_EQ(whole.slice(7, 9).size(), 0u);
    EXPECT_TRUE(Payload{}.slice(0, 1).empty());
    EXPECT_TRUE(Payload::copy_of({}).span().empty());
}

TEST(Payload, IsEqualByItsBytes) {
    EXPECT_EQ(Payload::copy_of(kAbc), Payload::copy_of(kAbc));
    EXPECT_FALSE(Payload::copy_of(kAbc) == Payload::copy_of(kAbc).from(1));
}

TEST(Payload, CanBeAssignedToItself) {
    Payload whole = Payload::copy_of(kAbc);
    const Payload& same = whole;
    whole = same;
    EXPECT_EQ(whole.size(), 3u);
}

}  // namespace
}  // namespace synscope::sim
