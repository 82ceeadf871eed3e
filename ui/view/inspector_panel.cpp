#include <algorithm>

#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::InspectorRow;
using model::InspectorRowKind;
using model::Workspace;

namespace {

void head(const model::Inspector& inspector, const Workspace& workspace, const Canvas& canvas) {
    canvas.wrapped(inspector.head.line, Ink::Text, canvas.fonts().mono);
    if (!inspector.head.sentence.empty()) canvas.wrapped(inspector.head.sentence);
    std::string footer = concat("at ", seconds_text(inspector.at - workspace.start(), 6), " s");
    if (!inspector.head.rule.empty()) footer += concat("  \u00b7  ", inspector.head.rule);
    canvas.text(footer, Ink::Faint, canvas.fonts().small);
}

/// Where each row's texts stand; measured once per row so that boxes and clicks agree.
struct RowShape {
    float name_x = 0;
    float value_x = 0;
    float value_width = 0;
    float height = 0;
};

RowShape shape_of(const InspectorRow& row, const Canvas& canvas, float width) {
    const float indent = canvas.px(12) + canvas.px(14) * static_cast<float>(row.depth);
    RowShape shape;
    shape.name_x = indent;
    if (row.kind == InspectorRowKind::Box) {
        shape.height = canvas.fonts().bold->FontSize + canvas.px(12);
        shape.value_x = indent + canvas.size(row.name, canvas.fonts().bold).x + canvas.px(12);
        shape.value_width = width - shape.value_x;
        return shape;
    }
    const float name_width = std::max(width * 0.36F, canvas.px(90));
    shape.value_x = row.kind == InspectorRowKind::Warning
                        ? indent
                        : std::max(name_width, indent + canvas.size(row.name).x + canvas.px(10));
    shape.value_width = std::max(canvas.px(60), width - shape.value_x - canvas.px(8));
    const float value_height = canvas.size(row.value, nullptr, shape.value_width).y;
    shape.height = std::max(value_height, canvas.fonts().text->FontSize) + canvas.px(4);
    return shape;
}

void draw_row(const InspectorRow& row, const RowShape& shape, const Canvas& canvas, ImVec2 at, float width,
              bool chosen, bool hovered) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 end{at.x + width, at.y + shape.height};
    if (row.kind == InspectorRowKind::Box)
        list.AddRectFilled({at.x, at.y + canvas.px(4)}, end, canvas.colour(Ink::Panel), canvas.px(3));
    if (chosen)
        list.AddRectFilled(at, end, canvas.mixed(Ink::Background, Ink::Selection, 0.30F), canvas.px(3));
    else if (hovered)
        list.AddRectFilled(at, end, canvas.mixed(Ink::Background, Ink::Text, 0.08F), canvas.px(3));
    if (row.kind == InspectorRowKind::Box) {
        const float y = at.y + canvas.px(8);
        canvas.draw_cut(list, {at.x + shape.name_x, y}, width - shape.name_x - canvas.px(8), row.name,
                        Ink::Text, canvas.fonts().bold);
        if (shape.value_width > canvas.px(30))
            canvas.draw_cut(list, {at.x + shape.value_x, y}, shape.value_width, row.value, Ink::Faint);
        return;
    }
    const float y = at.y + canvas.px(2);
    // The line at the left says that the fields belong to the box above.
    list.AddLine({at.x + canvas.px(12), at.y}, {at.x + canvas.px(12), end.y},
                 canvas.mixed(Ink::Background, Ink::Text, 0.18F), canvas.px(1));
    canvas.draw_text(list, {at.x + shape.name_x, y}, row.name, Ink::Faint);
    const Ink ink = row.kind == InspectorRowKind::Warning ? Ink::Warning
                    : row.kind == InspectorRowKind::Link  ? Ink::Data
                                                          : Ink::Text;
    const ImVec2 back = ImGui::GetCursorPos();
    ImGui::SetCursorScreenPos({at.x + shape.value_x, y});
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + shape.value_width);
    canvas.text(row.kind == InspectorRowKind::Link ? concat(row.value, " \u2192") : row.value, ink);
    ImGui::PopTextWrapPos();
    ImGui::SetCursorPos(back);
}

