#pragma once
// What the window shows, as JSON for a test that drives it from outside.
//
// Keys: title, live, paused, waiting_events, events, connections, connection (or null), selected_event (or
// null), selected_text, selected_at_px {x, y} in the window (when visible), field, sentence, focus, theme,
// mode, zoom, following, visible {from_s, to_s}, help, ladder_px {x, y, width, height}. Thread rule: any one
// thread.

#include <string>

#include "net/base/result.hpp"
#include "ui/model/workspace.hpp"
#include "ui/view/places.hpp"

namespace synscope::window {

[[nodiscard]] std::string state_json(const model::Workspace& workspace, const view::Place& ladder);
/// Replaces the file in one step.
Result<void, UserError> write_state(const std::string& path, const std::string& json);

}  // namespace synscope::window
