#pragma once
// One frame of the whole window: every panel in its place, the lines between them, what lies on top.
//
//   const Places places = place_panels(workspace, canvas, width, height);
//   workspace.lay_out(ladder_picture(places, canvas) ...);
//   draw_frame(workspace, canvas, places, sink);       // between ImGui::NewFrame and ImGui::Render
//
// Thread rule: the thread of the window.

#include "ui/view/panels.hpp"
#include "ui/view/places.hpp"

namespace synscope::view {

void draw_frame(const model::Workspace& workspace, const Canvas& canvas, const Places& places,
                model::CommandSink& sink);

}  // namespace synscope::view
