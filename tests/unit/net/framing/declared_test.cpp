// Lengths and delimiters: len32, len32be, line, and what else can be declared.
#include "net/framing/declared.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/base/text.hpp"
#include "tests/unit/net/framing/messages.hpp"

namespace synscope::framing {
namespace {

TEST(Len32, IsWhatStructPackOfAnIntWrites) {
    std::vector<std::byte> stream;
    const auto encoder = make_len32_encoder({});
    const Placed first = *encoder->encode(bytes_of("hello"), stream);
    const Placed second = *encoder->encode(bytes_of("a"), stream);
    // python3: struct.pack("i", 5) + b"hello" + struct.pack("i", 1) + b"a"
    EXPECT_EQ(text_of(stream), std::string("\5\0\0\0hello\1\0\0\0a", 14));
    EXPECT_EQ(first, (Placed{0, {0, 9}, {4, 9}}));
    EXPECT_EQ(second, (Placed{1, {9, 14}, {13, 14}}));
}

TEST(Len32, ANegativeLengthIsAnErrorWithItsPlaceAndNothingFollowsIt) {
    const auto decoder = make_len32_decoder({});
    const auto stream = bytes_of(std::string("\1\0\0\0a\xff\xff\xff\xff\1\0\0\0b", 14));
    EXPECT_EQ(receive(*decoder, {stream}).size(), 1u);
    ASSERT_TRUE(decoder->error());
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::NegativeLength, 5, -1, {}}));
    EXPECT_EQ(fault_text(*decoder->error()), "a negative length, -1, at byte 5 of the stream");
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
}

TEST(Len32, LittleEndianLengthBeyondTheLimitIsRefusedBeforeItsBodyComes) {
    const auto decoder = make_len32_decoder({});
    const auto stream = bytes_of(std::string("\xff\xff\xff\x7f", 4));
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::TooLong, 0, 2147483647, {}}));
}

TEST(Len32be, IsNetworkByteOrderAndHasNoSign) {
    std::vector<std::byte> stream;
    EXPECT_TRUE(make_len32be_encoder({})->encode(bytes_of("hello"), stream));
    EXPECT_EQ(text_of(stream), std::string("\0\0\0\5hello", 9));
    const auto decoder = make_len32be_decoder({});
    EXPECT_EQ(fault_of(*decoder, std::string("\xff\xff\xff\xff", 4)),
              "a length of 4294967295 bytes at byte 0 of the stream, more than is allowed");
}

TEST(Line, BothEndsAreTakenAndToldApart) {
    const auto decoder = make_line_decoder({});
    const auto stream = bytes_of("unix\ndos\r\n\n\r\n\r\r\nrest");
    EXPECT_THAT(receive(*decoder, {stream}),
                testing::ElementsAre(Found{{0, {0, 5}, {0, 4}}, "unix"}, Found{{1, {5, 10}, {5, 8}}, "dos"},
                                     Found{{2, {10, 11}, {10, 10}}, ""}, Found{{3, {11, 13}, {11, 11}}, ""},
                                     Found{{4, {13, 16}, {13, 14}}, "\r"}));
    EXPECT_EQ(fault_text(*decoder->at_end()),
              "the stream ended inside the message that begins at byte 16, after 4 of its bytes");
}

TEST(Line, WhatWouldComeOutAsAnotherLineIsNotSent) {
    std::vector<std::byte> out;
    const auto encoder = make_line_encoder({});
    EXPECT_EQ(fault_text(encoder->encode(bytes_of("two\nlines"), out).error()),
              "a message with its own delimiter in it at byte 0 of the stream");
    EXPECT_FALSE(encoder->encode(bytes_of("ends in CR\r"), out));
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(encoder->encode(bytes_of("a\rb"), out));
    EXPECT_EQ(text_of(out), "a\rb\n");
}

TEST(Line, AStreamWithoutALineFeedIsNotKeptForEver) {
    const std::string longest(65536, 'x');
    EXPECT_EQ(contents_of(*make_line_decoder({}), longest + "\r\n").size(), 1u);
    const auto decoder = make_line_decoder({});
    EXPECT_EQ(fault_of(*decoder, longest + "xx"),
              "a length of 65537 bytes at byte 0 of the stream, more than is allowed");
}

Delimiter delimiter_of(std::string_view text) {
    Delimiter out;
    for (const char c : text)
        out.bytes[out.size++] = static_cast<std::byte>(c);
    return out;
}

