#pragma once
// The engine io_uring with less than this kernel offers: for tests of what it does on an older one.

#include "net/engine/engine.hpp"
#include "net/engine/ring.hpp"

namespace synscope::engine {

[[nodiscard]] std::unique_ptr<Engine> make_io_uring(RingAbilities abilities);

}  // namespace synscope::engine
