// synscope demo: the main job. A real server, a real client, a live capture, drawn as a ladder.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/trace/session.hpp"
#include "net/base/text.hpp"
#include "sim/scenario/builtin.hpp"
#include "sim/scenario/load.hpp"
#include "ui/app/command.hpp"
#include "ui/app/display.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/lab_process.hpp"
#include "ui/app/ladder_output.hpp"
#include "ui/app/live_trace.hpp"
#include "ui/app/open_window.hpp"
#include "ui/app/overrides.hpp"

namespace synscope::app {

namespace {

struct DemoOptions {
    bool text = false;
    std::string session;
    PictureOptions picture;
    std::vector<std::string> overrides;
    std::string engine;
    WindowChoices window;
};

Result<scenario::Scenario, UserError> demo_scenario(const DemoOptions& options) {
    auto overrides = parsed_overrides(options.overrides);
    if (!options.engine.empty()) overrides.push_back({"server.engine", options.engine});
    return scenario::load_text(scenario::demo_yaml(), "demo.yaml", overrides);
}

/// What cannot be written is refused before anything runs.
Result<void, UserError> check_outputs(const DemoOptions& options) {
    if (auto known = check_picture(options.picture); !known) return known;
    return options.session.empty() || options.session == "-" ? Result<void, UserError>{}
                                                             : trace::check_writable(options.session);
}

/// Everything that is written once the run is over.
int write_results(const DemoOptions& options, const LiveTrace& trace, bool print) {
    if (!options.session.empty()) {
        if (const auto saved = trace::save_session(trace.store(), options.session); !saved)
            return report(saved.error());
    }
    if (!options.picture.path.empty()) {
        if (const auto drawn = write_ladder_picture(trace.store(), options.picture); !drawn)
            return report(drawn.error());
    }
    return print ? print_ladder(trace.store(), options.session == "-" ? stderr : stdout) : kDone;
}

/// --theme and --size mean the picture or the window, whichever there is.
WindowChoices window_choices(const DemoOptions& options) {
    WindowChoices choices = options.window;
    choices.theme = options.picture.theme;
    choices.size = options.picture.size;
    return choices;
}

bool wants_window(const DemoOptions& options) {
#ifdef SYNSCOPE_HAS_WINDOW
    return !options.text && options.picture.path.empty() && has_display();
#else
    static_cast<void>(options);
    return false;
#endif
}

int demo(const DemoOptions& options) {
    const auto scenario = demo_scenario(options);
    if (!scenario) return report(scenario.error());
    if (const auto writable = check_outputs(options); !writable) return report(writable.error());
    if (options.session == "-" && isatty(STDOUT_FILENO) == 1) {
        report({"not writing a session to a terminal", "-w -", "Redirect it, or name a file."});
        return kWrongUsage;
    }
    hold_signals(true);
    auto lab = start_lab(*scenario);
    if (!lab) return report(lab.error());
    pass_signals_to(lab->child.pid());
    LiveTrace trace{std::exchange(lab->stream, -1)};

    const bool window = wants_window(options);
    int shown = kDone;
    bool stopped = false;
    if (window) {
        trace.wait_for_first();
        const bool nothing = trace.finished() && trace.store().packet_count() == 0;
        if (!nothing) shown = show_window(trace, "demo", window_choices(options));
        if (!trace.finished()) {
            stopped = true;  // the window was closed before the end
            lab->child.signal(SIGTERM);
        }
    }
    trace.wait();
    const lab::ExitStatus ended = lab->child.wait();
    pass_signals_to(0);
    if (shown != kDone) return shown;
    if (const auto broken = trace.error()) return report(*broken);
    const int outcome = ended.clean() || stopped                      ? kDone
                        : interrupted() || ended.code == kInterrupted ? kInterrupted
                                                                      : kFailed;  // the lab has said why
    if (outcome != kDone && trace.store().packet_count() == 0) return outcome;
    const int written =
        write_results(options, trace, !window && (options.text || options.picture.path.empty()));
    return written != kDone ? written : outcome;
}

}  // namespace

void add_demo(Command& parent) {
    const auto options = std::make_shared<DemoOptions>();
    Command command = parent.add_command("demo",
                                         "A real conversation, captured live and drawn: handshake, "
                                         "stuck-together messages, framing, teardown");
    command.flag("--text", options->text, "Print the ladder as text, also where there is a display");
    command.option("-w,--write", options->session, "Keep the session: a pcapng file that any analyser opens");
    add_picture_options(command, options->picture);
    add_window_test_options(command, options->window);
    command.option("--engine", options->engine, "How the server waits: see 'synscope engines'");
    command.option("--set", options->overrides, "Change a key of the demo's scenario: --set server.busy=0")
        .one_value_each();
    command.runs([options] { return demo(*options); },
                 [options] { return check_overrides(options->overrides); });
}

}  // namespace synscope::app
