#include "net/framing/framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/framing/crash_test.hpp"
#include "tests/unit/net/framing/messages.hpp"

namespace synscope::framing {
namespace {

class BoundaryFraming : public testing::TestWithParam<FramingInfo> {
  protected:
    [[nodiscard]] std::size_t examples() const { return GetParam().examples.size(); }
};

TEST_P(BoundaryFraming, EveryCutOfAShortStreamGivesTheSameMessages) {
    constexpr std::size_t kShort = 15;
    Sample sample;
    for (std::size_t n = 1; n <= examples(); ++n)
        if (Sample longer = sample_of(GetParam(), n); longer.stream.size() <= kShort) sample = longer;
    if (sample.stream.empty()) GTEST_SKIP() << "its shortest message is too long for all 2^(n-1) cuts";
    for (std::uint32_t bits = 0; bits < (1u << (sample.stream.size() - 1)); ++bits) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = 1; at < sample.stream.size(); ++at)
            if ((bits >> (at - 1) & 1u) != 0) cuts.push_back(at);
        ASSERT_TRUE(decoder_is_right(GetParam(), sample, cuts)) << "cuts " << bits;
    }
}

TEST_P(BoundaryFraming, EveryOneAndTwoCutsOfTheWholeStreamGiveTheSameMessages) {
    const Sample sample = sample_of(GetParam(), examples());
    ASSERT_EQ(sample.places.size(), examples()) << "an example that it cannot carry";
    EXPECT_TRUE(decoder_is_right(GetParam(), sample, {}));
    for (std::size_t first = 1; first < sample.stream.size(); ++first)
        for (std::size_t second = first; second < sample.stream.size(); ++second) {
            const std::vector<std::size_t> cuts =
                second == first ? std::vector{first} : std::vector{first, second};
            ASSERT_TRUE(decoder_is_right(GetParam(), sample, cuts)) << first << ' ' << second;
        }
}

TEST_P(BoundaryFraming, OneByteAtATime) {
    const Sample sample = sample_of(GetParam(), examples());
    std::vector<std::size_t> cuts;
    for (std::size_t at = 1; at < sample.stream.size(); ++at)
        cuts.push_back(at);
    EXPECT_TRUE(decoder_is_right(GetParam(), sample, cuts));
}

TEST_P(BoundaryFraming, TheNaiveReaderIsRightOnlyWhenEveryReadIsAMessageByLuck) {
    const Sample sample = sample_of(GetParam(), 2);
    std::size_t right = naive_reader_is_right(sample, {}) ? 1 : 0;
    for (std::size_t at = 1; at < sample.stream.size(); ++at)
        right += naive_reader_is_right(sample, std::vector{at}) ? 1u : 0u;
    EXPECT_EQ(right, 1u);
    EXPECT_TRUE(
        naive_reader_is_right(sample, std::vector{static_cast<std::size_t>(sample.places[1].bytes.begin)}));
}

TEST_P(BoundaryFraming, AStreamThatEndsInsideAMessageIsTruncated) {
    const Sample sample = sample_of(GetParam(), 2);
    const Placed first = sample.places[0];
    for (std::size_t keep = first.bytes.end + 1; keep < sample.stream.size(); ++keep) {
        const auto decoder = GetParam().decoder({});
        EXPECT_EQ(receive(*decoder, {ByteSpan{sample.stream}.first(keep)}).size(), 1u);
        decoder->finish();
        EXPECT_FALSE(decoder->next());
        const auto error = decoder->at_end();
        ASSERT_TRUE(error) << keep;
        EXPECT_EQ(error->fault, Fault::Truncated);
        EXPECT_EQ(error->offset, first.bytes.end);
        EXPECT_EQ(error->length, static_cast<std::int64_t>(keep - first.bytes.end));
    }
}

