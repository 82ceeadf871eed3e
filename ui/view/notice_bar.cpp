// What a reader must know about the trace before the picture misleads: a bar across the window, until it is
// put away.
#include <algorithm>

#include "ui/view/panels.hpp"
#include "ui/view/places.hpp"

namespace synscope::view {

using model::Ink;

namespace {

constexpr std::string_view kDismiss = "\u00d7";
constexpr float kSide = 14;  ///< around the text, at scale 1
constexpr float kEdge = 7;

float text_width(const Canvas& canvas, float width) {
    return std::max(1.0F, width - canvas.px(kSide * 3) - canvas.size(kDismiss).x - canvas.px(16));
}

}  // namespace

float notice_px(const model::Workspace& workspace, const Canvas& canvas, float width) {
    if (workspace.notice().empty()) return 0;
    return canvas.size(workspace.notice(), nullptr, text_width(canvas, width)).y + canvas.px(kEdge * 2);
}

void draw_notice(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    const ImVec2 at = ImGui::GetWindowPos();
    const ImVec2 size{ImGui::GetWindowWidth(), ImGui::GetWindowHeight()};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(at, {at.x + size.x, at.y + size.y},
                       canvas.mixed(Ink::Background, Ink::Warning, 0.16F));
    list.AddRectFilled(at, {at.x + canvas.px(4), at.y + size.y}, canvas.colour(Ink::Warning));
    ImGui::SetCursorPos({canvas.px(kSide), canvas.px(kEdge)});
    ImGui::PushTextWrapPos(canvas.px(kSide) + text_width(canvas, size.x));
    canvas.text(workspace.notice());
    ImGui::PopTextWrapPos();
    ImGui::SetCursorPos(
        {size.x - canvas.px(kSide) - canvas.size(kDismiss).x - canvas.px(12), canvas.px(kEdge - 3)});
    if (canvas.button(kDismiss, "x: put this notice away")) sink.push(model::DismissNotice{});
}

}  // namespace synscope::view
