#pragma once
// What a comparison of engines has shown, for people and for programs. docs/FORMATS.md has the keys.
// Thread rule: pure functions.

#include <string>
#include <vector>

#include "net/lab/compare.hpp"

namespace synscope::app {

[[nodiscard]] std::string compare_text(const scenario::Scenario& scenario,
                                       const std::vector<lab::EngineTrial>& trials);
/// One JSON object and a line end.
[[nodiscard]] std::string compare_json(const scenario::Scenario& scenario,
                                       const std::vector<lab::EngineTrial>& trials);

}  // namespace synscope::app
