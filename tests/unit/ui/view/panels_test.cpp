// Every panel drawn without a display, under the sanitizers: nothing open, nothing yet, one talk, and a
// hundred thousand packets; each selection, theme, size and overlay on the way.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/view/frame.hpp"

namespace synscope::view {
namespace {

using model::Workspace;
using model::test::MadeTrace;

class Panels : public ::testing::Test {
  protected:
    Panels() {
        ImGui::CreateContext();
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.DisplaySize = {1280, 720};
        io.DeltaTime = 1.0F / 60;
        ImFont* font = io.Fonts->AddFontDefault();
        io.Fonts->Build();
        io.Fonts->SetTexID(ImTextureID{});
        fonts_ = {font, font, font, font, font, font};
    }
    ~Panels() override { ImGui::DestroyContext(); }

    void frame(Workspace& workspace) {
        ImGui::NewFrame();
        const Canvas canvas(workspace.theme(), fonts_, glyphs_, 1);
        const ImVec2 screen = ImGui::GetIO().DisplaySize;
        const Places places = place_panels(workspace, canvas, screen.x, screen.y);
        const Place ladder = ladder_picture(places, canvas);
        workspace.lay_out(ladder.width, ladder.height, canvas.metrics());
        draw_frame(workspace, canvas, places, sink_);
        ImGui::Render();
        vertices_ = ImGui::GetDrawData()->TotalVtxCount;
        for (const auto& command : sink_.take())
            workspace.apply(command);
    }
    void frames(Workspace& workspace, int count = 3) {
        for (int i = 0; i < count; ++i)
            frame(workspace);
    }
    void mouse(float x, float y, bool down = false) {
        ImGui::GetIO().MousePos = {x, y};
        ImGui::GetIO().MouseDown[0] = down;
    }

