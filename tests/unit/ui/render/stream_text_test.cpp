#include "ui/render/stream_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::render {
namespace {

constexpr Direction kC2s = Direction::ClientToServer;
constexpr Direction kS2c = Direction::ServerToClient;

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

class StreamLines : public testing::Test {
  protected:
    void say(Direction direction, std::uint64_t offset, std::string_view text) {
        lines.bytes(direction, offset, bytes_of(text), out);
    }
    std::string all() {
        lines.flush(out);
        return out;
    }
    StreamText lines;
    std::string out;
};

TEST_F(StreamLines, ALineOfTheStreamIsALine) {
    say(kC2s, 0, "GET / HTTP/1.1\r\nHo");
    say(kC2s, 18, "st: a\r\n");
    EXPECT_EQ(all(), "c2s        0  GET / HTTP/1.1\\x0d\\x0a\nc2s       16  Host: a\\x0d\\x0a\n");
}

TEST_F(StreamLines, WhenTheOtherSideSpeaksANewLineBegins) {
    say(kC2s, 0, "pi");
    say(kS2c, 0, "220 ready\n");
    say(kC2s, 2, "ng");
    EXPECT_EQ(all(), "c2s        0  pi\ns2c        0  220 ready\\x0a\nc2s        2  ng\n");
}

TEST_F(StreamLines, BytesBehindAGapBeginALine) {
    say(kC2s, 0, "ab");
    say(kC2s, 10, "cd");
    EXPECT_EQ(all(), "c2s        0  ab\nc2s       10  cd\n");
}

TEST_F(StreamLines, NoByteReachesATerminalThatCouldActOnIt) {
    say(kC2s, 0, "\x1b[31m\xe2\x80\xae\xff\\");
    EXPECT_EQ(all(), "c2s        0  \\x1b[31m\\u{202e}\\xff\\\\\n");
}

TEST_F(StreamLines, LongLinesAreCutBetweenCharacters) {
    std::string text(StreamText::kLineBytes - 1, 'a');
    text += "\xe4\xbd\xa0\xe5\xa5\xbd";  // two characters of three bytes
    for (std::size_t i = 0; i < text.size(); ++i)
        say(kC2s, i, std::string_view{text}.substr(i, 1));
    EXPECT_EQ(all(), concat("c2s        0  ", std::string(StreamText::kLineBytes - 1, 'a'), "\nc2s ",
                            Padded{StreamText::kLineBytes - 1, 8}, "  \xe4\xbd\xa0\xe5\xa5\xbd\n"));
}

TEST_F(StreamLines, BytesThatAreNoTextAreCutToo) {
    say(kC2s, 0, std::string(StreamText::kLineBytes * 3, '\x80'));
    const std::string text = all();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(StreamText, AMessageIsARow) {
    std::string out;
    append_message(out, kS2c, 3, 40, bytes_of("a\tb\n"));
    EXPECT_EQ(out, "s2c\t3\t40\t4\ta\\x09b\\x0a\n");
}

TEST(StreamText, GapsAndConflictsAreSentences) {
    EXPECT_EQ(gap_text({{3, 4}, track::GapReason::NotCaptured}),
              "1 byte missing at offset 3: cut off by the snap length");
    EXPECT_EQ(notice_text({track::StreamOddity::Conflict, {5, 9}, 2}),
              "sent again with other bytes at offset 5: 2 of 4 bytes differ; the first ones stand");
}

}  // namespace
}  // namespace synscope::render
