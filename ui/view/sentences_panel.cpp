#include <algorithm>

#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

void draw_sentences(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    draw_heading(workspace, canvas, sink, model::Panel::Sentences,
                 "what happened, in plain words; click one to see where");
    ImGui::BeginChild("list", {0, 0}, false);
    const auto& all = workspace.sentences();
    if (all.empty()) {
        canvas.wrapped(workspace.feed().finished
                           ? "There is nothing to tell about this trace."
                           : "As soon as a connection is made, this says how, and what became of its bytes.",
                       Ink::Faint);
    }
    ImFont* text = canvas.fonts().text;
    const float width = ImGui::GetContentRegionAvail().x;
    const float label = std::min(canvas.px(120) * canvas.theme().metrics.text_font / 14, width * 0.25F);
    const float pad = canvas.px(5);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    std::optional<ConnectionId> told;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const model::Finding& finding = all[i];
        const bool chosen = workspace.sentence() == i;
        const float room = std::max(canvas.px(80), width - label - canvas.px(20));
        const float height = canvas.size(finding.sentence, text, room).y + pad * 2;
        ImGui::PushID(static_cast<int>(i));
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::InvisibleButton("row", {std::max(1.0F, width), height});
        if (ImGui::IsItemClicked()) sink.push(model::SelectSentence{i});
        const bool hovered = ImGui::IsItemHovered();
        if (hovered && !finding.rule.empty()) canvas.tooltip(finding.rule);
        if (ImGui::IsItemVisible()) {
            ImDrawList& list = *ImGui::GetWindowDrawList();
            if (chosen || hovered)
                list.AddRectFilled(at, {at.x + width, at.y + height},
                                   canvas.mixed(Ink::Background, chosen ? Ink::Selection : Ink::Text,
                                                chosen ? 0.28F : 0.08F),
                                   canvas.px(3));
            if (finding.connection)
                list.AddRectFilled({at.x, at.y + pad}, {at.x + canvas.px(4), at.y + height - pad},
                                   canvas.colour(model::connection_ink(finding.connection->value)),
                                   canvas.px(2));
            canvas.draw_cut(list, {at.x + canvas.px(12), at.y + pad}, label - canvas.px(8),
                            model::topic_name(finding.topic), Ink::Faint, canvas.fonts().bold);
            const ImVec2 back = ImGui::GetCursorPos();
            ImGui::SetCursorScreenPos({at.x + canvas.px(12) + label, at.y + pad});
            ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + room);
            canvas.text(finding.sentence);
            ImGui::PopTextWrapPos();
            ImGui::SetCursorPos(back);
        }
        if (chosen && workspace.focus() == model::Panel::Sentences && !ImGui::IsItemVisible())
            ImGui::SetScrollHereY();
        ImGui::PopID();
    }
    ImGui::PopStyleVar();
    ImGui::EndChild();
}

}  // namespace synscope::view
