#include "ui/model/inspector.hpp"

#include <gtest/gtest.h>

#include "net/base/armed.hpp"
#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/ladder_text.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {
namespace {

using test::MadeTrace;

class InspectorOfATalk : public ::testing::Test {
  protected:
    InspectorOfATalk() {
        trace_.actors();
        test::add_talk(trace_, 100, {});
        reader_.update(trace_);
    }
    [[nodiscard]] const track::Connection& talk() const { return reader_.tracker().connections().front(); }
    [[nodiscard]] Inspector of(EventId event) const {
        return inspect(trace_, reader_.tracker(), event, MadeTrace::at(0));
    }
    [[nodiscard]] Inspector of_call(Syscall call, bool writes) const {
        for (const auto& each : talk().calls) {
            if (each.call == call && each.writes == writes) return of(each.entered);
        }
        return {};
    }
    static std::vector<std::string> values(const Inspector& inspector, std::string_view name) {
        std::vector<std::string> found;
        for (const auto& row : inspector.rows) {
            if (row.name == name) found.push_back(row.value);
        }
        return found;
    }

    MadeTrace trace_;
    TraceReader reader_;
};

TEST_F(InspectorOfATalk, ASegmentSaysWhichCallWroteItsBytesAndWhichReadThem) {
    const track::Segment* data = nullptr;
    for (const auto& segment : talk().segments) {
        if (segment.length == 6) data = &segment;
    }
    ASSERT_NE(data, nullptr);
    const Inspector inspector = of(data->event);
    const auto written = values(inspector, "Written by");
    ASSERT_EQ(written.size(), 1u);
    EXPECT_NE(written[0].find("send() of the client, bytes 5 to 10"), std::string::npos) << written[0];
    const auto read = values(inspector, "Read by");
    ASSERT_EQ(read.size(), 1u);
    EXPECT_NE(read[0].find("recv() of the server, bytes 0 to 10"), std::string::npos) << read[0];
    for (const auto& row : inspector.rows) {
        if (row.kind == InspectorRowKind::Link) {
            ASSERT_TRUE(row.link.has_value());
            EXPECT_LT(row.link->value, trace_.size());
        }
    }
}

TEST_F(InspectorOfATalk, FieldsAndBytesPointAtEachOther) {
    const Inspector inspector = of(talk().segments.front().event);
    ASSERT_EQ(inspector.bytes.size(), inspector.original_length);
    for (std::size_t offset = 0; offset < inspector.bytes.size(); ++offset) {
        const auto row = row_at(inspector, offset);
        ASSERT_TRUE(row.has_value()) << "no field holds byte " << offset;
        EXPECT_TRUE(inspector.rows[*row].bytes->contains(offset));
        for (const auto& other : inspector.rows) {
            if (other.bytes && other.bytes->contains(offset)) {
                EXPECT_LE(inspector.rows[*row].bytes->size(), other.bytes->size())
                    << "not the innermost at " << offset;
            }
        }
    }
    EXPECT_FALSE(row_at(inspector, inspector.bytes.size()).has_value());
}

TEST_F(InspectorOfATalk, AReadSaysThatSeveralWritesCameOutOfIt) {
    const Inspector inspector = of_call(Syscall::Recv, false);
    EXPECT_EQ(values(inspector, "Result"), std::vector<std::string>{"11"});
    EXPECT_EQ(values(inspector, "Written by").size(), 2u);
    EXPECT_EQ(values(inspector, "Carried by").size(), 2u);
}

TEST_F(InspectorOfATalk, EitherEndOfACallShowsTheWholeCall) {
    const auto& call = talk().calls.front();
    const Inspector begin = of(call.entered);
    const Inspector end = of(call.returned);
    EXPECT_EQ(begin.head.line, end.head.line);
    EXPECT_EQ(begin.rows.size(), end.rows.size());
}

TEST_F(InspectorOfATalk, TheHandshakeIsExplainedByWhatEachSegmentDoes) {
    const auto sentence = [&](std::size_t i) { return explain_segment(trace_, talk(), i).sentence; };
    EXPECT_NE(sentence(0).find("asks to open a connection"), std::string::npos) << sentence(0);
    EXPECT_NE(sentence(1).find("accepts"), std::string::npos) << sentence(1);
    EXPECT_NE(sentence(2).find("confirms the server's SYN"), std::string::npos) << sentence(2);
    EXPECT_NE(sentence(2).find("open both ways"), std::string::npos) << sentence(2);
}

TEST_F(InspectorOfATalk, TheLastAckConfirmsTheFin) {
    const auto last = explain_segment(trace_, talk(), talk().segments.size() - 1);
    EXPECT_NE(last.sentence.find("confirms the server's FIN"), std::string::npos) << last.sentence;
    EXPECT_EQ(last.sentence.find("bytes"), last.sentence.find("bytes of its own"))
        << "a FIN is not a byte: " << last.sentence;
}

TEST(Inspector, AFailedCallNamesItsErrno) {
    MadeTrace trace;
    trace.actors();
    test::add_handshake(trace, 100);
    const EventId entered = trace.enter(300, Side::Client, Syscall::Recv, 1024);
    trace.leave(302, Side::Client, entered, -1, {}, 11);
    TraceReader reader;
    reader.update(trace);
    const Inspector inspector = inspect(trace, reader.tracker(), entered, MadeTrace::at(0));
    EXPECT_EQ(inspector.head.line, "recv() = -1 EAGAIN");
    EXPECT_NE(inspector.head.sentence.find("nothing was there"), std::string::npos)
        << inspector.head.sentence;
}

TEST(Inspector, TextFromATraceIsEscaped) {
    MadeTrace trace;
    trace.actors();
    const EventId note =
        trace.add(10, MadeTrace::kClient, Note{Severity::Info, trace.intern("a\x1b[31mb\u202e")});
    TraceReader reader;
    reader.update(trace);
    const std::string line = inspect(trace, reader.tracker(), note, MadeTrace::at(0)).head.line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find("\u202e"), std::string::npos);
    EXPECT_NE(line.find("[31mb"), std::string::npos) << line;
}

TEST(Inspector, ThatTheCaptureIsArmedIsSaidInWords) {
    MadeTrace trace;
    trace.actors();
    const EventId note =
        trace.add(10, MadeTrace::kClient, Note{Severity::Info, trace.intern(std::string{kArmedNote})});
    TraceReader reader;
    reader.update(trace);
    const std::string said = "the capture listens: no packet from here on is missed";
    EXPECT_EQ(marker_text(trace, note), said);
    EXPECT_EQ(inspect(trace, reader.tracker(), note, MadeTrace::at(0)).head.line, said);
}

TEST(Explain, CountsAndRangesReadWell) {
    EXPECT_EQ(bytes_text({0, 0}), "no bytes");
    EXPECT_EQ(bytes_text({7, 8}), "byte 7");
    EXPECT_EQ(bytes_text({0, 5}), "bytes 0 to 4");
    EXPECT_EQ(count_text(1, "byte", "bytes"), "1 byte");
    EXPECT_EQ(count_text(0, "byte", "bytes"), "0 bytes");
}

}  // namespace
}  // namespace synscope::model
