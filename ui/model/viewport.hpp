#pragma once
// Which part of a tall picture is visible: scrolling and zooming as arithmetic on a value.
//
// Positions are pixels below the content's upper edge; `zoom` stretches the content, so that y at zoom z is z
// times y at zoom 1. While `follow` is on, the lower edge sticks to the end of the content as it grows; any
// scrolling away from the end lets go of it, reaching the end takes hold again. Every function clamps.
// Thread rule: values and pure functions.

namespace synscope::model {

struct Viewport {
    static constexpr double kMinZoom = 0.05;
    static constexpr double kMaxZoom = 400;

    double top_px = 0;      ///< the visible part's upper edge
    double height_px = 0;   ///< of the visible part
    double content_px = 0;  ///< of everything, at `zoom`
    double zoom = 1;
    bool follow = true;

    [[nodiscard]] double bottom_px() const noexcept { return top_px + height_px; }
    /// The largest `top_px`; 0 when everything is visible.
    [[nodiscard]] double limit_px() const noexcept;
    [[nodiscard]] bool at_end() const noexcept;

    friend bool operator==(const Viewport&, const Viewport&) = default;
};

/// The window or the content got another size.
[[nodiscard]] Viewport resized(Viewport view, double height_px, double content_px) noexcept;
[[nodiscard]] Viewport scrolled_to(Viewport view, double top_px) noexcept;
[[nodiscard]] Viewport scrolled_by(Viewport view, double px) noexcept;
/// What lies `anchor_px` below the visible part's upper edge stays there, as far as the ends allow.
[[nodiscard]] Viewport zoomed(Viewport view, double factor, double anchor_px) noexcept;
/// Scrolls as little as possible until [y0, y1] is visible with `margin_px` around it.
[[nodiscard]] Viewport revealing(Viewport view, double y0, double y1, double margin_px) noexcept;
/// Takes hold of the end.
[[nodiscard]] Viewport following(Viewport view) noexcept;

}  // namespace synscope::model
