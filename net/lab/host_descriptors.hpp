#pragma once
// Where the processes of a run find what they are given: the scenario on standard input, and these. Thread
// rule: constants.

namespace synscope::lab {

/// Written by engine-host and client-host: the event stream; unwatched, an engine host's address.
inline constexpr int kEventFd = 3;
/// Read by engine-host: its end is the stop.
inline constexpr int kStopFd = 4;

}  // namespace synscope::lab
