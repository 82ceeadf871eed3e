#pragma once
// What a load on a server has shown, for people and for programs. docs/FORMATS.md has the keys.
// Thread rule: pure functions.

#include <string>

#include "net/load/load.hpp"

namespace synscope::app {

[[nodiscard]] std::string load_text(const load::LoadOptions& options, const load::LoadReport& report);
/// One JSON object and a line end.
[[nodiscard]] std::string load_json(const load::LoadOptions& options, const load::LoadReport& report);

}  // namespace synscope::app
