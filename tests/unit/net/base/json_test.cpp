#include "net/base/json.hpp"

#include <gtest/gtest.h>

#include <array>

#include "net/base/text.hpp"

namespace synscope::json {
namespace {

/// "" when it is JSON, else where and why not.
std::string wrong(std::string_view source) {
    const auto value = parse(source);
    return value ? std::string{} : concat(value.error().offset, ": ", value.error().what);
}

TEST(Json, WhatIsReadIsWrittenAgain) {
    constexpr std::string_view kText{
        R"({"name": "a\"\\\n\u0001", "n": -12.50e+3, "list": [1, true, false, null, [], {}]})"};
    const auto value = parse(kText);
    ASSERT_TRUE(value) << value.error().what;
    EXPECT_EQ(text(*value), kText);
    EXPECT_EQ(*value->find("name")->string(), "a\"\\\n\x01");
    EXPECT_FALSE(value->find("n")->integer());
    EXPECT_EQ(value->find("absent"), nullptr);
    EXPECT_EQ(value->find("n")->find("x"), nullptr);
}

TEST(Json, EscapesBecomeUtf8) {
    const auto value = parse("\" \\u00e9\\u20ac\\ud83d\\ude00\\/\\b\\f\\r\\t \"");
    ASSERT_TRUE(value);
    EXPECT_EQ(*value->string(), " \u00e9\u20ac\U0001f600/\b\f\r\t ");
}

TEST(Json, WholeNumbersAreExactAndOthersNone) {
    EXPECT_EQ(parse("9223372036854775807")->integer(), 9223372036854775807);
    EXPECT_EQ(parse("-9223372036854775808")->integer(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(parse("-0")->integer(), 0);
    EXPECT_FALSE(parse("9223372036854775808")->integer());
    EXPECT_FALSE(parse("1e3")->integer());
    EXPECT_FALSE(parse("\"1\"")->integer());
}

TEST(Json, WhatRfc8259DoesNotAllowIsRefusedWithItsPlace) {
    const std::array<std::array<std::string_view, 2>, 26> cases{{
        {"", "0: a value is missing"},
        {" ", "1: a value is missing"},
        {"{", "1: a name in quotes is missing"},
        {"{\"a\"}", "4: a colon is missing"},
        {"{\"a\":}", "5: this begins no value"},
        {"{\"a\":1,}", "7: a name in quotes is missing"},
        {"{\"a\":1 \"b\":2}", "7: a comma or } is missing"},
        {"{\"a\":1,\"a\":2}", "10: a name stands here twice"},
        {"[1,]", "3: this begins no value"},
        {"[1 2]", "3: a comma or ] is missing"},
        {"1 2", "2: something follows the value"},
        {"01", "1: something follows the value"},
        {"-", "1: a digit is missing"},
        {"1.", "2: a digit is missing"},
        {"1e", "2: a digit is missing"},
        {"+1", "0: this begins no value"},
        {"NaN", "0: this begins no value"},
        {"'a'", "0: this begins no value"},
        {"\"a", "2: a string without an end"},
        {"\"\n\"", "1: a control character in a string"},
        {"\"\\x\"", "2: an unknown escape"},
        {"\"\\u12g4\"", "3: four hexadecimal digits are missing"},
        {"\"\\ud800\"", "7: half a surrogate pair"},
        {"\"\\udc00\"", "7: half a surrogate pair"},
        {"\"\xc0\xaf\"", "1: malformed UTF-8"},
        {"// c\n1", "0: this begins no value"},
    }};
    for (const auto& [source, why] : cases)
        EXPECT_EQ(wrong(source), why) << source;
}

TEST(Json, DepthIsLimited) {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(wrong(nested(kMostDepth)), "");
    EXPECT_EQ(wrong(nested(kMostDepth + 1)), concat(kMostDepth, ": too many levels"));
    EXPECT_EQ(wrong(std::string(1000000, '[')), concat(kMostDepth, ": too many levels"));
}

TEST(Json, BytesThatAreNoUtf8DoNotReachTheReader) {
    EXPECT_EQ(text(Value{Object{member("a", "x\xffy"), member("n", std::uint64_t{7})}}),
              "{\"a\": \"x\xef\xbf\xbdy\", \"n\": 7}");
}

}  // namespace
}  // namespace synscope::json
