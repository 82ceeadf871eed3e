#include "ui/view/panels.hpp"

namespace synscope::view {

void draw_heading(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink,
                  model::Panel panel, std::string_view detail) {
    using model::Ink;
    std::string name(model::panel_name(panel));
    if (!name.empty()) name[0] = static_cast<char>(name[0] - 'a' + 'A');
    const bool focused = workspace.focus() == panel;
    const ImVec2 at = ImGui::GetWindowPos();
    const float width = ImGui::GetWindowWidth();
    const float height = canvas.px(canvas.theme().metrics.text_font + 12);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    // Up to the panel's edges: ImGui clips half its padding away.
    list.PushClipRect(at, {at.x + width, at.y + ImGui::GetWindowHeight()}, false);
    list.AddRectFilled(at, {at.x + width, at.y + height}, canvas.colour(Ink::Panel));
    ImFont* bold = canvas.fonts().bold;
    const float y = at.y + (height - bold->FontSize) / 2;
    const float left = at.x + canvas.px(12);
    canvas.draw_text(list, {left, y}, name, focused ? Ink::Text : Ink::Faint, bold);
    const float used = canvas.size(name, bold).x + canvas.px(24);
    ImFont* small = canvas.fonts().small;
    canvas.draw_cut(list, {at.x + used, at.y + (height - small->FontSize) / 2}, width - used - canvas.px(12),
                    detail, Ink::Faint, small);
    list.PopClipRect();
    ImGui::Dummy({1, height - canvas.px(4)});
    if (ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows) &&
        ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !focused)
        sink.push(model::FocusPanel{panel});
}

}  // namespace synscope::view
