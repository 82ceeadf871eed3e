#include "sim/scenario/units.hpp"

#include <gtest/gtest.h>

#include "net/base/utf8.hpp"

namespace synscope::scenario {
namespace {

TEST(Durations, AreReadWithTheirUnits) {
    EXPECT_EQ(parse_duration("30ms"), Duration::milliseconds(30));
    EXPECT_EQ(parse_duration("1.5s"), Duration::milliseconds(1500));
    EXPECT_EQ(parse_duration("250us"), Duration::microseconds(250));
    EXPECT_EQ(parse_duration("7ns"), Duration::nanoseconds(7));
    EXPECT_EQ(parse_duration("2 min"), Duration::seconds(120));
    EXPECT_EQ(parse_duration("24h"), Duration::seconds(24 * 3600));
    EXPECT_EQ(parse_duration("0"), Duration{});
    EXPECT_EQ(parse_duration("0ms"), Duration{});
}

TEST(Durations, WhatIsNoneIsRefused) {
    for (const char* text : {"", "30", "ms", "-1ms", "+1ms", "1e3ms", "1.ms", ".5s", "1..5s", "0.5ns",
                             "1.01ns", "1.0001us", "25h", "1 minute", "99999999999999999999s", "1 ms "})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Durations, WrittenOnesAreReadBack) {
    for (const std::int64_t ns :
         {0L, 1L, 999L, 1'000L, 1'500'000L, 30'000'000L, 90'000'000'000L, 3'600'000'000'000L})
        EXPECT_EQ(parse_duration(duration_yaml(Duration{ns})), Duration{ns}) << duration_yaml(Duration{ns});
    EXPECT_EQ(duration_yaml(Duration::milliseconds(30)), "30ms");
    EXPECT_EQ(duration_yaml(Duration::milliseconds(1500)), "1500ms");
}

TEST(Sizes, CountInPowersOf1024) {
    EXPECT_EQ(parse_size("4096"), 4096u);
    EXPECT_EQ(parse_size("64k"), 65536u);
    EXPECT_EQ(parse_size("2M"), 2097152u);
    for (const char* text : {"", "k", "-1", "1.5M", "64K", "64kb", "0x10", "99999999999G"})
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(Rates, CountInPowersOf1000) {
    EXPECT_EQ(parse_rate("10mbit"), 10'000'000u);
    EXPECT_EQ(parse_rate("9600bit"), 9600u);
    EXPECT_EQ(parse_rate("2.5gbit"), 2'500'000'000u);
    for (const char* text : {"0bit", "10", "10mb", "10Mbit", "mbit", "99999999gbit"})
        EXPECT_EQ(parse_rate(text), std::nullopt) << text;
    EXPECT_EQ(parse_rate(rate_yaml(2'500'000'000)), 2'500'000'000u);
}

TEST(Probabilities, ArePercentOrShare) {
    EXPECT_EQ(parse_probability("3%"), 0.03);
    EXPECT_EQ(parse_probability("0.03"), 0.03);
    EXPECT_EQ(parse_probability("100%"), 1.0);
    EXPECT_EQ(parse_probability("0"), 0.0);
    for (const char* text : {"", "%", "-1%", "101%", "1.01", "nan", "inf", "3 %", "3%%", "x"})
        EXPECT_EQ(parse_probability(text), std::nullopt) << text;
    EXPECT_EQ(parse_probability(probability_yaml(0.1)), 0.1);
    EXPECT_EQ(parse_probability(probability_yaml(1e-7)), 1e-7);
}

TEST(Utf8, MalformedSequencesHaveNoLength) {
    EXPECT_EQ(utf8_sequence("a", 0), 1u);
    EXPECT_EQ(utf8_sequence("\xe4\xb8\xad", 0), 3u);
    EXPECT_EQ(utf8_sequence("\xf0\x9f\x98\x80", 0), 4u);
    EXPECT_EQ(utf8_sequence("\xc0\x80", 0), 0u);          // overlong
    EXPECT_EQ(utf8_sequence("\xed\xa0\x80", 0), 0u);      // surrogate
    EXPECT_EQ(utf8_sequence("\xf4\x90\x80\x80", 0), 0u);  // above U+10FFFF
    EXPECT_EQ(utf8_sequence("\xe4\xb8", 0), 0u);          // cut short
    EXPECT_EQ(utf8_sequence("\x80", 0), 0u);
}

}  // namespace
}  // namespace synscope::scenario
