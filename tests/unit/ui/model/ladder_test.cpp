#include "ui/model/ladder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {
namespace {

using namespace test;

struct Drawn {
    TraceReader reader;
    Timeline timeline;
    Ladder ladder;
    LadderPicture picture;

    Drawn(const MadeTrace& t, LadderOptions options, std::optional<YRange> view = {})
        : timeline({}), ladder(options) {
        reader.settle(t);
        timeline.update(t, reader.tracker(), reader.generation());
        ladder.update(t, reader.tracker(), timeline);
        picture = ladder.layout(t, reader.tracker(), timeline, view.value_or(YRange{0, ladder.height()}));
    }
};

template <class Item>
std::vector<Item> all(const LadderPicture& picture) {
    std::vector<Item> found;
    for (const DrawItem& item : picture.items)
        if (const auto* one = std::get_if<Item>(&item)) found.push_back(*one);
    return found;
}

MadeTrace two_talks() {
    MadeTrace t;
    t.actors();
    t.marker(50, "handshake");
    const std::int64_t end = add_talk(t, 100, {});
    t.next_connection();
    add_talk(t, end + 5000, {.framed = true, .delayed_close = false});
    return t;
}

void expect_nothing_overlaps(const LadderPicture& picture) {
    std::vector<Box> boxes;
    for (const Label& label : all<Label>(picture)) {
        EXPECT_FALSE(label.text.empty());
        EXPECT_GE(label.box.x0, 0);
        EXPECT_LE(label.box.x1, picture.columns.width);
        const float columns = static_cast<float>(text_columns(label.text));
        EXPECT_LE(columns * 0.605F * 11, label.box.x1 - label.box.x0 + 1) << label.text;
        boxes.push_back(label.box);
    }
    for (const Band& band : all<Band>(picture))
        if (band.kind != BandKind::Drops) boxes.push_back(band.box);
    for (std::size_t i = 0; i < boxes.size(); ++i)
        for (std::size_t j = i + 1; j < boxes.size(); ++j)
            EXPECT_FALSE(boxes[i].overlaps(boxes[j])) << i << " and " << j << " at y " << boxes[i].y0;
}

TEST(Ladder, LabelsNeverOverlapAtAnyZoomOrWidth) {
    const MadeTrace t = two_talks();
    for (const AxisMode mode : {AxisMode::Compressed, AxisMode::Linear})
        for (const float width : {700.0F, 1280.0F, 1920.0F})
            for (const float zoom : {0.05F, 0.3F, 1.0F, 2.5F}) {
                SCOPED_TRACE(testing::Message() << "width " << width << " zoom " << zoom);
                LadderOptions options;
                options.width = width;
                options.zoom = zoom;
                options.mode = mode;
                expect_nothing_overlaps(Drawn(t, options).picture);
            }
}

TEST(Ladder, AtFullSizeEveryPacketHasItsArrowAndItsLabel) {
    const MadeTrace t = two_talks();
    const Drawn drawn(t, {});
    std::size_t packets = 0;
    for (const track::Connection& c : drawn.reader.tracker().connections())
        packets += c.segments.size();
    const auto arrows = all<Arrow>(drawn.picture);
    EXPECT_EQ(arrows.size(), packets);
    for (const Arrow& arrow : arrows) {
        EXPECT_EQ(arrow.count, 1U);
        const auto labels = all<Label>(drawn.picture);
        EXPECT_TRUE(std::any_of(labels.begin(), labels.end(),
                                [&](const Label& l) { return l.event == arrow.event; }));
    }
}

TEST(Ladder, ArrowsFallAndStandInTimeOrder) {
    const MadeTrace t = two_talks();
    const Drawn drawn(t, {});
    auto arrows = all<Arrow>(drawn.picture);
    for (const Arrow& a : arrows) {
        EXPECT_GT(a.to.y, a.from.y);
        const bool right = a.direction == Direction::ClientToServer;
        EXPECT_EQ(a.to.x > a.from.x, right);
    }
    std::sort(arrows.begin(), arrows.end(),
              [](const Arrow& a, const Arrow& b) { return a.from.y < b.from.y; });
    for (std::size_t i = 1; i < arrows.size(); ++i) {
        EXPECT_LE(t.event(arrows[i - 1].event).at, t.event(arrows[i].event).at);
        EXPECT_GE(arrows[i].from.y, arrows[i - 1].to.y) << "an arrow starts before the one before has landed";
    }
}

TEST(Ladder, ACaptureMeasuresOnlyOneEnd) {
    const MadeTrace t = two_talks();
    for (const Arrow& a : all<Arrow>(Drawn(t, {}).picture))
        EXPECT_NEAR(a.solid_until.x, (a.from.x + a.to.x) / 2, 0.5);
}

TEST(Ladder, AWireOfOursMeasuresBothEndsAndShowsLoss) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(100, kC2s, kSyn, 0, 0);
    t.add(20, MadeTrace::kCapture, PacketDropped{PacketId{0}, DropReason::Rule});
    t.add(150, MadeTrace::kCapture, PacketDelivered{PacketId{1}});
    const Drawn drawn(t, {});
    const auto arrows = all<Arrow>(drawn.picture);
    ASSERT_EQ(arrows.size(), 2U);
    EXPECT_TRUE(arrows[0].lost);
    EXPECT_LT(arrows[0].to.x, drawn.picture.columns.server_line - 20);
    EXPECT_FALSE(arrows[1].lost);
    EXPECT_TRUE(arrows[1].retransmission);
    EXPECT_EQ(arrows[1].solid_until.x, arrows[1].to.x);
}

