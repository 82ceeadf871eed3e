#pragma once
// What a user should hear of a capture file before believing its picture, one sentence each: that another
// program dropped our events or packets, that some could not be read. Thread rule: pure.

#include <string>
#include <vector>

#include "capture/trace/session.hpp"

namespace synscope::render {

[[nodiscard]] std::vector<std::string> session_notices(const trace::SessionSummary& session);

}  // namespace synscope::render
