#include "ui/model/workspace.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/ui/model/made_trace.hpp"

namespace synscope::model {
namespace {

using test::MadeTrace;

class WorkspaceTest : public ::testing::Test {
  protected:
    WorkspaceTest() { trace_.actors(); }
    void lay_out(Workspace& w) { w.lay_out(700, 400, w.theme().metrics); }

    MadeTrace trace_;
};

TEST_F(WorkspaceTest, PausedItStandsStillWhileEventsAreCountedAndCatchesUp) {
    Workspace w(trace_, {.title = "demo"});
    test::add_handshake(trace_, 100);
    ASSERT_TRUE(w.update({}));
    const std::size_t shown = w.shown_events();
    w.apply(TogglePause{});
    trace_.segment(500, test::kC2s, test::kPsh | test::kAck, 1, 1, 10);
    EXPECT_FALSE(w.update({}));
    EXPECT_EQ(w.shown_events(), shown);
    EXPECT_EQ(w.waiting_events(), 1u);
    w.apply(TogglePause{});
    EXPECT_TRUE(w.update({}));
    EXPECT_EQ(w.waiting_events(), 0u);
    EXPECT_FALSE(w.update({})) << "nothing new, nothing to draw";
}

TEST_F(WorkspaceTest, SteppingVisitsEachItemOnceInBothDirections) {
    test::add_talk(trace_, 100, {.framed = true});
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    lay_out(w);
    std::vector<EventId> down;
    w.apply(StepToEnd{false});
    do {
        down.push_back(*w.selection().event);
        w.apply(Step{+1});
    } while (*w.selection().event != down.back() && down.size() < 500);
    EXPECT_EQ(std::set<EventId>(down.begin(), down.end()).size(), down.size());
    EXPECT_GT(down.size(), 25u);
    for (std::size_t i = down.size(); i-- > 0; w.apply(Step{-1}))
        EXPECT_EQ(*w.selection().event, down[i]);
}

TEST_F(WorkspaceTest, WhatIsSelectedComesIntoView) {
    for (int i = 0; i < 8; ++i) {
        test::add_talk(trace_, 100 + i * 200'000, {});
        trace_.next_connection();
    }
    Workspace w(trace_, {.title = "demo", .follow = false});
    w.update({true, {}});
    lay_out(w);
    EXPECT_EQ(w.viewport().top_px, 0) << "a file is shown from its beginning";
    w.apply(StepToEnd{true});
    lay_out(w);
    EXPECT_TRUE(w.viewport().at_end());
    w.apply(StepToEnd{false});
    lay_out(w);
    EXPECT_EQ(w.viewport().top_px, 0);
}

TEST_F(WorkspaceTest, TheMiddleStaysWhenTheThemeChangesEverySize) {
    for (int i = 0; i < 8; ++i) {
        test::add_talk(trace_, 100 + i * 200'000, {});
        trace_.next_connection();
    }
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    lay_out(w);
    w.apply(ScrollTo{w.viewport().content_px / 2});
    lay_out(w);
    const auto before = w.visible();
    w.apply(NextTheme{});
    w.apply(NextTheme{});
    lay_out(w);
    const auto after = w.visible();
    ASSERT_TRUE(before && after);
    EXPECT_LT(before->from, after->to);
    EXPECT_LT(after->from, before->to);
}

TEST_F(WorkspaceTest, EscapeGoesBackOneStepAtATime) {
    test::add_talk(trace_, 100, {});
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    lay_out(w);
    w.apply(StepToEnd{false});
    w.apply(Activate{});
    w.apply(ToggleHelp{});
    EXPECT_EQ(w.focus(), Panel::Inspector);
    w.apply(Back{});
    EXPECT_FALSE(w.help_open());
    EXPECT_EQ(w.focus(), Panel::Inspector);
    w.apply(Back{});
    EXPECT_EQ(w.focus(), Panel::Ladder);
    EXPECT_TRUE(w.selection().event.has_value());
    w.apply(Back{});
    EXPECT_FALSE(w.selection().event.has_value());
    EXPECT_EQ(w.inspector(), nullptr);
}

TEST_F(WorkspaceTest, ASentenceLeadsToItsPacket) {
    test::add_talk(trace_, 100, {});
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    lay_out(w);
    ASSERT_FALSE(w.sentences().empty());
    w.apply(SelectSentence{0});
    EXPECT_EQ(w.sentence(), 0u);
    EXPECT_EQ(w.selection().event, w.sentences()[0].events.front());
    w.apply(SelectSentence{9999});
    EXPECT_EQ(w.sentence(), 0u) << "there is no such sentence";
}

TEST_F(WorkspaceTest, OneConnectionAloneAndAllAgain) {
    auto now = test::add_talk(trace_, 100, {});
    trace_.next_connection();
    test::add_talk(trace_, now + 5000, {});
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    lay_out(w);
    const std::size_t all = w.sentences().size();
    w.apply(FocusPanel{Panel::Connections});
    w.apply(StepToEnd{true});
    EXPECT_EQ(w.selection().connection, ConnectionId{1});
    lay_out(w);
    EXPECT_LT(w.sentences().size(), all);
    for (const auto& row : w.timeline().rows())
        EXPECT_TRUE(!row.connection || *row.connection == ConnectionId{1});
    w.apply(SelectConnection{ConnectionId{77}});
    EXPECT_EQ(w.selection().connection, ConnectionId{1});
    w.apply(Step{-5});
    EXPECT_EQ(w.selection().connection, std::nullopt);
}

TEST_F(WorkspaceTest, CommandsAboutWhatIsNotThereDoNothing) {
    Workspace w(trace_, {.title = "demo"});
    w.update({});
    for (const Command& command : {Command{SelectEvent{EventId{12345}}}, Command{Step{1}},
                                   Command{StepToEnd{true}}, Command{Activate{}}, Command{SelectField{3}},
                                   Command{SelectByte{3}}, Command{ZoomBy{-1, {}}}, Command{FollowEnd{}}}) {
        w.apply(command);
        lay_out(w);
    }
    EXPECT_FALSE(w.selection().event.has_value());
}

TEST_F(WorkspaceTest, ANoticeStaysUntilItIsPutAway) {
    Workspace w(trace_, {.title = "s.pcapng"});
    w.update({});
    EXPECT_EQ(w.notice(), "");
    EXPECT_TRUE(w.update({true, {}, "another program dropped its events"})) << "it is to be drawn";
    EXPECT_EQ(w.notice(), "another program dropped its events");
    w.apply(Back{});
    EXPECT_NE(w.notice(), "") << "Escape is for the selection";
    w.apply(*command_for({.key = Key::Character, .character = U'x'}));
    EXPECT_EQ(w.notice(), "");
    w.update({true, {}, "another program dropped its events"});
    EXPECT_EQ(w.notice(), "") << "for good";
}

TEST_F(WorkspaceTest, WithNothingSelectedThereIsAnOverviewOfWhatIsShown) {
    test::add_talk(trace_, 100, {});
    Workspace w(trace_, {.title = "demo"});
    w.update({true, {}});
    ASSERT_FALSE(w.overview_rows().empty());
    EXPECT_EQ(w.overview_rows().front().name, "this trace");
    w.apply(SelectConnection{ConnectionId{0}});
    EXPECT_EQ(w.overview_rows().front().name, "connection 0");
}

}  // namespace
}  // namespace synscope::model
