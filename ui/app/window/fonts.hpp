#pragma once
// Fonts for the window: found by fontconfig, built into an atlas that holds only wanted glyphs.
//
// Noto Sans and Noto Sans Mono first, DejaVu next, whatever the system calls "sans" and "monospace" last;
// Noto Sans CJK joins when a wanted character is in none of them. The atlas stays within 4096 x 4096 pixels,
// which every OpenGL 3 driver takes: characters wanted last are left out when it would not. Ownership:
// FontFiles keeps the files mapped and must outlive the atlas. Thread rule: the thread of the window.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "ui/model/theme.hpp"
#include "ui/view/canvas.hpp"

namespace synscope::window {

inline constexpr int kAtlasLimit_px = 4096;

class FontFiles {
  public:
    /// Fails when there is no font at all.
    [[nodiscard]] static Result<FontFiles, UserError> find();
    FontFiles(FontFiles&&) noexcept;
    FontFiles& operator=(FontFiles&&) noexcept;
    ~FontFiles();

    struct Face;
    [[nodiscard]] const Face& text() const noexcept { return *text_; }
    [[nodiscard]] const Face& bold() const noexcept { return *bold_; }
    [[nodiscard]] const Face& mono() const noexcept { return *mono_; }
    /// For what the others lack, best first.
    [[nodiscard]] std::span<const std::unique_ptr<Face>> fallbacks() const noexcept { return fallbacks_; }

  private:
    FontFiles();
    std::unique_ptr<Face> text_;
    std::unique_ptr<Face> bold_;
    std::unique_ptr<Face> mono_;
    std::vector<std::unique_ptr<Face>> fallbacks_;
};

struct BuiltFonts {
    view::Fonts fonts;
    std::size_t left_out = 0;  ///< wanted characters for which the atlas had no room
};
/// Builds `atlas` anew. `scale` is pixels per unit of Metrics.
BuiltFonts build_atlas(ImFontAtlas& atlas, const FontFiles& files, const model::Metrics& metrics, float scale,
                       std::span<const std::uint16_t> wanted);

}  // namespace synscope::window