struct Layout {
    LengthField field;
    std::string_view stream;  ///< of the messages "ab" and ""
};
TEST(LengthField, StandsWhereItIsDeclared) {
    using namespace std::string_view_literals;
    const std::array layouts{
        Layout{{0, 1, 1, false, false, false}, "\2ab\0"sv},
        Layout{{0, 2, 2, true, false, false}, "\0\2ab\0\0"sv},
        Layout{{1, 2, 4, false, false, false}, "\0\2\0\0ab\0\0\0\0"sv},
        Layout{{0, 3, 3, true, false, true}, "\0\0\5ab\0\0\3"sv},
        Layout{{0, 8, 8, false, true, true}, "\12\0\0\0\0\0\0\0ab\10\0\0\0\0\0\0\0"sv},
    };
    for (const Layout& layout : layouts) {
        std::vector<std::byte> stream;
        const auto encoder = make_length_encoder(layout.field, {});
        ASSERT_TRUE(encoder->encode(bytes_of("ab"), stream));
        ASSERT_TRUE(encoder->encode({}, stream));
        EXPECT_EQ(text_of(stream), layout.stream);
        EXPECT_THAT(contents_of(*make_length_decoder(layout.field, {}), layout.stream),
                    testing::ElementsAre("ab", ""));
    }
}

TEST(LengthField, ImpossibleLengthsAreRefused) {
    using namespace std::string_view_literals;
    EXPECT_EQ(fault_of(*make_length_decoder({0, 2, 2, true, false, true}, {}), "\0\1"sv),
              "a length that does not cover its own header at byte 0 of the stream");
    EXPECT_EQ(fault_of(*make_length_decoder({0, 1, 1, false, true, false}, {}), "\xff"sv),
              "a negative length, -1, at byte 0 of the stream");
    EXPECT_EQ(fault_of(*make_length_decoder({0, 8, 8, false, true, false}, {}), "\0\0\0\0\0\0\0\x80"sv),
              "a negative length, -9223372036854775808, at byte 0 of the stream");
    EXPECT_EQ(fault_of(*make_length_decoder({0, 8, 8, false, false, false}, {}),
                       "\xff\xff\xff\xff\xff\xff\xff\xff"sv),
              "a length of 9223372036854775807 bytes at byte 0 of the stream, more than is allowed");
    // What the field cannot say cannot be sent: 255 in one byte that counts itself is 254 of body.
    std::vector<std::byte> out;
    const auto encoder = make_length_encoder({0, 1, 1, false, false, true}, {});
    EXPECT_FALSE(encoder->encode(bytes_of(std::string(255, 'x')), out));
    EXPECT_TRUE(encoder->encode(bytes_of(std::string(254, 'x')), out));
}

TEST(Delimiter, IsFoundAcrossReadsAndAlsoWhenItOverlapsItself) {
    const Delimiter delimiter = delimiter_of("--\n");
    const std::string stream{"a---\n-\n--\n--\n"};
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const auto decoder = make_delimiter_decoder(delimiter, {});
        const auto bytes = bytes_of(stream);
        std::vector<std::string> found;
        for (const Found& f : receive(*decoder, {ByteSpan{bytes}.first(cut), ByteSpan{bytes}.subspan(cut)}))
            found.push_back(f.body);
        ASSERT_THAT(found, testing::ElementsAre("a-", "-\n", "")) << cut;
    }
    std::vector<std::byte> out;
    // "x-" and the delimiter are "x---\n": the first delimiter in it begins where the real one does.
    EXPECT_TRUE(make_delimiter_encoder(delimiter, {})->encode(bytes_of("x-"), out));
    // "ab" before "abab" would end too early.
    EXPECT_FALSE(make_delimiter_encoder(delimiter_of("abab"), {})->encode(bytes_of("ab"), out));
}

TEST(Declaration, IsReadAsTextAndCarriesWhatEveryFramingCarries) {
    const auto field = [](std::string_view text) {
        const auto declared = parse_declaration(text);
        return declared ? std::get<LengthField>(*declared) : LengthField{99, 99, 99, false, false, false};
    };
    EXPECT_EQ(field("length:"), (LengthField{0, 4, 4, false, false, false}));
    EXPECT_EQ(field("length:size=2,endian=big"), (LengthField{0, 2, 2, true, false, false}));
    EXPECT_EQ(field("length:offset=2,size=2,header=8,endian=little,signed,includes_header"),
              (LengthField{2, 2, 8, false, true, true}));
    for (const std::string_view wrong :
         {"", "length", "len32", "length:size=5", "length:size=0", "length:size=9", "length:size",
          "length:x=1", "length:endian=middle", "length:offset=3,header=4", "length:header=2000",
          "length:offset=4294967295", "length:signed=1", "delimiter:", "delimiter:0", "delimiter:0g",
          "delimiter:0a,drop", "delimiter:,drop_cr", "delimiter:000102030405060708090a0b0c0d0e0f10"})
        EXPECT_FALSE(parse_declaration(wrong)) << wrong;
    const auto delimiter = framing_named("delimiter:0d0a");
    ASSERT_TRUE(delimiter);
    EXPECT_THAT(contents_of(*delimiter->decoder({}), "a\nb\r\n\r\n"), testing::ElementsAre("a\nb", ""));
    EXPECT_EQ(framing_named("len32")->name, "len32");
    EXPECT_FALSE(framing_named("len33"));
}

}  // namespace
}  // namespace synscope::framing
