#pragma once
// The window on a trace that may still grow. Thread rule: main thread.

#include <cstdint>
#include <optional>
#include <string>

#include "ui/app/command_line.hpp"
#include "ui/app/live_trace.hpp"

namespace synscope::app {

/// How the window looks and where it tells tests what it shows; empty or absent: its own defaults.
struct WindowChoices {
    bool follow =
        true;  ///< shows the newest, as while recording; false: begins at the beginning, as with a file
    std::string theme;
    std::string size;  ///< "1280x720"
    std::string screenshot;
    std::optional<std::uint32_t> screenshot_after_frames;
    std::string state_file;
};
/// --screenshot, --screenshot-after and --state-file, for scripts and tests; not in the help.
void add_window_test_options(Command& command, WindowChoices& choices);
void add_window_options(Command& command, WindowChoices& choices);

/// Returns an exit code. `title` is what is open, as the user named it; empty: nothing.
int show_window(const LiveTrace& trace, const std::string& title, const WindowChoices& choices);

}  // namespace synscope::app
