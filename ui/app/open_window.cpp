#include "ui/app/open_window.hpp"

#include "ui/app/command.hpp"
#ifdef SYNSCOPE_HAS_WINDOW
#include "ui/app/interrupt.hpp"
#include "ui/app/picture_size.hpp"
#include "ui/app/window/window.hpp"
#include "ui/render/store_source.hpp"
#endif

namespace synscope::app {

void add_window_test_options(Command& command, WindowChoices& choices) {
    const std::string hidden;  // an empty group is not printed
    command.option("--screenshot", choices.screenshot).hidden();
    command.option("--screenshot-after", choices.screenshot_after_frames).hidden();
    command.option("--state-file", choices.state_file).hidden();
}

void add_window_options(Command& command, WindowChoices& choices) {
    command.option("--theme", choices.theme, "dark, light or projector");
    command.option("--size", choices.size, "Of the window: WIDTHxHEIGHT");
    add_window_test_options(command, choices);
}

#ifdef SYNSCOPE_HAS_WINDOW

namespace {

class LiveFeed final : public window::TraceFeed {
  public:
    explicit LiveFeed(const LiveTrace& trace) : trace_(trace), source_(trace.store()) {}
    [[nodiscard]] const model::TraceSource& source() const override { return source_; }
    [[nodiscard]] bool finished() const override { return trace_.finished(); }
    [[nodiscard]] std::optional<UserError> error() const override { return trace_.error(); }
    [[nodiscard]] std::string notice() const override { return trace_.notice(); }
    [[nodiscard]] bool close_requested() const override { return interrupted(); }

  private:
    const LiveTrace& trace_;
    render::StoreSource source_;
};

}  // namespace

int show_window(const LiveTrace& trace, const std::string& title, const WindowChoices& choices) {
    window::WindowOptions options;
    options.title = title;
    options.follow = choices.follow;
    if (!choices.theme.empty()) {
        if (const auto theme = theme_by_name(choices.theme); !theme) return report(theme.error());
        options.theme = choices.theme;
    }
    if (!choices.size.empty()) {
        const auto size = parse_size(choices.size);
        if (!size) return report(size.error());
        options.width = size->width;
        options.height = size->height.value_or(options.height);
    }
    options.screenshot_path = choices.screenshot;
    options.screenshot_after_frames = choices.screenshot_after_frames;
    options.state_file = choices.state_file;
    const LiveFeed feed{trace};
    const auto shown = window::run_window(options, feed);
    return shown ? kDone : report(shown.error());
}

#else

int show_window(const LiveTrace& /*trace*/, const std::string& /*title*/, const WindowChoices& /*choices*/) {
    return report({"this synscope was built without a window", "",
                   "Build it with SYNSCOPE_UI=ON, or use 'demo --text' and 'analyze'."});
}

#endif

}  // namespace synscope::app
