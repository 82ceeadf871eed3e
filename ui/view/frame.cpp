#include "ui/view/frame.hpp"

#include <optional>

namespace synscope::view {

using model::Ink;

namespace {

using Draw = void (*)(const model::Workspace&, const Canvas&, model::CommandSink&);

struct Drawer {
    const model::Workspace& workspace;
    const Canvas& canvas;
    model::CommandSink& sink;

    void panel(const char* name, const Place& place, Draw draw, bool padded,
               std::optional<model::Panel> self = {}) const {
        ImGui::SetCursorPos({place.x, place.y});
        ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding,
                            padded ? ImVec2(canvas.px(8), canvas.px(8)) : ImVec2(0, 0));
        const ImGuiWindowFlags flags = ImGuiWindowFlags_AlwaysUseWindowPadding |
                                       ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
        if (ImGui::BeginChild(name, {std::max(1.0F, place.width), std::max(1.0F, place.height)}, false,
                              flags)) {
            ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
            draw(workspace, canvas, sink);
            ImGui::PopStyleVar();
            if (self && workspace.focus() == *self) focus_line(place);
        }
        ImGui::EndChild();
        ImGui::PopStyleVar();
    }

    /// The panel that has the keyboard gets a line along its upper edge.
    void focus_line(const Place& place) const {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const ImVec2 end{place.x + place.width, place.y + canvas.px(2)};
        list.PushClipRect({place.x, place.y}, end, false);
        list.AddRectFilled({place.x, place.y}, end, canvas.colour(Ink::Selection));
        list.PopClipRect();
    }

    void split(const SplitLine& line) const {
        const Place& g = line.grip;
        if (g.width < 1 || g.height < 1) return;
        ImGui::SetCursorPos({g.x, g.y});
        ImGui::PushID(static_cast<int>(line.split));
        ImGui::InvisibleButton("split", {g.width, g.height});
        const bool active = ImGui::IsItemActive();
        const bool hot = active || ImGui::IsItemHovered();
        if (hot) ImGui::SetMouseCursor(line.upright ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
        if (active && line.to > line.from) {
            const ImVec2 mouse = ImGui::GetIO().MousePos;
            const float along = line.upright ? mouse.x : mouse.y;
            sink.push(model::MoveSplit{line.split,
                                       static_cast<double>((along - line.from) / (line.to - line.from))});
        }
        const ImU32 colour = canvas.mixed(Ink::Background, Ink::Text, hot ? 0.55F : 0.20F);
        const float x = g.x + g.width / 2;
        const float y = g.y + g.height / 2;
        ImDrawList& list = *ImGui::GetWindowDrawList();
        if (line.upright)
            list.AddLine({x, g.y}, {x, g.y + g.height}, colour, canvas.px(1));
        else
            list.AddLine({g.x, y}, {g.x + g.width, y}, colour, canvas.px(1));
        ImGui::PopID();
    }
};

}  // namespace

void draw_frame(const model::Workspace& workspace, const Canvas& canvas, const Places& places,
                model::CommandSink& sink) {
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(screen);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    const WithFont font(canvas.fonts().text);
    ImGui::Begin("Synscope", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav);
    ImGui::PopStyleVar();
    const Drawer drawer{workspace, canvas, sink};
    drawer.panel("top", places.top, draw_top_bar, true);
    if (workspace.nothing_open()) {
        const float height = screen.y - places.top.height - places.status.height;
        drawer.panel("welcome", {0, places.top.height, screen.x, height}, draw_welcome, false);
    } else {
        if (places.notice.height > 0) drawer.panel("notice", places.notice, draw_notice, false);
        for (const SplitLine& line : places.lines)
            drawer.split(line);
        drawer.panel("connections", places.connections, draw_connections, true, model::Panel::Connections);
        drawer.panel("ladder", places.ladder, draw_ladder, false, model::Panel::Ladder);
        drawer.panel("sentences", places.sentences, draw_sentences, true, model::Panel::Sentences);
        drawer.panel("inspector", places.inspector, draw_inspector, true, model::Panel::Inspector);
    }
    drawer.panel("status", places.status, draw_status, false);
    ImGui::End();
    draw_help(workspace, canvas, sink);
}

}  // namespace synscope::view
