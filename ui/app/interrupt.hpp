#pragma once
// Ctrl-C and a polite kill while another process works for us: they are passed on to it, and we stay to
// finish what it wrote. Thread rule: main thread.

#include <sys/types.h>

namespace synscope::app {

/// From here on SIGINT, SIGTERM and SIGHUP do not end this process: they are remembered. A second one ends it
/// at once when `twice_kills`, for somebody who will not wait.
void hold_signals(bool twice_kills);
/// Instead: a descriptor that is readable once SIGINT or SIGTERM has come, for those who wait with poll().
/// The signals are blocked for all threads made later. -1 when there is no descriptor left; the caller closes
/// it.
[[nodiscard]] int signals_as_descriptor();
/// The process that is sent a SIGTERM for each of them; also for one that came before. 0: none any more.
void pass_signals_to(pid_t process);
/// One of them has come.
[[nodiscard]] bool interrupted();

}  // namespace synscope::app
