#include <algorithm>
#include <array>

#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

namespace {

/// Columns in characters: "0040  48 65 6c 6c 6f 20 77 6f  Hello wo".
struct Shape {
    std::size_t per_line = 16;
    float advance = 0;
    float hex_x = 0;
    float text_x = 0;
    float line = 0;
};

Shape shape_for(const Canvas& canvas, float width) {
    Shape s;
    s.advance = canvas.size("0", canvas.fonts().mono).x;
    s.line = canvas.fonts().mono->FontSize + canvas.px(4);
    s.hex_x = s.advance * 6;
    for (const std::size_t per_line : {std::size_t{16}, std::size_t{8}, std::size_t{4}}) {
        s.per_line = per_line;
        const auto n = static_cast<float>(per_line);
        s.text_x = s.hex_x + s.advance * (n * 3 + 1 + (per_line > 8 ? 1 : 0));
        if (s.text_x + s.advance * n <= width) break;
    }
    return s;
}

float hex_column(const Shape& s, std::size_t column) {
    // A small gap after eight, as hex dumps have.
    return s.hex_x + s.advance * (static_cast<float>(column) * 3 + (s.per_line > 8 && column >= 8 ? 1 : 0));
}

std::string printable(std::byte b) {
    const auto c = std::to_integer<char>(b);
    return std::string(1, c >= 0x20 && c < 0x7f ? c : '.');
}

}  // namespace

void draw_hex(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    const model::Inspector& inspector = *workspace.inspector();
    const ByteSpan bytes = inspector.bytes;
    std::optional<ByteRange> lit;
    if (const auto field = workspace.selection().field) lit = inspector.rows[*field].bytes;
    const Shape shape = shape_for(canvas, ImGui::GetContentRegionAvail().x);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    if (lit && !lit->empty()) {
        const float wanted = static_cast<float>(lit->begin / shape.per_line) * shape.line;
        const float top = ImGui::GetScrollY();
        if (!ImGui::IsWindowHovered() &&
            (wanted < top || wanted + shape.line > top + ImGui::GetWindowHeight()))
            ImGui::SetScrollY(std::max(0.0F, wanted - shape.line));
    }
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>((bytes.size() + shape.per_line - 1) / shape.per_line), shape.line);
    while (clipper.Step()) {
        for (int row = clipper.DisplayStart; row < clipper.DisplayEnd; ++row) {
            const ImVec2 at = ImGui::GetCursorScreenPos();
            ImGui::PushID(row);
            ImGui::InvisibleButton("line", {std::max(1.0F, ImGui::GetContentRegionAvail().x), shape.line});
            const bool hovered = ImGui::IsItemHovered();
            const std::size_t first = static_cast<std::size_t>(row) * shape.per_line;
            canvas.draw_text(list, at, concat(Hex{first, 4}), Ink::Faint, canvas.fonts().mono);
            for (std::size_t k = 0; k < shape.per_line && first + k < bytes.size(); ++k) {
                const std::size_t offset = first + k;
                const float x = at.x + hex_column(shape, k);
                const float text_x = at.x + shape.text_x + shape.advance * static_cast<float>(k);
                const bool on = lit && lit->contains(offset);
                if (on) {
                    const bool next_on = lit->contains(offset + 1) && k + 1 < shape.per_line;
                    const float width =
                        next_on ? hex_column(shape, k + 1) - hex_column(shape, k) : shape.advance * 2;
                    const ImU32 colour = canvas.mixed(Ink::Background, Ink::Selection, 0.40F);
                    list.AddRectFilled({x - canvas.px(1), at.y - canvas.px(1)},
                                       {x + width + canvas.px(1), at.y + shape.line - canvas.px(2)}, colour);
                    list.AddRectFilled({text_x, at.y - canvas.px(1)},
                                       {text_x + shape.advance, at.y + shape.line - canvas.px(2)}, colour);
                }
                const auto value = std::to_integer<unsigned>(bytes[offset]);
                canvas.draw_text(list, {x, at.y}, concat(Hex{value, 2}),
                                 value == 0 && !on ? Ink::Faint : Ink::Text, canvas.fonts().mono);
                canvas.draw_text(list, {text_x, at.y}, printable(bytes[offset]), Ink::Text,
                                 canvas.fonts().mono);
                const bool over_hex = mouse.x >= x && mouse.x < x + shape.advance * 3;
                const bool over_text = mouse.x >= text_x && mouse.x < text_x + shape.advance;
                if (hovered && (over_hex || over_text) && ImGui::IsMouseClicked(ImGuiMouseButton_Left))
                    sink.push(model::SelectByte{offset});
            }
            ImGui::PopID();
        }
    }
    ImGui::PopStyleVar();
}

}  // namespace synscope::view
