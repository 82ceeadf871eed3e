#pragma once
// Making sure that a run can be captured: here, or in a network of its own.
// Thread rule: call in a process that has one thread; the kernel refuses namespaces to others.

#include <string>

#include "net/base/result.hpp"

namespace synscope::lab {

/// Tries whether `capture_program` may open `lo`. When not, moves this process (and so its children) into its
/// own user and network namespace, where it may. Fails where that is denied too, naming both ways out.
[[nodiscard]] Result<void, UserError> ensure_capture_rights(const std::string& capture_program);

}  // namespace synscope::lab
