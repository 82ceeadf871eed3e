#include "net/base/text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace synscope {
namespace {

TEST(Text, ConcatJoinsTextAndNumbers) {
    EXPECT_EQ(concat("a", 3, ' ', Hex{255, 4}, std::uint8_t{200}, Padded{7, 3, '0'}), "a3 00ff200007");
    EXPECT_EQ(concat(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(concat(Hex{0}), "0");
    EXPECT_EQ(concat(Hex{0x12345, 2}), "12345");
    EXPECT_EQ(concat(), "");
}

TEST(Text, SecondsAreTruncatedTowardsZero) {
    EXPECT_EQ(seconds_text(Duration::microseconds(123), 6), "0.000123");
    EXPECT_EQ(seconds_text(Duration::nanoseconds(1'999'999'999), 6), "1.999999");
    EXPECT_EQ(seconds_text(Duration::milliseconds(-1500), 1), "-1.5");
    EXPECT_EQ(seconds_text(Duration::nanoseconds(-1), 9), "-0.000000001");
    EXPECT_EQ(seconds_text(Duration::seconds(12), 0), "12");
    EXPECT_EQ(seconds_text(Duration{std::numeric_limits<std::int64_t>::min()}, 9), "-9223372036.854775808");
}

TEST(Text, DurationsForPeopleHaveThreeDigits) {
    EXPECT_EQ(duration_text(Duration::microseconds(31)), "31.0 us");
    EXPECT_EQ(duration_text(Duration::microseconds(30'100)), "30.1 ms");
    EXPECT_EQ(duration_text(Duration::milliseconds(2500)), "2.50 s");
    EXPECT_EQ(duration_text(Duration::nanoseconds(999)), "999 ns");
    EXPECT_EQ(duration_text(Duration::nanoseconds(0)), "0 ns");
    EXPECT_EQ(duration_text(Duration::milliseconds(-7)), "-7.00 ms");
}

}  // namespace
}  // namespace synscope
