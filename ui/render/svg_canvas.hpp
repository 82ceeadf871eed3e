#pragma once
// SVG as text, element by element. Every text is escaped for markup here and nowhere else. Thread rule: one
// thread.

#include <string>
#include <string_view>
#include <vector>

#include "ui/model/ladder.hpp"
#include "ui/model/theme.hpp"

namespace synscope::render {

class SvgCanvas {
  public:
    /// A colour with an opacity of its own (0 to 255), or a pattern: "url(#busy)".
    struct Fill {
        Fill(model::Colour c, int alpha = 255) : colour(c), opacity(alpha) {}
        explicit Fill(std::string_view url) : pattern(url) {}
        model::Colour colour;
        int opacity = 255;
        std::string_view pattern;
    };
    struct TextStyle {
        float size = 12;
        model::Colour ink;
        bool mono = false;
        bool bold = false;
        bool italic = false;
        model::Align align = model::Align::Left;
    };

    /// `width` and `height` are the picture's; its contents are drawn scaled.
    SvgCanvas(float width, float height, const model::Theme& theme, float scale);

    void rect(const model::Box& box, const Fill& fill, float radius);
    void outline(const model::Box& box, model::Colour ink, float width, std::string_view dashes);
    void line(model::Point from, model::Point to, model::Colour ink, float width,
              std::string_view dashes = {});
    void polygon(const std::vector<model::Point>& points, model::Colour ink);
    void circle(model::Point centre, float radius, model::Colour ink, model::Colour inside, float width);
    /// Vertically centred on `at`.
    void text(model::Point at, std::string_view text, const TextStyle& style);
    void begin_group(float dx, float dy);
    void end_group();
    [[nodiscard]] std::string finish();

  private:
    std::string out_;
};

}  // namespace synscope::render