TEST(Ladder, BusyIsABarWithItsReason) {
    const MadeTrace t = two_talks();
    const Drawn drawn(t, {});
    const auto bars = all<Bar>(drawn.picture);
    EXPECT_EQ(std::count_if(bars.begin(), bars.end(), [](const Bar& b) { return b.kind == BarKind::Busy; }),
              2);
    const auto labels = all<Label>(drawn.picture);
    EXPECT_TRUE(std::any_of(labels.begin(), labels.end(),
                            [](const Label& l) { return l.text == "busy 30.1 ms (server.busy)"; }));
}

TEST(Ladder, HitFindsTheArrowUnderThePointer) {
    const MadeTrace t = two_talks();
    const Drawn drawn(t, {});
    for (const Arrow& a : all<Arrow>(drawn.picture))
        EXPECT_EQ(hit(drawn.picture, {(a.from.x + a.to.x) / 2, (a.from.y + a.to.y) / 2}), a.event);
    EXPECT_EQ(hit(drawn.picture, {-100, -100}), std::nullopt);
}

TEST(Ladder, BarsReachIntoAViewFromAbove) {
    const MadeTrace t = two_talks();
    const Drawn whole(t, {});
    for (const Bar& bar : all<Bar>(whole.picture)) {
        if (bar.kind != BarKind::Busy) continue;
        const double middle = static_cast<double>(bar.box.y0 + bar.box.y1) / 2;
        const auto bars = all<Bar>(Drawn(t, {}, YRange{middle, middle + 2}).picture);
        EXPECT_TRUE(
            std::any_of(bars.begin(), bars.end(), [&](const Bar& b) { return b.event == bar.event; }));
    }
}

/// Packets only, as many as one likes, made on the fly.
MadeTrace many(std::size_t packets) {
    MadeTrace t;
    t.segment(0, kC2s, kSyn, 0, 0);
    t.segment(10, kS2c, kSyn | kAck, 0, 1);
    for (std::size_t i = 0; i + 2 < packets; ++i)
        t.segment(20 + static_cast<std::int64_t>(i) * 10, i % 2 == 0 ? kC2s : kS2c, kAck, 1, 1);
    return t;
}

TEST(Ladder, CostDependsOnPixelsNotOnEvents) {
    const MadeTrace small = many(2'000);
    const MadeTrace large = many(20'000);
    LadderOptions options;
    const std::size_t screen_small = Drawn(small, options, YRange{1000, 1720}).picture.work;
    const std::size_t screen_large = Drawn(large, options, YRange{1000, 1720}).picture.work;
    EXPECT_EQ(screen_small, screen_large);
    const Drawn one(large, options);
    options.zoom = static_cast<float>(700 / one.ladder.height());
    const Drawn folded(large, options, YRange{0, 720});
    EXPECT_LT(folded.picture.work, 3000U);
    std::size_t packets = 0;
    for (const Arrow& a : all<Arrow>(folded.picture))
        packets += a.count;
    EXPECT_EQ(packets, 20'000U);
}

TEST(LadderText, APacketGetsShorterByWhatTellsLeast) {
    const MadeTrace t = two_talks();
    const Drawn drawn(t, {});
    const auto& segments = drawn.reader.tracker().connections()[0].segments;
    const auto in = [&](std::size_t segment, std::size_t columns) {
        return packet_text(t, segments[segment], columns);
    };
    EXPECT_EQ(in(0, 200), packet_text(t, segments[0]));
    EXPECT_EQ(in(0, 37), "S 0:0(0) <mss 65495,sackOK,wscale 7>") << "a SYN is about its options";
    EXPECT_EQ(in(0, 30), "S <mss 65495,sackOK,wscale 7>");
    EXPECT_EQ(in(0, 22), "S <mss 65495,sackOK,\u2026>");
    EXPECT_EQ(in(0, 6), "S <\u2026>");
    const auto data = static_cast<std::size_t>(
        std::find_if(segments.begin(), segments.end(), [](const auto& s) { return s.length > 0; }) -
        segments.begin());
    EXPECT_EQ(in(data, 26), "P. 1:6(5) ack 1 win 65536");
    EXPECT_EQ(in(data, 20), "P. 1:6(5) ack 1");
    EXPECT_EQ(in(data, 10), "P. 1:6(5)");
    for (std::size_t columns = 0; columns < 100; ++columns)
        for (std::size_t i = 0; i < segments.size(); ++i)
            EXPECT_LE(text_columns(in(i, columns)), columns);
}

TEST(LadderText, WordsBesideALifelineGetShorterBeforeTheyAreCut) {
    EXPECT_EQ(side_text("SYN-RECEIVED (inferred)", 23), "SYN-RECEIVED (inferred)");
    EXPECT_EQ(side_text("SYN-RECEIVED (inferred)", 22), "SYN-RECEIVED (inf.)");
    EXPECT_EQ(side_text("SYN-RECEIVED (inferred)", 15), "SYN-RECEIVED");
    EXPECT_EQ(side_text("SYN-RECEIVED (inferred)", 5), "SYN-\u2026");
    EXPECT_EQ(side_text("busy 31.1 ms (server.busy)", 20), "busy 31.1 ms");
    EXPECT_EQ(side_text("recv() = 0 (end-of-file)", 20), "recv() = 0 (EOF)");
    EXPECT_EQ(side_text("accept() entered", 10), "accept()");
    EXPECT_EQ(side_text("finds message 1: 6 bytes", 16), "message 1: 6 B");
}

}  // namespace
}  // namespace synscope::model
