// What lies over or instead of the panels: the keys, the first steps, the line at the lower edge.
#include <algorithm>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/view/panels.hpp"

namespace synscope::view {

using model::Ink;
using model::Workspace;

void draw_help(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    if (!workspace.help_open()) return;
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    ImGui::GetBackgroundDrawList();
    const auto bindings = model::key_bindings();
    float keys_width = 0;
    float does_width = 0;
    for (const auto& binding : bindings) {
        keys_width = std::max(keys_width, canvas.size(binding.keys, canvas.fonts().mono).x);
        does_width = std::max(does_width, canvas.size(binding.does).x);
    }
    const float column = keys_width + canvas.px(28 + 24);
    ImGui::SetNextWindowPos({screen.x / 2, screen.y / 2}, ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({std::min(screen.x * 0.95F, column + does_width + canvas.px(60)), 0});
    ImGui::SetNextWindowSizeConstraints({0, 0}, {screen.x * 0.95F, screen.y * 0.95F});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, canvas.colour4(Ink::Panel));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, canvas.px(1));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {canvas.px(28), canvas.px(22)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, canvas.px(8));
    ImGui::SetNextWindowFocus();
    ImGui::Begin("Keys", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoNav);
    canvas.text("Keys", Ink::Text, canvas.fonts().title);
    std::string_view group;
    for (const auto& binding : bindings) {
        if (binding.keys.empty()) continue;
        if (binding.group != group) {
            group = binding.group;
            ImGui::Dummy({1, canvas.px(4)});
            canvas.text(group, Ink::Faint, canvas.fonts().bold);
        }
        canvas.text(binding.keys, Ink::Text, canvas.fonts().mono);
        ImGui::SameLine(column);
        canvas.text(binding.does);
    }
    ImGui::Dummy({1, canvas.px(6)});
    canvas.wrapped(
        "With the mouse: the wheel scrolls, Ctrl and the wheel zooms, a click selects, dragging moves the "
        "picture. The lines between panels can be dragged.",
        Ink::Faint);
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) sink.push(model::ToggleHelp{});
    ImGui::End();
    ImGui::PopStyleVar(3);
    ImGui::PopStyleColor();
}

namespace {
struct FirstStep {
    std::string_view command;
    std::string_view does;
};
constexpr FirstStep kFirstSteps[] = {
    {"synscope demo", "watch one real conversation: connect, two messages that stick together, goodbye"},
    {"synscope open capture.pcapng", "look into a capture or a session that you have"},
    {"tcpdump -w - | synscope open -", "watch packets while they come"},
    {"synscope capture -i eth0 -w session.pcapng", "record an interface"},
    {"synscope doctor", "see what works on this machine, and what to do about the rest"},
};
}  // namespace

void draw_welcome(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    (void)sink;
    const float width = std::min(ImGui::GetWindowWidth() * 0.86F, canvas.px(860));
    const float left = (ImGui::GetWindowWidth() - width) / 2;
    ImGui::SetCursorPos({left, ImGui::GetWindowHeight() * 0.16F});
    ImGui::BeginChild("welcome", {width, 0}, false);
    canvas.text("See TCP happen", Ink::Text, canvas.fonts().title);
    canvas.wrapped(
        "Synscope draws a conversation packet by packet, from the send() that wrote a byte, through the "
        "segments that carried it, to the recv() that returned it.",
        Ink::Faint);
    ImGui::Dummy({1, canvas.px(14)});
    if (workspace.feed().error) {
        const UserError& error = *workspace.feed().error;
        canvas.wrapped(escaped(concat(error.what, ": ", error.where), Medium::Terminal), Ink::Loss,
                       canvas.fonts().bold);
        if (!error.hint.empty()) canvas.wrapped(escaped(error.hint, Medium::Terminal));
        ImGui::Dummy({1, canvas.px(14)});
    }
    canvas.text("Nothing is open yet. In a terminal:", Ink::Text, canvas.fonts().bold);
    ImGui::Dummy({1, canvas.px(4)});
    for (const FirstStep& step : kFirstSteps) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float height = canvas.fonts().mono->FontSize + canvas.fonts().text->FontSize + canvas.px(22);
        ImDrawList& list = *ImGui::GetWindowDrawList();
        list.AddRectFilled(at, {at.x + width, at.y + height}, canvas.colour(Ink::Panel), canvas.px(5));
        canvas.draw_text(list, {at.x + canvas.px(16), at.y + canvas.px(8)}, step.command, Ink::Text,
                         canvas.fonts().mono);
        canvas.draw_cut(list, {at.x + canvas.px(16), at.y + canvas.px(13) + canvas.fonts().mono->FontSize},
                        width - canvas.px(32), step.does, Ink::Faint);
        ImGui::Dummy({width, height});
    }
    ImGui::EndChild();
}

void draw_status(const Workspace& workspace, const Canvas& canvas, model::CommandSink& sink) {
    (void)sink;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetWindowPos();
    const float width = ImGui::GetWindowWidth();
    const float height = ImGui::GetWindowHeight();
    list.AddRectFilled(at, {at.x + width, at.y + height}, canvas.colour(Ink::Panel));
    ImFont* font = canvas.fonts().small;
    const float y = at.y + (height - font->FontSize) / 2;
    constexpr std::string_view kHint =
        "Up/Down step   Tab panel   Space pause   +/- zoom   ? all keys   q quit";
    const float hint = canvas.size(kHint, font).x;
    canvas.draw_text(list, {at.x + width - hint - canvas.px(12), y}, kHint, Ink::Faint, font);
    std::string text = workspace.message();
    Ink ink = Ink::Text;
    if (workspace.feed().error) {
        const UserError& error = *workspace.feed().error;
        text = escaped(concat(error.what, error.where.empty() ? "" : ": ", error.where,
                              error.hint.empty() ? "" : ". ", error.hint),
                       Medium::Terminal);
        ink = Ink::Loss;
    }
    canvas.draw_cut(list, {at.x + canvas.px(12), y}, width - hint - canvas.px(48), text, ink, font);
}

}  // namespace synscope::view