    Fonts fonts_;
    GlyphSet glyphs_;
    model::CommandSink sink_;
    int vertices_ = 0;
};

TEST_F(Panels, DrawWithNothingOpen) {
    const MadeTrace empty;
    Workspace workspace(empty, {.title = ""});
    workspace.update({true, UserError{"no such file", "x\x1b[31m.pcap", "look again"}});
    frames(workspace);
    EXPECT_GT(vertices_, 500) << "the welcome is there";
    workspace.apply(model::ToggleHelp{});
    frames(workspace);
}

TEST_F(Panels, DrawBeforeTheFirstPacketAndAfterAnEmptyTrace) {
    const MadeTrace empty;
    Workspace workspace(empty, {.title = "demo"});
    workspace.update({});
    frames(workspace);
    workspace.update({true, {}});
    frames(workspace);
    EXPECT_EQ(workspace.selection(), model::Selection{});
}

TEST_F(Panels, DrawEveryItemOfATalkSelected) {
    MadeTrace trace;
    trace.actors();
    const auto end = model::test::add_talk(trace, 100, {});
    trace.next_connection();
    model::test::add_talk(trace, end + 5000, {.framed = true});
    Workspace workspace(trace, {.title = "demo"});
    workspace.update({true, {}});
    frames(workspace);
    workspace.apply(model::StepToEnd{false});
    std::optional<EventId> last;
    int items = 0;
    while (workspace.selection().event != last) {
        last = workspace.selection().event;
        frame(workspace);
        ASSERT_NE(workspace.inspector(), nullptr);
        EXPECT_FALSE(workspace.inspector()->head.line.empty()) << "event " << last->value;
        workspace.apply(model::StepToEnd{});
        workspace.apply(model::SelectEvent{*last});
        workspace.apply(model::Step{+1});
        ASSERT_LT(++items, 500) << "stepping goes in circles";
    }
    EXPECT_GT(items, 30);
}

TEST_F(Panels, DrawInEveryThemeSizeAndMode) {
    MadeTrace trace;
    trace.actors("a very long client name that fits nowhere", "\u670d\u52a1\u5668");
    model::test::add_talk(trace, 100, {.framed = true});
    Workspace workspace(trace, {.title = std::string(300, 'n')});
    workspace.update({});
    workspace.apply(model::StepToEnd{true});
    for (const ImVec2 size : {ImVec2{1280, 720}, ImVec2{640, 400}, ImVec2{3840, 2160}, ImVec2{1, 1}}) {
        ImGui::GetIO().DisplaySize = size;
        for (int i = 0; i < 6; ++i) {
            workspace.apply(model::NextTheme{});
            workspace.apply(model::ToggleCompressed{});
            workspace.apply(model::ZoomBy{1.5, {}});
            workspace.apply(model::ToggleHelp{});
            frames(workspace);
        }
    }
}

TEST_F(Panels, AClickOnAnArrowSelectsItsPacketAndAClickOnNothingClears) {
    MadeTrace trace;
    trace.actors();
    model::test::add_talk(trace, 100, {});
    Workspace workspace(trace, {.title = "demo"});
    workspace.update({true, {}});
    frames(workspace);
    workspace.apply(model::ScrollTo{0});
    frames(workspace);
    const Canvas canvas(workspace.theme(), fonts_, glyphs_, 1);
    const Place ladder = ladder_picture(place_panels(workspace, canvas, 1280, 720), canvas);
    const model::Arrow* arrow = nullptr;
    for (const auto& item : workspace.picture().items) {
        if (const auto* found = std::get_if<model::Arrow>(&item); found != nullptr && arrow == nullptr)
            arrow = found;
    }
    ASSERT_NE(arrow, nullptr);
    const EventId expected = arrow->event;
    const auto offset = static_cast<float>(workspace.viewport().top_px - workspace.picture().top);
    const float x = ladder.x + (arrow->from.x + arrow->to.x) / 2;
    const float y = ladder.y + (arrow->from.y + arrow->to.y) / 2 - offset;
    mouse(x, y);
    frames(workspace);
    mouse(x, y, true);
    frame(workspace);
    mouse(x, y);
    frames(workspace);
    EXPECT_EQ(workspace.selection().event, expected);
    // At the left edge, before the times, nothing is drawn.
    mouse(ladder.x + 2, y);
    frames(workspace);
    mouse(ladder.x + 2, y, true);
    frame(workspace);
    mouse(ladder.x + 2, y);
    frames(workspace);
    EXPECT_EQ(workspace.selection().event, std::nullopt);
}

TEST_F(Panels, TheWheelScrollsAndWithControlZoomsUnderTheCursor) {
    MadeTrace trace;
    trace.actors();
    for (int i = 0; i < 10; ++i) {
        model::test::add_talk(trace, 100 + i * 200'000, {});
        trace.next_connection();
    }
    Workspace workspace(trace, {.title = "demo"});
    workspace.update({true, {}});
    frames(workspace);
    workspace.apply(model::ScrollTo{2000});
    frames(workspace);
    mouse(600, 300);
    frames(workspace);
    ImGui::GetIO().MouseWheel = 1;
    frame(workspace);
    EXPECT_LT(workspace.viewport().top_px, 2000);
    EXPECT_EQ(workspace.viewport().zoom, 1);
    ImGui::GetIO().KeyCtrl = true;
    ImGui::GetIO().MouseWheel = 1;
    frame(workspace);
    ImGui::GetIO().KeyCtrl = false;
    EXPECT_GT(workspace.viewport().zoom, 1);
}

TEST_F(Panels, AHundredThousandPacketsCostPixelsNotEvents) {
    MadeTrace trace;
    trace.actors();
    model::test::add_handshake(trace, 100);
    std::int64_t seq = 1;
    for (int i = 0; i < 50'000; ++i, seq += 100) {
        trace.segment(1000 + i * 20, model::test::kC2s, model::test::kAck | model::test::kPsh, seq, 1, 100);
        trace.segment(1010 + i * 20, model::test::kS2c, model::test::kAck, 1, seq + 100);
    }
    Workspace workspace(trace, {.title = "huge"});
    workspace.update({true, {}});
    frames(workspace);
    EXPECT_GE(workspace.connections().front().segments.size(), 100'000u);
    EXPECT_LT(workspace.picture().items.size(), 5'000u);
    EXPECT_LT(workspace.picture().work, 50'000u);
    workspace.apply(model::ScrollTo{workspace.viewport().content_px / 2});
    frames(workspace);
    EXPECT_LT(workspace.picture().items.size(), 5'000u);
}

}  // namespace
}  // namespace synscope::view
