#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

namespace {

struct Badge {
    std::string_view text;
    Ink ink;
    std::string_view meaning;
};

Badge badge_of(const Workspace& w) {
    if (w.feed().error)
        return {"STOPPED", Ink::Loss, "The stream could not be read to its end; what came before is shown."};
    if (w.paused())
        return {"PAUSED", Ink::Warning, "The picture stands still. Events are still being recorded."};
    if (w.feed().finished) return {"COMPLETE", Ink::Faint, "Everything there is has been read."};
    return {"LIVE", Ink::StateOpen, "The picture grows while packets come."};
}

void badge(const Canvas& canvas, const Badge& what) {
    ImFont* font = canvas.fonts().bold;
    const ImVec2 size = canvas.size(what.text, font);
    const ImVec2 pad{canvas.px(9), canvas.px(3)};
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 end{at.x + size.x + pad.x * 2 + canvas.px(14), at.y + size.y + pad.y * 2};
    list.AddRect(at, end, canvas.colour(what.ink), canvas.px(10), 0, canvas.px(1.5F));
    list.AddCircleFilled({at.x + pad.x + canvas.px(4), (at.y + end.y) / 2}, canvas.px(4),
                         canvas.colour(what.ink));
    canvas.draw_text(list, {at.x + pad.x + canvas.px(14), at.y + pad.y}, what.text, Ink::Text, font);
    ImGui::Dummy({end.x - at.x, end.y - at.y});
    if (ImGui::IsItemHovered()) canvas.tooltip(what.meaning);
}

struct Action {
    std::string label;
    std::string_view tooltip;
    model::Command command;
};

std::vector<Action> actions(const Workspace& w) {
    const auto percent = static_cast<long>(w.viewport().zoom * 100 + 0.5);
    const bool compressed = w.mode() == model::AxisMode::Compressed;
    std::vector<Action> all;
    if (!w.nothing_open()) {
        all.push_back(
            {w.paused() ? "Resume" : "Pause", "Space: stop the picture, or catch up", model::TogglePause{}});
        all.push_back({compressed ? "Time: pauses cut short" : "Time: to scale",
                       "l: show time to scale, or cut long pauses short", model::ToggleCompressed{}});
        all.push_back({"\u2212", "-: zoom out (or Ctrl and the wheel)", model::ZoomBy{1 / 1.22, {}}});
        all.push_back({concat(percent, "%"), "0: normal zoom", model::ZoomReset{}});
        all.push_back({"+", "+: zoom in (or Ctrl and the wheel)", model::ZoomBy{1.22, {}}});
    }
    all.push_back({concat("Theme: ", w.theme().name), "t: dark, light, projector", model::NextTheme{}});
    all.push_back({"Keys ?", "?: all keys", model::ToggleHelp{}});
    return all;
}

}  // namespace

void draw_top_bar(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    const auto buttons = actions(workspace);
    const ImGuiStyle& style = ImGui::GetStyle();
    float width = 0;
    for (const Action& action : buttons)
        width += canvas.size(action.label).x + style.FramePadding.x * 2 + style.ItemSpacing.x;
    const float middle = (ImGui::GetWindowHeight() - ImGui::GetFrameHeight()) / 2;
    const float margin = canvas.px(12);
    const float right = ImGui::GetWindowWidth() - width - margin + style.ItemSpacing.x;

    ImGui::SetCursorPos({margin, middle});
    if (!workspace.nothing_open()) {
        badge(canvas, badge_of(workspace));
        ImGui::SameLine();
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImFont* bold = canvas.fonts().bold;
    const float y = at.y + (ImGui::GetFrameHeight() - bold->FontSize) / 2;
    const std::string_view name =
        workspace.nothing_open() ? std::string_view("Synscope") : std::string_view(workspace.title());
    const float room = ImGui::GetWindowPos().x + right - at.x - canvas.px(16);
    canvas.draw_cut(list, {at.x, y}, room, name, Ink::Text, bold);
    std::string counted;
    if (!workspace.nothing_open()) {
        std::size_t packets = 0;
        for (const auto& connection : workspace.connections())
            packets += connection.segments.size();
        counted = concat(model::count_text(packets, "packet", "packets"), ", ",
                         model::count_text(workspace.connections().size(), "connection", "connections"));
        if (workspace.paused() && workspace.waiting_events() > 0)
            counted +=
                concat(", ", model::count_text(workspace.waiting_events(), "event waits", "events wait"));
    }
    const float used = canvas.size(name, bold).x + canvas.px(14);
    if (room - used > canvas.px(60))
        canvas.draw_cut(list,
                        {at.x + used, at.y + (ImGui::GetFrameHeight() - canvas.fonts().text->FontSize) / 2},
                        room - used, counted, Ink::Faint);

    ImGui::SetCursorPos({right, middle});
    for (const Action& action : buttons) {
        if (canvas.button(action.label, action.tooltip)) sink.push(action.command);
        ImGui::SameLine();
    }
}

}  // namespace synscope::view
