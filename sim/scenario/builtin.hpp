#pragma once
// Scenario files that are part of the program. Their text is lessons/*.yaml, put into a generated source file
// at build time: one fact in one place. Thread rule: constants.

#include <string_view>

namespace synscope::scenario {

/// lessons/demo.yaml
[[nodiscard]] std::string_view demo_yaml() noexcept;

}  // namespace synscope::scenario
