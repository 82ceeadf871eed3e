#pragma once
// Where our programs lie: they are started by path, never looked up. Thread rule: pure but for reading
// /proc/self/exe.

#include <string>

namespace synscope::lab {

/// The running program; how it starts itself as another process of a run.
[[nodiscard]] std::string own_program();
/// `synscope-capture` beside it, whether it exists or not.
[[nodiscard]] std::string capture_program_path();

}  // namespace synscope::lab
