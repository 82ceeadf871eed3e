#pragma once
// Packets as lines of text while they arrive, in the notation of design and tests. Thread rule: one thread.

#include "net/base/result.hpp"

namespace synscope::app {

/// Takes the pcapng stream `fd` over and prints a line per packet until its end or until nobody reads.
Result<void, UserError> print_live(int fd);

}  // namespace synscope::app
