#pragma once
// What must hold of a connection between any two events, whatever came before. Used by the property tests and
// by the fuzz target (tests/fuzz/sim_tcp).

#include <string>

#include "sim/tcp/stack.hpp"

namespace synscope::sim::tcp::test {

/// The first thing that does not hold; empty when all is well.
[[nodiscard]] std::string audit(const Tcb& t);
/// Every connection of a stack.
[[nodiscard]] std::string audit(const Stack& stack);

}  // namespace synscope::sim::tcp::test