void rows(const std::vector<InspectorRow>& all, const Workspace& workspace, const Canvas& canvas,
          model::CommandSink& sink) {
    const float width = ImGui::GetContentRegionAvail().x;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    for (std::size_t i = 0; i < all.size(); ++i) {
        const InspectorRow& row = all[i];
        const RowShape shape = shape_of(row, canvas, width);
        ImGui::PushID(static_cast<int>(i));
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::InvisibleButton("row", {std::max(1.0F, width), shape.height});
        const bool hovered = ImGui::IsItemHovered();
        const bool chosen = workspace.selection().field == i;
        if (ImGui::IsItemClicked()) {
            sink.push(model::SelectField{i});
            if (row.link) sink.push(model::SelectEvent{*row.link});
        }
        if (hovered && !row.meaning.empty()) canvas.tooltip(row.meaning);
        if (ImGui::IsItemVisible())
            draw_row(row, shape, canvas, at, width, chosen, hovered);
        else if (chosen)
            ImGui::SetScrollHereY();
        ImGui::PopID();
    }
    ImGui::PopStyleVar();
}

}  // namespace

void draw_inspector(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    draw_heading(workspace, canvas, sink, model::Panel::Inspector, {});
    const model::Inspector* inspector = workspace.inspector();
    if (inspector == nullptr) {
        ImGui::BeginChild("overview", {0, 0}, false);
        canvas.wrapped(
            "Click an arrow, a bar or a state in the ladder, or press the Down key: here you then see what "
            "it "
            "means, every field of the packet, and where its bytes came from. Until then:");
        ImGui::Dummy({1, canvas.px(2)});
        rows(workspace.overview_rows(), workspace, canvas, sink);
        ImGui::EndChild();
        return;
    }
    ImGui::BeginChild(
        "head and rows",
        {0, inspector->bytes.empty() ? 0
                                     : ImGui::GetContentRegionAvail().y *
                                           static_cast<float>(workspace.split(model::Split::FieldsHex))},
        false);
    ImGui::PushID(static_cast<int>(inspector->event.value));
    head(*inspector, workspace, canvas);
    ImGui::Dummy({1, canvas.px(2)});
    rows(inspector->rows, workspace, canvas, sink);
    ImGui::PopID();
    ImGui::EndChild();
    if (inspector->bytes.empty()) return;

    const ImVec2 line = ImGui::GetCursorScreenPos();
    const float available = ImGui::GetWindowHeight() - canvas.px(canvas.theme().metrics.text_font + 12);
    ImGui::InvisibleButton("split", {std::max(1.0F, ImGui::GetContentRegionAvail().x), canvas.px(7)});
    if (ImGui::IsItemHovered() || ImGui::IsItemActive()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
    if (ImGui::IsItemActive() && available > 1) {
        const float top = ImGui::GetWindowPos().y + ImGui::GetWindowHeight() - available;
        sink.push(model::MoveSplit{model::Split::FieldsHex,
                                   static_cast<double>((ImGui::GetIO().MousePos.y - top) / available)});
    }
    const bool held = ImGui::IsItemActive() || ImGui::IsItemHovered();
    ImGui::GetWindowDrawList()->AddLine(
        {ImGui::GetWindowPos().x, line.y + canvas.px(3)},
        {ImGui::GetWindowPos().x + ImGui::GetWindowWidth(), line.y + canvas.px(3)},
        canvas.mixed(Ink::Background, Ink::Text, held ? 0.5F : 0.22F), canvas.px(1));
    ImGui::BeginChild("hex", {0, 0}, false);
    draw_hex(workspace, canvas, sink);
    ImGui::EndChild();
}

}  // namespace synscope::view
