#pragma once
// What every panel draws with: the fonts, the theme, and text that the font atlas hears of.
//
// No panel keeps state of its own: what outlives a frame is in the workspace (ui/model), what is asked for
// goes into the CommandSink. All texts given here are escaped already (net/base/escape.hpp): panels draw what
// models made. Thread rule: the thread of the window.

#include <imgui.h>

#include <optional>
#include <string_view>

#include "ui/model/ladder.hpp"
#include "ui/model/theme.hpp"
#include "ui/view/glyphs.hpp"

namespace synscope::view {

/// Owned by ImGui's font atlas; replaced between frames when the atlas grows.
struct Fonts {
    ImFont* text = nullptr;
    ImFont* bold = nullptr;
    ImFont* small = nullptr;
    ImFont* title = nullptr;
    ImFont* mono = nullptr;
    ImFont* mono_small = nullptr;
    [[nodiscard]] ImFont* of(model::Face face) const noexcept;
};

class Canvas {
  public:
    Canvas(const model::Theme& theme, const Fonts& fonts, GlyphSet& glyphs, float scale)
        : theme_(theme), fonts_(fonts), glyphs_(glyphs), scale_(scale) {}

    [[nodiscard]] const model::Theme& theme() const noexcept { return theme_; }
    [[nodiscard]] const Fonts& fonts() const noexcept { return fonts_; }
    [[nodiscard]] float px(float at_scale_1) const noexcept { return at_scale_1 * scale_; }
    [[nodiscard]] ImU32 colour(model::Ink ink, float opacity = 1) const noexcept;
    [[nodiscard]] ImVec4 colour4(model::Ink ink, float opacity = 1) const noexcept;
    /// A colour between two inks: 0 is `a`, 1 is `b`.
    [[nodiscard]] ImU32 mixed(model::Ink a, model::Ink b, float share) const noexcept;

    /// The theme's sizes in pixels, with the advances that these fonts really have.
    [[nodiscard]] model::Metrics metrics() const;

    // ---- in the flow of an ImGui window ----
    void text(std::string_view text, model::Ink ink = model::Ink::Text, ImFont* font = nullptr) const;
    void wrapped(std::string_view text, model::Ink ink = model::Ink::Text, ImFont* font = nullptr) const;
    [[nodiscard]] ImVec2 size(std::string_view text, ImFont* font = nullptr, float wrap_width = -1) const;
    /// A button as a word, with the key that does the same in its tooltip.
    bool button(std::string_view label, std::string_view tooltip) const;
    void tooltip(std::string_view text) const;
    /// Around a tooltip of several texts.
    void begin_tooltip() const;
    void end_tooltip() const;

    // ---- at a place ----
    void draw_text(ImDrawList& list, ImVec2 at, std::string_view text, model::Ink ink,
                   ImFont* font = nullptr) const;
    /// As much of the text as fits `width`, ending in an ellipsis when cut.
    void draw_cut(ImDrawList& list, ImVec2 at, float width, std::string_view text, model::Ink ink,
                  ImFont* font = nullptr) const;

  private:
    const model::Theme& theme_;
    const Fonts& fonts_;
    GlyphSet& glyphs_;
    float scale_;
};

/// Pushes a font for a scope.
class WithFont {
  public:
    explicit WithFont(ImFont* font) { ImGui::PushFont(font); }
    ~WithFont() { ImGui::PopFont(); }
    WithFont(const WithFont&) = delete;
    WithFont& operator=(const WithFont&) = delete;
};

/// Colours and spacings of ImGui's own widgets, from the theme.
void apply_theme(const model::Theme& theme, float scale, ImGuiStyle& style);

}  // namespace synscope::view
