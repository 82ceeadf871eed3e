#include <algorithm>

#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

namespace {

struct Entry {
    std::string first;
    std::string rest;  ///< what comes behind `first`, on the same line where there is room
    std::string second;
    bool chosen = false;
    std::optional<Ink> mark;
};

Entry entry_of(const Workspace& workspace, std::size_t index) {
    const auto& all = workspace.connections();
    if (index == 0) {
        std::size_t packets = 0;
        for (const auto& connection : all)
            packets += connection.segments.size();
        return {"All connections",
                {},
                model::count_text(packets, "packet", "packets"),
                !workspace.selection().connection,
                {}};
    }
    const track::Connection& c = all[index - 1];
    return {concat(c.id.value, "  ", c.client.text()), concat("\u2192 ", c.server.text()),
            concat(model::count_text(c.segments.size(), "packet", "packets"), " in ",
                   duration_text(c.last_at - c.first_at)),
            workspace.selection().connection == c.id, model::connection_ink(c.id.value)};
}

/// All rows are alike, as the clipper needs: where addresses are too long for one line each row has one more.
struct RowShape {
    bool two_lines = false;
    float height = 0;
};

RowShape shape_for(const Canvas& canvas, float width) {
    constexpr std::string_view kUsual = "00  127.0.0.1:40000 \u2192 127.0.0.1:40000";
    const float text = canvas.fonts().text->FontSize;
    RowShape shape;
    shape.two_lines = canvas.size(kUsual).x > width - canvas.px(20);
    shape.height = text * (shape.two_lines ? 2 : 1) + canvas.fonts().small->FontSize + canvas.px(14);
    return shape;
}

void draw_entry(const Canvas& canvas, const Entry& entry, const RowShape& shape, ImVec2 at, float width,
                bool hovered) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float pad = canvas.px(6);
    if (entry.chosen || hovered)
        list.AddRectFilled(at, {at.x + width, at.y + shape.height},
                           canvas.mixed(Ink::Background, entry.chosen ? Ink::Selection : Ink::Text,
                                        entry.chosen ? 0.28F : 0.08F),
                           canvas.px(3));
    if (entry.mark)
        list.AddRectFilled({at.x, at.y + pad}, {at.x + canvas.px(4), at.y + shape.height - pad},
                           canvas.colour(*entry.mark), canvas.px(2));
    const float room = width - canvas.px(16);
    const float text = canvas.fonts().text->FontSize;
    ImVec2 cursor{at.x + canvas.px(12), at.y + pad};
    const auto line = [&](std::string_view words, Ink ink, ImFont* font, float height) {
        // The port stands at the end of an address: smaller before cut.
        if (font == nullptr && canvas.size(words).x > room) font = canvas.fonts().small;
        canvas.draw_cut(list, cursor, room, words, ink, font);
        cursor.y += height;
    };
    if (shape.two_lines && !entry.rest.empty()) {
        line(entry.first, Ink::Text, nullptr, text);
        line(entry.rest, Ink::Text, nullptr, text);
    } else {
        line(entry.rest.empty() ? entry.first : concat(entry.first, ' ', entry.rest), Ink::Text, nullptr,
             text);
    }
    line(entry.second, Ink::Faint, canvas.fonts().small, 0);
    if (hovered && std::max(canvas.size(entry.first).x, canvas.size(entry.rest).x) > room)
        canvas.tooltip(concat(entry.first, ' ', entry.rest));
}

}  // namespace

void draw_connections(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    draw_heading(workspace, canvas, sink, model::Panel::Connections, {});
    ImGui::BeginChild("list", {0, 0}, false);
    const float width = ImGui::GetContentRegionAvail().x;
    const RowShape shape = shape_for(canvas, width);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(workspace.connections().size()) + 1, shape.height);
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
            const Entry entry = entry_of(workspace, static_cast<std::size_t>(i));
            ImGui::PushID(i);
            const ImVec2 at = ImGui::GetCursorScreenPos();
            ImGui::InvisibleButton("row", {std::max(1.0F, width), shape.height});
            if (ImGui::IsItemClicked()) {
                if (i == 0)
                    sink.push(model::ShowAllConnections{});
                else
                    sink.push(model::SelectConnection{ConnectionId{static_cast<std::uint32_t>(i - 1)}});
            }
            draw_entry(canvas, entry, shape, at, width, ImGui::IsItemHovered());
            ImGui::PopID();
        }
    }
    ImGui::PopStyleVar();
    ImGui::EndChild();
}

}  // namespace synscope::view
