#include <algorithm>

#include "net/base/text.hpp"
#include "ui/view/ladder_items.hpp"
#include "ui/view/panels.hpp"
#include "ui/view/places.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

namespace {

/// Who stands left and who right; stays in place while the picture scrolls.
void heading(const Workspace& workspace, const Canvas& canvas, ImVec2 corner) {
    const auto& picture = workspace.picture();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float height = ladder_heading_px(canvas);
    list.AddRectFilled(corner, {corner.x + ImGui::GetWindowWidth(), corner.y + height},
                       canvas.colour(Ink::Panel));
    const auto title = [&](const std::string& text, float line_x) {
        ImFont* font = canvas.fonts().bold;
        const float width = canvas.size(text, font).x;
        const float x =
            std::clamp(corner.x + line_x - width / 2, corner.x + canvas.px(4),
                       std::max(corner.x + canvas.px(4), corner.x + picture.columns.width - width));
        canvas.draw_text(list, {x, corner.y + (height - font->FontSize) / 2}, text, Ink::Text, font);
    };
    if (picture.items.empty()) return;
    title(picture.client_title, picture.columns.client_line);
    title(picture.server_title, picture.columns.server_line);
    ImFont* small = canvas.fonts().small;
    canvas.draw_text(list, {corner.x + canvas.px(6), corner.y + (height - small->FontSize) / 2}, "seconds",
                     Ink::Faint, small);
}

void scrollbar(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink, ImVec2 corner,
               ImVec2 size) {
    const auto& view = workspace.viewport();
    if (view.limit_px() <= 0) return;
    const float width = canvas.px(kScrollbar);
    ImGui::SetCursorScreenPos({corner.x + size.x - width, corner.y});
    ImGui::InvisibleButton("scrollbar", {width, size.y});
    const double shown = std::max(view.height_px / view.content_px, 0.04);
    const auto length = static_cast<float>(shown) * size.y;
    const float travel = std::max(size.y - length, 1.0F);
    const float top = corner.y + static_cast<float>(view.top_px / view.limit_px()) * travel;
    const bool held = ImGui::IsItemActive();
    if (held) {
        const float wanted = ImGui::GetIO().MousePos.y - corner.y - length / 2;
        sink.push(
            model::ScrollTo{static_cast<double>(std::clamp(wanted / travel, 0.0F, 1.0F)) * view.limit_px()});
    }
    const float strong = held ? 0.5F : ImGui::IsItemHovered() ? 0.38F : 0.25F;
    ImGui::GetWindowDrawList()->AddRectFilled({corner.x + size.x - width + canvas.px(2), top},
                                              {corner.x + size.x - canvas.px(2), top + length},
                                              canvas.mixed(Ink::Background, Ink::Text, strong), canvas.px(4));
}

void wheel(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink, float y) {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel == 0) return;
    constexpr double kZoomPerNotch = 1.18;
    constexpr double kRowsPerNotch = 3;
    if (io.KeyCtrl) {
        const double factor = io.MouseWheel > 0 ? kZoomPerNotch : 1 / kZoomPerNotch;
        sink.push(model::ZoomBy{factor, static_cast<double>(y)});
        return;
    }
    const double row = static_cast<double>(canvas.px(canvas.theme().metrics.label_font)) * 1.6;
    sink.push(model::ScrollBy{-static_cast<double>(io.MouseWheel) * kRowsPerNotch * row});
    (void)workspace;
}

void tooltip(const Workspace& workspace, const Canvas& canvas, EventId event) {
    const model::Explanation text = workspace.explain_event(event);
    canvas.begin_tooltip();
    canvas.text(text.line, Ink::Text, canvas.fonts().mono);
    if (!text.sentence.empty()) canvas.text(text.sentence);
    if (!text.rule.empty()) canvas.text(text.rule, Ink::Faint, canvas.fonts().small);
    canvas.end_tooltip();
}

void nothing_yet(const Workspace& workspace, const Canvas& canvas, ImVec2 corner, ImVec2 size) {
    const std::string_view text = workspace.feed().finished
                                      ? "This trace holds no TCP packets and no system calls."
                                      : "Waiting for the first packet\u2026";
    const ImVec2 extent = canvas.size(text);
    canvas.draw_text(*ImGui::GetWindowDrawList(),
                     {corner.x + (size.x - extent.x) / 2, corner.y + size.y * 0.4F}, text, Ink::Faint);
}

}  // namespace

void draw_ladder(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    const ImVec2 window = ImGui::GetWindowPos();
    const float head = ladder_heading_px(canvas);
    const ImVec2 corner{window.x, window.y + head};
    const ImVec2 size{ImGui::GetWindowWidth(), std::max(1.0F, ImGui::GetWindowHeight() - head)};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto& picture = workspace.picture();
    const auto offset = static_cast<float>(workspace.viewport().top_px - picture.top);
    list.PushClipRect(corner, {corner.x + size.x, corner.y + size.y}, true);
    const LadderPainter painter{canvas, list, {corner.x, corner.y - offset}, workspace.selection().event};
    for (const model::DrawItem& item : picture.items)
        std::visit(painter, item);
    list.PopClipRect();
    heading(workspace, canvas, window);
    if (workspace.timeline().rows().empty()) nothing_yet(workspace, canvas, corner, size);

    scrollbar(workspace, canvas, sink, corner, size);
    ImGui::SetCursorScreenPos(corner);
    ImGui::InvisibleButton("picture", {std::max(1.0F, size.x - canvas.px(kScrollbar)), size.y});
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const bool over = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
    if (over) wheel(workspace, canvas, sink, mouse.y - corner.y);
    if (!ImGui::IsItemHovered()) return;
    const auto event = workspace.event_at(mouse.x - corner.x, mouse.y - corner.y);
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
        sink.push(model::FocusPanel{model::Panel::Ladder});
        if (event)
            sink.push(model::SelectEvent{*event});
        else
            sink.push(model::ClearSelection{});
    }
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, canvas.px(6)) ||
        ImGui::IsMouseDragging(ImGuiMouseButton_Middle))
        sink.push(model::ScrollBy{-static_cast<double>(ImGui::GetIO().MouseDelta.y)});
    else if (event)
        tooltip(workspace, canvas, *event);
}

}  // namespace synscope::view
