#pragma once
// Being busy on purpose: a scenario says "server.busy: 30ms", and the thread that should have read does
// something else. Thread rule: pure of state; blocks the calling thread.

#include <string_view>

#include "net/engine/observe.hpp"

namespace synscope::host {

/// Blocks for `duration`, or until `wake_fd` is readable (-1: nothing cuts it short). Draws it as BusyBegan
/// and BusyEnded when somebody watches. Nothing happens, and nothing is drawn, when `duration` is not above
/// 0.
void be_busy(engine::Observer* observer, std::string_view reason, Duration duration, SocketId socket,
             int wake_fd);

/// Blocks without a drawing.
void pause_for(Duration duration, int wake_fd);

}  // namespace synscope::host
