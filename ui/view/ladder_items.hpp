#pragma once
// Paints the ladder's draw items at a place on the screen. Thread rule: the thread of the window.

#include <optional>

#include "ui/model/ladder.hpp"
#include "ui/view/canvas.hpp"

namespace synscope::view {

/// std::visit(painter, item) for each item, in the picture's order.
struct LadderPainter {
    const Canvas& canvas;
    ImDrawList& list;
    ImVec2 origin;  ///< where the items' (0, 0) lies on the screen
    std::optional<EventId> selection;

    void operator()(const model::Band& band) const;
    void operator()(const model::Lifeline& lifeline) const;
    void operator()(const model::StripSegment& strip) const;
    void operator()(const model::Bar& bar) const;
    void operator()(const model::Break& gap) const;
    void operator()(const model::Arrow& arrow) const;
    void operator()(const model::Diamond& diamond) const;
    void operator()(const model::TimeTick& tick) const;
    void operator()(const model::Label& label) const;

  private:
    [[nodiscard]] ImVec2 at(float x, float y) const { return {origin.x + x, origin.y + y}; }
    [[nodiscard]] float line() const { return canvas.px(canvas.theme().metrics.line); }
    [[nodiscard]] bool selected(std::optional<EventId> event) const { return event && event == selection; }
    void part(ImVec2 a, ImVec2 b, const model::BarBorder& border) const;
    void head(const model::Arrow& arrow, ImVec2 from, ImVec2 to, ImU32 colour) const;
};

}  // namespace synscope::view
