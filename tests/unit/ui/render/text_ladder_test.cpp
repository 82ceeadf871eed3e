#include "ui/render/text_ladder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/ui/model/made_trace.hpp"
#include "tests/unit/ui/render/golden.hpp"
#include "ui/model/ladder_text.hpp"
#include "ui/model/theme.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::render {
namespace {

using namespace model::test;
using testing::HasSubstr;
using testing::Not;

model::test::MadeTrace conversation() {
    MadeTrace t;
    t.actors();
    t.marker(50, "handshake");
    add_talk(t, 100, {.framed = true});
    return t;
}

std::string text(const MadeTrace& t, const TextLadderOptions& options) {
    model::TraceReader reader;
    reader.settle(t);
    return text_ladder(t, reader.tracker(), options);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

TEST(TextLadder, IsAsItWas) {
    expect_golden("ladder.txt", text(conversation(), {}));
}
TEST(TextLadder, IsAsItWasInAscii) {
    const std::string ascii = text(conversation(), {.width = 80, .ascii = true});
    for (const char c : ascii)
        EXPECT_TRUE((c >= ' ' && c < 0x7f) || c == '\n') << static_cast<int>(c);
    expect_golden("ladder_ascii.txt", ascii);
}

TEST(TextLadder, NoLineIsWiderThanAsked) {
    for (const int width : {80, 90, 100, 120, 160})
        for (const std::string& line : lines_of(text(conversation(), {.width = width})))
            EXPECT_LE(model::text_columns(line), static_cast<std::size_t>(width)) << line;
}

TEST(TextLadder, EachPacketIsOneLineInItsNotationWithItsDirection) {
    const MadeTrace t = conversation();
    model::TraceReader reader;
    reader.settle(t);
    const auto lines =
        lines_of(text_ladder(t, reader.tracker(), {.width = 160, .sentences = false, .legend = false}));
    std::size_t next = 0;
    for (const track::Segment& s : reader.tracker().connections()[0].segments) {
        const std::string notation = model::packet_text(t, s);
        while (next < lines.size() && lines[next].find(notation) == std::string::npos)
            ++next;
        ASSERT_LT(next, lines.size()) << notation;
        const bool right = s.direction == Direction::ClientToServer;
        EXPECT_THAT(lines[next], HasSubstr(right ? "▶" : "◀"));
        EXPECT_THAT(lines[next], Not(HasSubstr(right ? "◀" : "▶")));
        ++next;
    }
}

TEST(TextLadder, DatagramsAreArrowsAndALostRestIsSaid) {
    MadeTrace t;
    t.actors();
    t.name_datagram_client(10);
    t.captured_datagram(22, kC2s, 6);
    t.captured_datagram(40, kS2c, 5);
    t.call(50, 51, Side::Client, Syscall::Recvfrom, 3, 5, {0, 3});
    const std::string drawn = text(t, {.width = 120});
    EXPECT_THAT(drawn, HasSubstr("\u2500\u2500 UDP   client 127.0.0.1:41000 \u2192 server 127.0.0.1:7000 "));
    EXPECT_THAT(drawn, HasSubstr("\u2500 UDP, length 6 \u254c"));
    EXPECT_THAT(drawn, HasSubstr("\u254c UDP, length 5 \u2500"));
    EXPECT_THAT(drawn, HasSubstr("recvfrom(3) = 5, 2 bytes lost"));
    EXPECT_THAT(drawn, HasSubstr("the rest is gone for good"));
    EXPECT_THAT(text(t, {.width = 80}), HasSubstr(", 2 lost"));
    const std::string ascii = text(t, {.width = 80, .ascii = true});
    EXPECT_THAT(ascii, HasSubstr("- UDP, length 6 "));
    EXPECT_THAT(ascii, HasSubstr("...) = 5, 2 lost"));
}

TEST(TextLadder, ColourOnlyWhenAsked) {
    EXPECT_THAT(text(conversation(), {}), Not(HasSubstr("\x1b")));
    EXPECT_THAT(text(conversation(), {.colour = true}), HasSubstr("\x1b["));
}

TEST(TextLadder, HostileNamesAreHarmless) {
    MadeTrace t;
    t.actors("\x1b]0;owned\x07", "\xe2\x80\xaeserver");
    t.marker(50, "mark\x1b[2J\nnew line");
    add_talk(t, 100, {});
    const std::string out = text(t, {});
    EXPECT_THAT(out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(out, Not(HasSubstr("\x07")));
    EXPECT_THAT(out, Not(HasSubstr("\xe2\x80\xae")));
    EXPECT_THAT(out, Not(HasSubstr("\nnew line")));
    EXPECT_THAT(out, HasSubstr("mark\\x1b[2J\\x0anew line"));
}

TEST(TextLadder, AnEmptyTraceSaysSo) {
    const MadeTrace t;
    EXPECT_THAT(text(t, {}), HasSubstr("no TCP connection"));
}

TEST(TextLadder, PacketOfNoConnectionIsOneLineWithItsSenderAndItsFate) {
    MadeTrace t;
    t.actors("laptop");
    t.datagram(10);
    const PacketId lost = t.datagram(20);
    t.add(30, MadeTrace::kServer, PacketDropped{lost, DropReason::QueueFull});
    const std::string drawn = text(t, {.width = 140});
    EXPECT_THAT(drawn, HasSubstr("0.000000    laptop: UDP"));
    EXPECT_THAT(drawn, HasSubstr("lost: queue full"));
}

TEST(TextLadder, StoryIsAParagraphAndTroubleIsARule) {
    MadeTrace t = conversation();
    t.add(60, MadeTrace::kClient,
          Note{Severity::Info, t.intern("Once upon a time there was a segment that was lost.")});
    t.add(61, MadeTrace::kClient, Note{Severity::Warning, t.intern("trouble")});
    const std::string drawn = text(t, {.width = 80});
    EXPECT_THAT(drawn, HasSubstr("\n   Once upon a time there was a segment that was lost.\n"));
    EXPECT_THAT(drawn, HasSubstr(" note: trouble "));
}

TEST(TextLadder, WhereTheSimulatorSpeaksNobodyGuesses) {
    MadeTrace t = conversation();
    t.add(
        101, MadeTrace::kClient,
        TcpStateChanged{MadeTrace::kClientSocket, TcpState::Closed, TcpState::SynSent, Evidence::Simulator});
    const std::string drawn = text(t, {.width = 140});
    EXPECT_THAT(drawn, HasSubstr("SYN-SENT (simulator)"));
    EXPECT_THAT(drawn, Not(HasSubstr("SYN-SENT (inferred)")));
    EXPECT_THAT(drawn, HasSubstr("(inferred)")) << "of the other side nothing is known";
}

}  // namespace
}  // namespace synscope::render
