#pragma once
// What the inspector shows while nothing is selected: one connection, or the whole trace, in numbers, and
// what the marks of the ladder mean. All texts are escaped for a window. Cost: the segments of the
// connections it tells about, plus the rows of the timeline. Thread rule: pure.

#include <optional>
#include <vector>

#include "capture/track/tracker.hpp"
#include "ui/model/inspector.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {

/// `connection`: the one that is shown; nothing: all of them, the first few each in a box of its own.
[[nodiscard]] std::vector<InspectorRow> overview(const track::Tracker& tracker, const Timeline& timeline,
                                                 std::optional<ConnectionId> connection);

}  // namespace synscope::model
