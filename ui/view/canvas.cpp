#include "ui/view/canvas.hpp"

#include <algorithm>
#include <cmath>

namespace synscope::view {

using model::Colour;
using model::Ink;

namespace {
float share_of(std::uint8_t channel) {
    return static_cast<float>(channel) / 255.0F;
}

ImVec4 blend(const Colour& a, const Colour& b, float share) {
    const auto mix = [share](std::uint8_t x, std::uint8_t y) {
        return share_of(x) + (share_of(y) - share_of(x)) * share;
    };
    return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b), mix(a.a, b.a)};
}
}  // namespace

ImFont* Fonts::of(model::Face face) const noexcept {
    switch (face) {
        case model::Face::Mono:
            return mono;
        case model::Face::MonoSmall:
            return mono_small;
        case model::Face::Text:
            return text;
        case model::Face::TextBold:
            return bold;
        case model::Face::Title:
            return title;
    }
    return text;
}

ImVec4 Canvas::colour4(Ink ink, float opacity) const noexcept {
    const Colour c = theme_.colour(ink);
    return {share_of(c.r), share_of(c.g), share_of(c.b), share_of(c.a) * opacity};
}
ImU32 Canvas::colour(Ink ink, float opacity) const noexcept {
    return ImGui::ColorConvertFloat4ToU32(colour4(ink, opacity));
}
ImU32 Canvas::mixed(Ink a, Ink b, float share) const noexcept {
    return ImGui::ColorConvertFloat4ToU32(blend(theme_.colour(a), theme_.colour(b), share));
}

model::Metrics Canvas::metrics() const {
    model::Metrics m = theme_.metrics;
    for (float* each : {&m.small_font, &m.label_font, &m.text_font, &m.title_font, &m.line, &m.slant,
                        &m.strip, &m.bar, &m.pad, &m.margin})
        *each *= scale_;
    // Hinting rounds advances to whole pixels: what the layout takes for granted must be what is drawn.
    m.mono_advance = std::max(fonts_.mono->GetCharAdvance('0') / m.label_font,
                              fonts_.mono_small->GetCharAdvance('0') / m.small_font);
    return m;
}

void Canvas::text(std::string_view text, Ink ink, ImFont* font) const {
    if (text.empty()) text = std::string_view("", 0);
    glyphs_.want(text);
    const WithFont scope(font != nullptr ? font : fonts_.text);
    ImGui::PushStyleColor(ImGuiCol_Text, colour4(ink));
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
    ImGui::PopStyleColor();
}
void Canvas::wrapped(std::string_view text, Ink ink, ImFont* font) const {
    ImGui::PushTextWrapPos(0);
    this->text(text, ink, font);
    ImGui::PopTextWrapPos();
}
ImVec2 Canvas::size(std::string_view text, ImFont* font, float wrap_width) const {
    const WithFont scope(font != nullptr ? font : fonts_.text);
    if (text.empty()) return {0, ImGui::GetFontSize()};
    return ImGui::CalcTextSize(text.data(), text.data() + text.size(), false, wrap_width);
}
bool Canvas::button(std::string_view label, std::string_view tooltip_text) const {
    glyphs_.want(label);
    const std::string name(label);
    const bool pressed = ImGui::Button(name.c_str());
    if (ImGui::IsItemHovered()) tooltip(tooltip_text);
    return pressed;
}
void Canvas::begin_tooltip() const {
    // Panels draw up to their edges, without padding; a tooltip is a window of its own.
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {px(12), px(9)});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(8), px(5)});
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(px(440));
}
void Canvas::end_tooltip() const {
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
    ImGui::PopStyleVar(2);
}
void Canvas::tooltip(std::string_view tooltip_text) const {
    begin_tooltip();
    text(tooltip_text);
    end_tooltip();
}

