#include "net/wire/tcp_options.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using namespace tcp_option;
using test::bytes;

std::vector<TcpOption> all(ByteSpan raw) {
    std::vector<TcpOption> out;
    for (const TcpOption& option : TcpOptions{raw})
        out.push_back(option);
    return out;
}

constexpr auto kSyn = bytes(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7);
static_assert(TcpOptions{kSyn}.find<Mss>() == Mss{1460});
static_assert(TcpOptions{kSyn}.find<WindowScale>() == WindowScale{7});
static_assert(!TcpOptions{kSyn}.find<Sack>());

TEST(TcpOptions, ThoseOfASynAreReadInOrder) {
    EXPECT_EQ(all(kSyn),
              (std::vector<TcpOption>{Mss{1460}, SackPermitted{}, Timestamps{1, 0}, NoOp{}, WindowScale{7}}));
    EXPECT_EQ(tcp_options_text(kSyn, Seq32{0}), "<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>");
}

TEST(TcpOptions, NoneIsAnEmptyRange) {
    EXPECT_TRUE(all({}).empty());
    EXPECT_EQ(tcp_options_text({}, Seq32{0}), "");
}

TEST(TcpOptions, SackBlocksAreRelativeAlsoAcrossTheWrap) {
    constexpr auto kSack = bytes(5, 18, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9, 0, 0, 0, 19, 0, 0, 0, 29);
    const auto options = all(kSack);
    ASSERT_EQ(options.size(), 1u);
    const auto& sack = std::get<Sack>(options[0]);
    EXPECT_EQ(sack.count, 2);
    EXPECT_EQ(sack.blocks[0], (SackBlock{Seq32{0xffffffff}, Seq32{9}}));
    EXPECT_EQ(tcp_option_text(options[0], Seq32{0xfffffffe}), "sack 2 {1:11}{21:31}");
}

TEST(TcpOptions, EndOfListEndsTheRange) {
    EXPECT_EQ(all(bytes(1, 0, 2, 4, 5, 0xb4)), (std::vector<TcpOption>{NoOp{}, EndOfList{}}));
}

TEST(TcpOptions, UnknownKindIsKept) {
    constexpr auto kRaw = bytes(30, 4, 0x00, 0x81, 1);
    const auto options = all(kRaw);
    ASSERT_EQ(options.size(), 2u);
    EXPECT_EQ(std::get<Unknown>(options[0]).kind, 30);
    EXPECT_EQ(std::get<Unknown>(options[0]).bytes.size(), 2u);
    EXPECT_EQ(tcp_options_text(kRaw, Seq32{0}), "<unknown-30 0x0081,nop>");
}

TEST(TcpOptions, AKnownKindOfTheWrongLengthIsUnknown) {
    for (const auto& raw : {test::join(bytes(2, 3, 5)), test::join(bytes(3, 2)), test::join(bytes(4, 3, 0)),
                            test::join(bytes(8, 6, 0, 0, 0, 1)), test::join(bytes(5, 2)),
                            test::join(bytes(5, 6, 0, 0, 0, 1))}) {
        const auto options = all(raw);
        ASSERT_EQ(options.size(), 1u);
        ASSERT_TRUE(std::holds_alternative<Unknown>(options[0])) << tcp_option_text(options[0], Seq32{0});
        EXPECT_EQ(std::get<Unknown>(options[0]).kind, std::to_integer<int>(raw[0]));
    }
}

TEST(TcpOptions, MalformedEndsTheRangeAndSaysWhere) {
    EXPECT_EQ(all(bytes(1, 2)), (std::vector<TcpOption>{NoOp{}, tcp_option::Malformed{1}}));  // no length
    EXPECT_EQ(all(bytes(1, 1, 2, 0)),
              (std::vector<TcpOption>{NoOp{}, NoOp{}, tcp_option::Malformed{2}}));           // length 0
    EXPECT_EQ(all(bytes(8, 1, 1)), (std::vector<TcpOption>{tcp_option::Malformed{0}}));      // length 1
    EXPECT_EQ(all(bytes(8, 10, 0, 0)), (std::vector<TcpOption>{tcp_option::Malformed{0}}));  // runs over
    EXPECT_EQ(tcp_options_text(bytes(1, 8, 10), Seq32{0}), "<nop,malformed at 1>");
}

TEST(TcpOptions, WhatIsAppendedIsReadBack) {
    const auto raw = bytes(7, 8, 9);
    const std::vector<TcpOption> options = {
        Mss{536},
        Timestamps{0xfffffffe, 3},
        Sack{{SackBlock{Seq32{0xfffffff0}, Seq32{5}}}, 1},
        Unknown{253, raw},
        NoOp{},
        EndOfList{},
    };
    OptionBytes out;
    for (const TcpOption& option : options)
        ASSERT_TRUE(append_tcp_option(out, option));
    EXPECT_EQ(all(out.span()), options);
}

TEST(TcpOptions, WhatDoesNotFitIsNotAppended) {
    OptionBytes out;
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(append_tcp_option(out, Timestamps{1, 2}));
    EXPECT_EQ(out.size(), 40u);
    const OptionBytes before = out;
    EXPECT_FALSE(append_tcp_option(out, NoOp{}));
    EXPECT_EQ(out, before);
    OptionBytes part{before.span().first(39)};
    EXPECT_FALSE(append_tcp_option(part, Mss{1}));
    EXPECT_EQ(part.size(), 39u);
    EXPECT_FALSE(append_tcp_option(part, tcp_option::Malformed{0}));
    EXPECT_FALSE(append_tcp_option(part, Sack{}));
}

}  // namespace
}  // namespace synscope::wire
