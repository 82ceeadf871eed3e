// synscope sim: a scenario in virtual time, on a TCP of our own.
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/trace/session.hpp"
#include "net/base/text.hpp"
#include "sim/run/simulation.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/units.hpp"
#include "ui/app/attach.hpp"
#include "ui/app/command.hpp"
#include "ui/app/display.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/ladder_output.hpp"
#include "ui/app/open_window.hpp"
#include "ui/app/overrides.hpp"
#include "ui/app/sim_recording.hpp"

namespace synscope::app {

namespace {

constexpr const char* kUntil = "1h";
constexpr std::uint64_t kStepsBetweenLooks = 20'000;

struct SimOptions {
    std::string scenario;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> overrides;
    bool text = false;
    bool headless = false;
    std::string session;
    PictureOptions picture;
    std::string until;  ///< empty: kUntil, or with the kernel at one end as long as anybody likes
    std::uint64_t most_events = 5'000'000;
    AttachOptions attach;
    std::string language = "en";
    WindowChoices window;
};

Result<scenario::Scenario, UserError> load_scenario(const SimOptions& options) {
    auto overrides = parsed_overrides(options.overrides);
    if (options.seed) overrides.push_back({"seed", concat(*options.seed)});
    return scenario::load_file(options.scenario, overrides);
}

/// What cannot be written is refused before anything runs.
Result<void, UserError> check_outputs(const SimOptions& options) {
    if (auto known = check_picture(options.picture); !known) return known;
    return options.session.empty() || options.session == "-" ? Result<void, UserError>{}
                                                             : trace::check_writable(options.session);
}

/// On a terminal a line about how far it has come, after a second.
class ProgressLine {
  public:
    ~ProgressLine() {
        if (shown_) std::fputs("\r\x1b[K", stderr);
    }
    void show(const sim::Progress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (!terminal_ || now < next_) return;
        next_ = now + std::chrono::milliseconds{200};
        shown_ = true;
        std::fputs(concat('\r', progress.packets, " packets, ", duration_text(Duration{progress.now.ns}),
                          " of virtual time")
                       .c_str(),
                   stderr);
    }

