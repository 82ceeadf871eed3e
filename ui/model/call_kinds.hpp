#pragma once
// Which system calls the ladder shows, and which of them may wait. Thread rule: pure functions.

#include "net/base/syscall.hpp"

namespace synscope::model {

/// Calls that only prepare are left out: they tell nothing about what crosses the wire.
[[nodiscard]] bool worth_drawing(Syscall call) noexcept;

/// Calls that may wait for the other side. How long one takes when it need not wait is a few microseconds.
[[nodiscard]] bool may_wait(Syscall call) noexcept;

}  // namespace synscope::model
