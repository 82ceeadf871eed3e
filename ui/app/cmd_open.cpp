// synscope open: a session or a capture in the window; also what arrives on standard input, while it arrives.
#include <memory>
#include <string>

#include "ui/app/command.hpp"
#include "ui/app/display.hpp"
#include "ui/app/live_trace.hpp"
#include "ui/app/open_window.hpp"

namespace synscope::app {

namespace {

struct OpenOptions {
    std::string file;
    WindowChoices window;
};

int open_file(const OpenOptions& options) {
    const std::string& path = options.file;
    if (!has_display()) {
        return report({"there is no display to open a window on", "",
                       "Without one, 'synscope analyze FILE' says what the file holds; DISPLAY or "
                       "WAYLAND_DISPLAY names a display."});
    }
    LiveTrace trace{path};
    if (path != "-") trace.wait_for_first();
    if (trace.finished() && trace.store().packet_count() == 0) {
        if (const auto error = trace.error()) return report(*error);
    }
    WindowChoices window = options.window;
    window.follow = path == "-";
    return show_window(trace, path == "-" ? "standard input" : path, window);
}

}  // namespace

void add_open(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<OpenOptions>();
    CLI::App* command = app.add_subcommand("open", "Show a session or a capture in the window");
    command
        ->add_option("FILE", options->file,
                     "A session, pcap or pcapng file; - reads standard input while it is written")
        ->required();
    add_window_options(*command, options->window);
    command->callback([options, &chosen] { chosen = [options] { return open_file(*options); }; });
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
