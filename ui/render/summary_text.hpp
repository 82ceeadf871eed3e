#pragma once
// What a capture or session holds, for a person: one paragraph about the file, one line per connection.
// Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <string>

#include "capture/trace/session.hpp"
#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"

namespace synscope::render {

/// `name` is the file's name as given. With `only`, just that connection's line.
[[nodiscard]] std::string summary_text(const trace::Store& store, const track::Tracker& tracker,
                                       const std::string& name, const trace::SessionSummary& session,
                                       std::optional<std::uint32_t> only);

}  // namespace synscope::render
