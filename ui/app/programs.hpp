#pragma once
// Where the running program is. Thread rule: pure but for reading /proc/self/exe.

#include <string>

namespace synscope::app {

/// The path of the running synscope; how it starts itself as another process of a run.
[[nodiscard]] std::string own_program();

}  // namespace synscope::app