TEST_P(BoundaryFraming, ABodyOverTheLimitIsRefusedByBothEnds) {
    if (GetParam().name == "http") GTEST_SKIP() << "what it is given is not the body alone";
    std::vector<std::byte> stream;
    const auto fits = GetParam().encoder({4});
    EXPECT_TRUE(fits->encode(bytes_of("four"), stream));
    if (fits->waiting()) fits->hear(Signal::GoAhead, stream);
    const auto encoder = GetParam().encoder({4});
    std::vector<std::byte> nothing;
    const auto refused = encoder->encode(bytes_of("fives"), nothing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::TooLong);
    EXPECT_TRUE(nothing.empty());

    const auto decoder = GetParam().decoder({3});
    EXPECT_TRUE(receive(*decoder, {stream}).empty());
    ASSERT_TRUE(decoder->error());
    EXPECT_EQ(*decoder->error(), (FrameError{Fault::TooLong, 0, 4, {}}));
    EXPECT_EQ(decoder->at_end(), decoder->error());
}

TEST_P(BoundaryFraming, AfterAnErrorNothingIsLookedAtAnyMore) {
    const auto decoder = GetParam().decoder({3});
    const auto feed_and_forget = [&](std::string_view text) {
        const auto bytes = bytes_of(text);
        decoder->feed(bytes);
        EXPECT_FALSE(decoder->next());
    };
    feed_and_forget(std::string(300'000, '\x7f'));
    ASSERT_TRUE(decoder->error());
    const FrameError first = *decoder->error();
    feed_and_forget("more");
    EXPECT_EQ(decoder->at_end(), first);
}

TEST_P(BoundaryFraming, WhatWasFedWithoutDrainingIsKept) {
    const Sample sample = sample_of(GetParam(), 2);
    const auto decoder = GetParam().decoder({});
    const std::size_t half = sample.stream.size() / 2;
    decoder->feed(ByteSpan{sample.stream}.first(half));
    decoder->feed(ByteSpan{sample.stream}.subspan(half));
    for (const std::string_view content : sample.contents)
        EXPECT_EQ(text_of(decoder->next()->content), content);
    EXPECT_FALSE(decoder->next());
}

std::vector<FramingInfo> with_boundaries() {
    std::vector<FramingInfo> out;
    for (const FramingInfo& info : framings())
        if (info.boundaries) out.push_back(info);
    for (const std::string_view declared :
         {"length:size=1", "length:offset=1,size=2,header=5,endian=big,includes_header", "delimiter:2d2d"})
        out.push_back(*framing_named(declared));
    return out;
}
INSTANTIATE_TEST_SUITE_P(All, BoundaryFraming, testing::ValuesIn(with_boundaries()), [](const auto& one) {
    return std::string{one.param.name} + (one.param.declared ? std::to_string(one.index) : std::string{});
});

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

TEST(CrashTest, IsAPictureThatNeedsNoColour) {
    const std::string plain = crash_test_text(*find_framing("len32"), false);
    EXPECT_EQ(plain,
              "framing len32: 2 messages, 10 bytes on the stream\n"
              "  message 0, bytes 0 to 5: \"hi\"\n"
              "  message 1, bytes 6 to 9: \"\"\n"
              "one cut, at each place in turn (. both messages right, X wrong):\n"
              "  stream      -----|---\n"
              "  naive       XXXXX.XXX\n"
              "  len32       .........\n"
              "2 messages cut into 2 reads: one recv = one message is right in 1 of 9 cuts, the len32 "
              "decoder in 9 of 9\n"
              "3 messages cut into 3 reads: one recv = one message is right in 1 of 120 cuts, the len32 "
              "decoder in 120 of "
              "120\n"
              "A read returns what has arrived, not what was sent together: only a reader that looks for the "
              "boundaries itself is right wherever the stream is cut.\n");
    const std::string coloured = crash_test_text(*find_framing("len32"), true);
    EXPECT_NE(coloured.find("\x1b[31mXXXXX\x1b[32m.\x1b[31mXXX\x1b[0m\n"), std::string::npos);
    EXPECT_EQ(crash_test_text(*find_framing("none"), false).find("framing none marks no boundaries"), 0u);
}

}  // namespace
}  // namespace synscope::framing
