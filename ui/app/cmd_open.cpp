// synscope open: a session or a capture in the window; also what arrives on standard input, while it arrives.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/base/text.hpp"
#include "ui/app/command.hpp"
#include "ui/app/display.hpp"
#include "ui/app/live_trace.hpp"
#include "ui/app/open_window.hpp"

namespace synscope::app {

namespace {

struct OpenOptions {
    std::vector<std::string> files;
    bool follow = false;
    WindowChoices window;
};

/// What is open, as the user named it.
std::string title_of(const std::vector<std::string>& files) {
    const std::string first = files.front() == "-" ? "standard input" : files.front();
    return files.size() == 1 ? first : concat(first, " and ", files.size() - 1, " more, merged by time");
}

int open_files(const OpenOptions& options) {
    const bool pipe = std::find(options.files.begin(), options.files.end(), "-") != options.files.end();
    if (options.follow && (pipe || options.files.size() > 1)) {
        report({"--follow takes one file", "", "Standard input is followed as it comes."});
        return kWrongUsage;
    }
    const bool grows = pipe || options.follow;
    if (!has_display()) {
        return report({"there is no display to open a window on", "",
                       "Without one, 'synscope analyze FILE' says what the file holds; DISPLAY or "
                       "WAYLAND_DISPLAY names a display."});
    }
    std::optional<LiveTrace> opened;
    if (options.follow)
        opened.emplace(LiveTrace::Growing{options.files.front()});
    else
        opened.emplace(options.files);
    const LiveTrace& trace = *opened;
    if (!grows) trace.wait_for_first();
    if (trace.finished() && trace.store().packet_count() == 0) {
        if (const auto error = trace.error()) return report(*error);
    }
    WindowChoices window = options.window;
    window.follow = grows;
    return show_window(trace, title_of(options.files), window);
}

}  // namespace

void add_open(Command& parent) {
    const auto options = std::make_shared<OpenOptions>();
    Command command = parent.add_command("open", "Show a session or a capture in the window");
    command
        .option("FILE", options->files,
                "A session or a capture of any kind; - reads standard input while it is written; several "
                "are merged by time, packets only")
        .required();
    command.flag("--follow", options->follow,
                 "A file that another program is still writing: go on reading as it grows");
    add_window_options(command, options->window);
    command.runs([options] { return open_files(*options); });
}

int open_empty_window() {
    if (!has_display()) {
        return report(
            {"there is no display to open a window on", "",
             "Try 'synscope demo --text', or 'synscope --help' for the commands that work without one."});
    }
    LiveTrace nothing;
    return show_window(nothing, "", {});
}

}  // namespace synscope::app
