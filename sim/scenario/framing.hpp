#pragma once
// A framing in a scenario: a name, or a map that declares one. A declared one becomes the text that stands
// for it (net/framing/declaration.hpp), which is a name like any other from then on. Thread rule: pure.

#include <string>

#include "sim/scenario/fields.hpp"

namespace synscope::scenario {

[[nodiscard]] std::string read_framing(const Field& field);

}  // namespace synscope::scenario
