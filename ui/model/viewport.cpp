#include "ui/model/viewport.hpp"

#include <algorithm>

namespace synscope::model {

namespace {
// Half a pixel: positions go through float in the layout.
constexpr double kSlack = 0.5;

Viewport clamped(Viewport view, double top_px) noexcept {
    view.top_px = std::clamp(top_px, 0.0, view.limit_px());
    return view;
}
}  // namespace

double Viewport::limit_px() const noexcept {
    return std::max(0.0, content_px - height_px);
}

bool Viewport::at_end() const noexcept {
    return top_px >= limit_px() - kSlack;
}

Viewport resized(Viewport view, double height_px, double content_px) noexcept {
    view.height_px = std::max(0.0, height_px);
    view.content_px = std::max(0.0, content_px);
    return clamped(view, view.follow ? view.limit_px() : view.top_px);
}

Viewport scrolled_to(Viewport view, double top_px) noexcept {
    view = clamped(view, top_px);
    view.follow = view.at_end();
    return view;
}

Viewport scrolled_by(Viewport view, double px) noexcept {
    return scrolled_to(view, view.top_px + px);
}

Viewport zoomed(Viewport view, double factor, double anchor_px) noexcept {
    if (!(factor > 0)) return view;
    const double zoom = std::clamp(view.zoom * factor, Viewport::kMinZoom, Viewport::kMaxZoom);
    const double real_factor = zoom / view.zoom;
    const double anchored = view.top_px + anchor_px;
    view.zoom = zoom;
    view.content_px *= real_factor;
    view = clamped(view, anchored * real_factor - anchor_px);
    view.follow = view.follow && view.at_end();
    return view;
}

Viewport revealing(Viewport view, double y0, double y1, double margin_px) noexcept {
    const double upper = y0 - margin_px;
    const double lower = y1 + margin_px;
    // What is taller than the window is shown from its upper edge on.
    if (upper < view.top_px || lower - upper > view.height_px) return scrolled_to(view, upper);
    if (lower > view.bottom_px()) return scrolled_to(view, lower - view.height_px);
    view.follow = view.follow && view.at_end();
    return view;
}

Viewport following(Viewport view) noexcept {
    view.follow = true;
    return clamped(view, view.limit_px());
}

}  // namespace synscope::model
