#include "net/framing/framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synscope::framing {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> out;
    for (const char c : text)
        out.push_back(static_cast<std::byte>(c));
    return out;
}
std::string text_of(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes)
        out.push_back(static_cast<char>(b));
    return out;
}

struct Found {
    Placed place;
    std::string body;
    friend bool operator==(const Found&, const Found&) = default;
};
/// What a receiver finds when the stream arrives in these pieces.
std::vector<Found> receive(Decoder& decoder, const std::vector<ByteSpan>& pieces) {
    std::vector<Found> out;
    for (const ByteSpan piece : pieces) {
        decoder.feed(piece);
        while (const auto m = decoder.next())
            out.push_back({*m, text_of(m->content)});
    }
    return out;
}

class BoundaryFraming : public testing::TestWithParam<FramingInfo> {};

TEST_P(BoundaryFraming, EveryCutOfAStreamGivesTheSameMessages) {
    const std::vector<std::string> bodies{"hi", "", "abc", "", "x"};
    std::vector<std::byte> stream;
    std::vector<Found> sent;
    const auto encoder = GetParam().encoder({});
    for (const std::string& body : bodies)
        sent.push_back({*encoder->encode(bytes_of(body), stream), body});
    ASSERT_LE(stream.size(), 26u) << "2^(n-1) cuts are tried";

    // With long streams only some cut points are free; with `len32` all 2^25 would take a minute, so the cut
    // points lie in two windows that together cover every boundary between header, body and next message.
    constexpr std::size_t kWindow = 13;
    for (std::size_t first = 1; first < stream.size(); first += kWindow - 1) {
        for (std::uint32_t cuts = 0; cuts < (1u << kWindow); ++cuts) {
            std::vector<ByteSpan> pieces;
            std::size_t begin = 0;
            for (std::size_t at = 1; at <= stream.size(); ++at) {
                const bool in_window = at >= first && at < first + kWindow;
                if (at == stream.size() || (in_window && (cuts >> (at - first) & 1u) != 0)) {
                    pieces.push_back(ByteSpan{stream}.subspan(begin, at - begin));
                    begin = at;
                }
            }
            const auto decoder = GetParam().decoder({});
            ASSERT_EQ(receive(*decoder, pieces), sent) << "cuts " << cuts << " from " << first;
            ASSERT_FALSE(decoder->error());
            ASSERT_FALSE(decoder->at_end());
        }
    }
}

TEST_P(BoundaryFraming, OneByteAtATime) {
    std::vector<std::byte> stream;
    const auto encoder = GetParam().encoder({});
    const std::string body(300, 'q');
    static_cast<void>(*encoder->encode(bytes_of(body), stream));
    std::vector<ByteSpan> pieces;
    for (std::size_t i = 0; i < stream.size(); ++i)
        pieces.push_back(ByteSpan{stream}.subspan(i, 1));
    const auto decoder = GetParam().decoder({});
    const auto found = receive(*decoder, pieces);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].body, body);
}

TEST_P(BoundaryFraming, AStreamThatEndsInsideAMessageIsTruncated) {
    std::vector<std::byte> stream;
    const auto encoder = GetParam().encoder({});
    const Placed first = *encoder->encode(bytes_of("whole"), stream);
    static_cast<void>(*encoder->encode(bytes_of("cut short"), stream));
    for (std::size_t keep = first.bytes.end + 1; keep < stream.size(); ++keep) {
        const auto decoder = GetParam().decoder({});
        EXPECT_EQ(receive(*decoder, {ByteSpan{stream}.first(keep)}).size(), 1u);
        const auto error = decoder->at_end();
        ASSERT_TRUE(error) << keep;
        EXPECT_EQ(error->fault, Fault::Truncated);
        EXPECT_EQ(error->offset, first.bytes.end);
        EXPECT_EQ(error->length, static_cast<std::int64_t>(keep - first.bytes.end));
    }
}

TEST_P(BoundaryFraming, ABodyOverTheLimitIsRefusedByBothEnds) {
    std::vector<std::byte> stream;
    EXPECT_TRUE(GetParam().encoder({4})->encode(bytes_of("four"), stream));
    const auto encoder = GetParam().encoder({4});
    std::vector<std::byte> nothing;
    const auto refused = encoder->encode(bytes_of("fives"), nothing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::TooLong);
    EXPECT_TRUE(nothing.empty());

    const auto decoder = GetParam().decoder({3});
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
    ASSERT_TRUE(decoder->error());
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::TooLong, 0, 4}));
    EXPECT_EQ(decoder->at_end(), decoder->error());
}

std::vector<FramingInfo> with_boundaries() {
    std::vector<FramingInfo> out;
    for (const FramingInfo& info : framings())
        if (info.boundaries) out.push_back(info);
    return out;
}
INSTANTIATE_TEST_SUITE_P(All, BoundaryFraming, testing::ValuesIn(with_boundaries()),
                         [](const auto& one) { return std::string{one.param.name}; });

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
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::NegativeLength, 5, -1}));
    EXPECT_EQ(fault_text(*decoder->error()), "a negative length, -1, at byte 5 of the stream");
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
}

TEST(Len32, LittleEndianLengthBeyondTheLimitIsRefusedBeforeItsBodyComes) {
    const auto decoder = make_len32_decoder({});
    const auto stream = bytes_of(std::string("\xff\xff\xff\x7f", 4));
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::TooLong, 0, 2147483647}));
}

TEST(Len32, WhatWasFedWithoutDrainingIsKept) {
    const auto decoder = make_len32_decoder({});
    const auto stream = bytes_of(std::string("\1\0\0\0a\1\0\0\0b", 10));
    decoder->feed(ByteSpan{stream}.first(7));
    decoder->feed(ByteSpan{stream}.subspan(7));
    EXPECT_EQ(text_of(decoder->next()->content), "a");
    EXPECT_EQ(text_of(decoder->next()->content), "b");
    EXPECT_FALSE(decoder->next());
}

TEST(None, EachReadIsWhatItIs) {
    const auto decoder = make_none_decoder({});
    const auto stream = bytes_of("onetwo");
    const auto found = receive(*decoder, {ByteSpan{stream}.first(2), ByteSpan{stream}.subspan(2)});
    EXPECT_THAT(found,
                testing::ElementsAre(Found{{0, {0, 2}, {0, 2}}, "on"}, Found{{1, {2, 6}, {2, 6}}, "etwo"}));
    EXPECT_FALSE(decoder->at_end());
    std::vector<std::byte> out;
    EXPECT_EQ(make_none_encoder({})->encode(stream, out)->bytes, (ByteRange{0, 6}));
    EXPECT_EQ(text_of(out), "onetwo");
}

TEST(Framings, AreFoundByNameAndEachHasItsSentence) {
    for (const FramingInfo& info : framings()) {
        EXPECT_EQ(find_framing(info.name), &info);
        EXPECT_TRUE(info.sentence.ends_with('.')) << info.name;
    }
    EXPECT_EQ(find_framing("len33"), nullptr);
    EXPECT_FALSE(find_framing("none")->boundaries);
}

}  // namespace
}  // namespace synscope::framing
