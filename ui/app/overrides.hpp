#pragma once
// What commands with a scenario do with --set PATH=VALUE. Thread rule: pure functions.

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/load.hpp"
#include "ui/app/command_line.hpp"

namespace synscope::app {

/// What is wrong with one of the texts; nothing when all can be taken apart.
[[nodiscard]] std::optional<UsageError> check_overrides(const std::vector<std::string>& texts);
/// Of texts in which check_overrides finds nothing wrong.
[[nodiscard]] std::vector<scenario::Override> parsed_overrides(const std::vector<std::string>& texts);

}  // namespace synscope::app
