#pragma once
// The schema: a YAML tree read as a Scenario. See docs/SCENARIOS.md. Throws Mistake (fields.hpp).
// Thread rule: pure functions.

#include <vector>

#include "sim/scenario/fields.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::scenario {

[[nodiscard]] Scenario read_scenario(const Field& root);
/// The steps of one client, checked in their order: connect first, nothing sent after a shutdown, ...
[[nodiscard]] std::vector<Step> read_steps(const Field& list, bool framed);

}  // namespace synscope::scenario
