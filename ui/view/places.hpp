#pragma once
// Where each panel stands, from the window's size and the splits. Thread rule: pure functions.

#include <array>

#include "ui/model/commands.hpp"
#include "ui/model/workspace.hpp"
#include "ui/view/canvas.hpp"

namespace synscope::view {

inline constexpr float kScrollbar = 14;  ///< width at scale 1

struct Place {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;
};
/// A line between two panels that can be dragged.
struct SplitLine {
    model::Split split = model::Split::ConnectionsLadder;
    bool upright = true;  ///< moves sideways
    Place grip;           ///< where the mouse takes hold
    float from = 0;       ///< the space it divides, along the axis it moves on
    float to = 0;
};
struct Places {
    Place top;
    Place notice;  ///< of no height mostly
    Place connections;
    Place ladder;
    Place sentences;
    Place inspector;
    Place status;
    std::array<SplitLine, 3> lines;
};
[[nodiscard]] Places place_panels(const model::Workspace& workspace, const Canvas& canvas, float width,
                                  float height);
/// The height of the notice across the window; 0 when there is none.
[[nodiscard]] float notice_px(const model::Workspace& workspace, const Canvas& canvas, float width);
[[nodiscard]] float ladder_heading_px(const Canvas& canvas);
/// The part of the ladder's place that the picture gets: for Workspace::lay_out.
[[nodiscard]] Place ladder_picture(const Places& places, const Canvas& canvas);

}  // namespace synscope::view