  private:
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    bool terminal_ = isatty(STDERR_FILENO) == 1;
    bool shown_ = false;
};

/// Whether anything will be done with what the run leaves.
bool is_looked_at(const SimOptions& options) {
    return !options.headless || !options.session.empty() || !options.picture.path.empty();
}

sim::SimulationOptions run_options(const SimOptions& options, scenario::Scenario&& scenario) {
    sim::SimulationOptions run;
    run.file = options.scenario.substr(options.scenario.rfind('/') + 1);
    run.language = options.language;
    run.most_events = is_looked_at(options) ? options.most_events : std::numeric_limits<std::uint64_t>::max();
    run.until = Instant{std::numeric_limits<std::int64_t>::max()};
    if (options.attach.wanted()) run.outside = attached_host(options.attach, scenario);
    if (!options.until.empty() || !options.attach.wanted())
        run.until = Instant{scenario::parse_duration(options.until.empty() ? kUntil : options.until)->ns};
    run.scenario = std::move(scenario);
    return run;
}

/// Runs it to its end; an exit code, having said why it is not kDone.
int simulate(const SimOptions& options, scenario::Scenario&& scenario, trace::Store& store) {
    SimRecording recording{store};
    NoRecording nowhere;
    sim::Recording& out = is_looked_at(options) ? static_cast<sim::Recording&>(recording) : nowhere;
    auto simulation = sim::Simulation::make(run_options(options, std::move(scenario)), out);
    if (!simulation) {
        UserError error = simulation.error();
        if (error.where.empty()) error.where = options.scenario;
        return report(error);
    }
    int attached = kDone;
    if (options.attach.wanted()) {
        attached = run_attached(**simulation, options.attach);
    } else {
        ProgressLine line;
        while ((*simulation)->go_on(kStepsBetweenLooks) && !interrupted() && !recording.error())
            line.show((*simulation)->progress());
    }
    if (recording.error()) return report(to_user_error(*recording.error()));
    if (options.attach.wanted()) return attached;
    if (interrupted()) return kInterrupted;
    const auto& outcome = (*simulation)->outcome();
    return outcome ? kDone : report(outcome.error());
}

/// The window reads a stream; it gets the session through memory.
int show_in_window(const trace::Store& store, const SimOptions& options) {
#ifdef SYNSCOPE_HAS_WINDOW
    const int fd = memfd_create("synscope session", MFD_CLOEXEC);
    if (fd < 0) return report({"no memory for the session", "", ""});
    if (auto written = trace::write_session(store, fd, "memory"); !written) return report(written.error());
    lseek(fd, 0, SEEK_SET);
    LiveTrace trace{fd};
    trace.wait();
    WindowChoices choices = options.window;
    choices.follow = false;
    choices.theme = options.picture.theme;
    choices.size = options.picture.size;
    return show_window(trace, options.scenario, choices);
#else
    static_cast<void>(store);
    static_cast<void>(options);
    return kDone;
#endif
}

bool wants_window(const SimOptions& options) {
#ifdef SYNSCOPE_HAS_WINDOW
    return !options.text && !options.headless && options.picture.path.empty() && has_display();
#else
    static_cast<void>(options);
    return false;
#endif
}

/// Everything that is written once the run is over.
int write_results(const SimOptions& options, const trace::Store& store, bool print) {
    if (!options.session.empty()) {
        if (const auto saved = trace::save_session(store, options.session); !saved)
            return report(saved.error());
    }
    if (!options.picture.path.empty()) {
        if (const auto drawn = write_ladder_picture(store, options.picture); !drawn)
            return report(drawn.error());
    }
    return print ? print_ladder(store, options.session == "-" ? stderr : stdout) : kDone;
}

int run_sim(const SimOptions& options) {
    auto scenario = load_scenario(options);
    if (!scenario) return report(scenario.error());
    if (const auto writable = check_outputs(options); !writable) return report(writable.error());
    if (options.session == "-" && isatty(STDOUT_FILENO) == 1) {
        report({"not writing a session to a terminal", "-w -", "Redirect it, or name a file."});
        return kWrongUsage;
    }
    // A command at the other end hears of each Ctrl-C itself.
    hold_signals(options.attach.command.empty());
    trace::Store store;
    const int outcome = simulate(options, std::move(*scenario), store);
    if (store.packet_count() == 0 && outcome != kDone) return outcome;
    const bool window = wants_window(options);
    const bool print = !window && !options.headless && (options.text || options.picture.path.empty());
    const int written = write_results(options, store, print);
    if (written != kDone) return written;
    if (window)
        if (const int shown = show_in_window(store, options); shown != kDone) return shown;
    return outcome;
}

void add_attach_options(Command& command, AttachOptions& options) {
    command.option(
        "--attach", options.what,
        "'tap': in real time, with this machine's kernel in the place of the first client's host, on a\n"
        "TAP device in a network of its own; 'tap:HOST': of that host");
    command.option(
        "command", options.command,
        "With --attach, after '--': a program to run there, and its arguments; the run ends with it");
}

/// What the parser cannot see by itself.
std::optional<UsageError> check_options(const SimOptions& options) {
    if (auto wrong = check_overrides(options.overrides)) return wrong;
    if (!options.until.empty() && !scenario::parse_duration(options.until))
        return UsageError{"--until", concat("expected a duration such as 30s, got '", options.until, "'")};
    if (options.text && options.headless)
        return UsageError{"--headless", "shows nothing, and --text asks for the ladder"};
    if (options.attach.wanted() && !can_attach_to(options.attach.what))
        return UsageError{"--attach", concat("expected tap or tap:HOST, got '", options.attach.what, "'")};
    if (!options.attach.wanted() && !options.attach.command.empty())
        return UsageError{"a program", "runs with --attach only"};
    return {};
}

}  // namespace

void add_sim(Command& parent) {
    const auto options = std::make_shared<SimOptions>();
    Command command =
        parent.add_command("sim", "Run a scenario in virtual time, on a TCP of our own: the same every time");
    command.option("scenario", options->scenario, "The scenario file; docs/SCENARIOS.md lists its keys")
        .required();
    command.option("--seed", options->seed, "Everything random follows from it; default: the scenario's");
    command.option("--set", options->overrides, "Change a key of the scenario: --set link.delay=20ms")
        .one_value_each();
    command.flag("--text", options->text, "Print the ladder as text, also where there is a display");
    command.flag("--headless", options->headless, "Show nothing: for -w and -o alone");
    command.option("-w,--write", options->session, "Keep the session: a pcapng file that any analyser opens");
    add_picture_options(command, options->picture);
    add_window_test_options(command, options->window);
    command.option("--until", options->until, "Stop at this virtual time; default 1h, with --attach never");
    command.option("--events", options->most_events, "Stop after so many events; default 5000000");
    command.option("--lang", options->language, "Language of the narration: en, zh-CN");
    add_attach_options(command, options->attach);
    const auto run = [options] {
        options->attach.output_is_taken = options->session == "-";
        return run_sim(*options);
    };
    command.runs(run, [options] { return check_options(*options); });
}

}  // namespace synscope::app