void Canvas::draw_text(ImDrawList& list, ImVec2 at, std::string_view text, Ink ink, ImFont* font) const {
    // An empty view may have no data at all, and ImGui takes no end for "look for the zero byte".
    if (text.empty()) return;
    glyphs_.want(text);
    ImFont* face = font != nullptr ? font : fonts_.text;
    // Whole pixels: the atlas holds hinted glyphs.
    list.AddText(face, face->FontSize, {std::round(at.x), std::round(at.y)}, colour(ink), text.data(),
                 text.data() + text.size());
}
void Canvas::draw_cut(ImDrawList& list, ImVec2 at, float width, std::string_view text, Ink ink,
                      ImFont* font) const {
    if (size(text, font).x <= width) {
        draw_text(list, at, text, ink, font);
        return;
    }
    constexpr std::string_view kEllipsis = "\u2026";
    const float room = width - size(kEllipsis, font).x;
    if (room <= 0) return;
    ImFont* face = font != nullptr ? font : fonts_.text;
    const char* end = text.data();
    face->CalcTextSizeA(face->FontSize, room, 0, text.data(), text.data() + text.size(), &end);
    std::string cut(text.data(), static_cast<std::size_t>(end - text.data()));
    while (!cut.empty() && cut.back() == ' ')
        cut.pop_back();
    draw_text(list, at, cut + std::string(kEllipsis), ink, font);
}

void apply_theme(const model::Theme& theme, float scale, ImGuiStyle& style) {
    style = ImGuiStyle();
    const auto ink = [&theme](Ink name, float opacity = 1) {
        const Colour c = theme.colour(name);
        return ImVec4(share_of(c.r), share_of(c.g), share_of(c.b), share_of(c.a) * opacity);
    };
    const auto between = [&theme](Ink a, Ink b, float share) {
        return blend(theme.colour(a), theme.colour(b), share);
    };
    const bool dark = model::contrast(theme.colour(Ink::Background), {0, 0, 0}) < 5;
    dark ? ImGui::StyleColorsDark(&style) : ImGui::StyleColorsLight(&style);
    auto& colours = style.Colors;
    colours[ImGuiCol_Text] = ink(Ink::Text);
    colours[ImGuiCol_TextDisabled] = ink(Ink::Faint);
    colours[ImGuiCol_WindowBg] = ink(Ink::Background);
    colours[ImGuiCol_ChildBg] = ink(Ink::Background);
    colours[ImGuiCol_PopupBg] = ink(Ink::Panel);
    colours[ImGuiCol_Border] = between(Ink::Background, Ink::Text, 0.22F);
    colours[ImGuiCol_Separator] = colours[ImGuiCol_Border];
    colours[ImGuiCol_Button] = between(Ink::Background, Ink::Text, 0.10F);
    colours[ImGuiCol_ButtonHovered] = between(Ink::Background, Ink::Text, 0.20F);
    colours[ImGuiCol_ButtonActive] = between(Ink::Background, Ink::Text, 0.30F);
    colours[ImGuiCol_Header] = between(Ink::Background, Ink::Selection, 0.30F);
    colours[ImGuiCol_HeaderHovered] = between(Ink::Background, Ink::Text, 0.12F);
    colours[ImGuiCol_HeaderActive] = between(Ink::Background, Ink::Selection, 0.40F);
    colours[ImGuiCol_ScrollbarBg] = ink(Ink::Background, 0);
    colours[ImGuiCol_ScrollbarGrab] = between(Ink::Background, Ink::Text, 0.25F);
    colours[ImGuiCol_ScrollbarGrabHovered] = between(Ink::Background, Ink::Text, 0.38F);
    colours[ImGuiCol_ScrollbarGrabActive] = between(Ink::Background, Ink::Text, 0.50F);
    style.WindowRounding = 0;
    style.ChildRounding = 0;
    style.FrameRounding = 4;
    style.PopupRounding = 5;
    style.ScrollbarSize = 12;
    style.ScrollbarRounding = 6;
    style.WindowBorderSize = 0;
    style.ChildBorderSize = 0;
    style.PopupBorderSize = 1;
    style.FramePadding = {9, 4};
    style.ItemSpacing = {8, 5};
    style.WindowPadding = {12, 10};
    style.AntiAliasedLinesUseTex = true;
    style.ScaleAllSizes(scale);
}

}  // namespace synscope::view
