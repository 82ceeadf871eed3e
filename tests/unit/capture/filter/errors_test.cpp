#include <gtest/gtest.h>

#include <string>

#include "capture/filter/filter.hpp"

namespace synscope::filter {
namespace {

struct Wrong {
    std::string_view text;
    std::string_view place;    ///< what the error points at: the last place in `text` that reads so
    std::string_view message;  ///< a part of it
};

TEST(FilterErrors, SayWhatIsWrongAndWhere) {
    const Wrong all[] = {
        {"tcp.prot == 80", "tcp.prot", "did you mean tcp.port?"},
        {"tcp.port == 70000", "70000", "ends at 65535"},
        {"tcp.port == abc", "abc", "not a number"},
        {"tcp.port == \"80\"", "\"80\"", "a quoted text where an unsigned number is wanted"},
        {"tcp.port == 8.5", "8.5", "not a number"},
        {"tcp.port == -1", "-1", "below 0"},
        {"ip.addr == 300.1.1.1", "300.1.1.1", "not an IPv4 address"},
        {"ip.addr == ::1", "::1", "not an IPv4 address"},
        {"ip.addr == 10.0.0.0/33", "10.0.0.0/33", "0 to 32"},
        {"ipv6.addr == ::/129", "::/129", "0 to 128"},
        {"eth.src == aa:bb", "aa:bb", "2 bytes instead of 6"},
        {"tcp.flags.syn == maybe", "maybe", "boolean"},
        {"frame.time_delta > 1e9", "1e9", "seconds"},
        {"tcp.port == ip.src", "ip.src", "cannot be compared"},
        {"tcp.srcport == tcp.dstprt", "tcp.dstprt", "did you mean tcp.dstport?"},
        {"tcp.port contains 80", "tcp.port", "contains looks into bytes"},
        {"ip.src matches \"10\"", "ip.src", "matches looks into bytes"},
        {"frame matches \"(\"", "\"(\"", "missing closing parenthesis"},
        {"frame matches abc", "abc", "in quotes"},
        {"tcp.analysis.retransmission == 1", "tcp.analysis.retransmission", "label without a value"},
        {"tcp.port[0] == 1", "tcp.port", "cannot be sliced"},
        {"eth.src[0:0] == 1", "0:0", "no part of a slice"},
        {"eth.src[3-1] == 1", "3-1", "no part of a slice"},
        {"eth.src[x] == 1", "x", "no part of a slice"},
        {"tcp.port in {80 443}", "443", "} is missing"},
        {"tcp.port in {}", "}", "not expected"},
        {"tcp.port in {80, ip.src}", "ip.src", "values, not fields"},
        {"tcp.port in {90..80}", "80", "ends before it begins"},
        {"tcp.port in {80, x}", "x", "not a number"},
        {"tcp & 1", "tcp", "& works on the bits"},
        {"80 == tcp.port", "80", "neither a field nor a protocol"},
        {"\"a\" == \"b\"", "\"a\"", "on the left stands a field"},
        {"tcp.port == 80 tcp", "tcp", "not expected"},
        {"tcp = 1", "=", "equal is =="},
        {"tcp | udp", "|", "or is ||"},
        {"(tcp", "", ") is missing"},
        {"tcp)", ")", "not expected"},
        {"tcp &&", "", "ends too early"},
        {"frame contains \"abc", "\"abc", "not closed"},
        {"frame contains \"\\xg\"", "\\x", "hexadecimal"},
        {"len(tcp.port, 1) > 1", "len(tcp.port, 1)", "takes one field"},
        {"len(tcp)", "len(tcp)", "compared with another"},
        {"upper(ip.src) == \"A\"", "ip.src", "takes a text"},
        {"max(tcp.port) > 1", "max(tcp.port)", "there are len, count, upper and lower"},
        {"tcp.port == ${x}", "$", "macros"},
        {"all tcp", "", "ends too early"},
        {"\xe4\xb8\xad", "\xe4\xb8\xad", "not expected"},
    };
    for (const Wrong& wrong : all) {
        const auto filter = Filter::compile(wrong.text);
        ASSERT_FALSE(filter.has_value()) << wrong.text;
        const FilterError& error = filter.error();
        EXPECT_NE(error.message.find(wrong.message), std::string::npos)
            << wrong.text << ": " << error.message;
        EXPECT_EQ(wrong.text.substr(error.column, error.length), wrong.place) << wrong.text;
        ASSERT_LE(error.column + error.length, wrong.text.size());
    }
}

TEST(FilterErrors, DepthAndLengthAreBounded) {
    const auto message = [](const std::string& text) {
        const auto filter = Filter::compile(text);
        return filter ? std::string("no error") : filter.error().message;
    };
    EXPECT_EQ(message(std::string(50'000, '(')), "nested too deeply");
    EXPECT_EQ(message(std::string(50'000, '!') + "tcp"), "nested too deeply");
    std::string calls;
    for (int i = 0; i < 5'000; ++i)
        calls += "len(";
    EXPECT_EQ(message(calls), "nested too deeply");
    std::string masks = "tcp.flags";
    for (int i = 0; i < 5'000; ++i)
        masks += " & 1";
    EXPECT_EQ(message(masks), "too many & in one filter");
    std::string slices = "frame[0";
    for (int i = 0; i < 5'000; ++i)
        slices += ",0:";
    EXPECT_EQ(message(slices + "] == 1"), "too many ranges in one slice");
    EXPECT_EQ(message(std::string(kMaxFilterSize + 1, ' ')), "the filter is too long");
}

TEST(FilterErrors, ALongChainIsNotDeep) {
    std::string chain = "tcp";
    for (int i = 0; i < 5'000; ++i)
        chain += " || udp";
    EXPECT_TRUE(Filter::compile(chain).has_value());
}

TEST(FilterErrors, TheCaretStandsBelowThePlace) {
    EXPECT_EQ(point_at("tcp.prot == 80", {0, 8, ""}), "tcp.prot == 80\n^^^^^^^^");
    EXPECT_EQ(point_at("tcp &&", {6, 0, ""}), "tcp &&\n      ^");
    // Two wide characters take four cells; an escaped byte four, in front of the place and within.
    EXPECT_EQ(point_at("\xe4\xb8\xad\xe6\x96\x87 x", {7, 1, ""}), "\xe4\xb8\xad\xe6\x96\x87 x\n     ^");
    EXPECT_EQ(point_at("\x1b x\x1b", {2, 2, ""}), "\\x1b x\\x1b\n     ^^^^^");
    EXPECT_EQ(point_at("abc", {900, 900, ""}), "abc\n   ^");
}

TEST(FilterErrors, OfALongFilterOnlyThePartAroundThePlaceIsShown) {
    const std::string text = std::string(500, 'a') + "!" + std::string(500, 'b');
    EXPECT_EQ(point_at(text, {500, 1, ""}), "..." + std::string(60, 'a') + "!" + std::string(30, 'b') +
                                                "...\n" + std::string(63, ' ') + "^");
}

}  // namespace
}  // namespace synscope::filter
