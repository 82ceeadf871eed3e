#include "ui/app/window/window.hpp"

#include <imgui.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/app/window/fonts.hpp"
#include "ui/app/window/screenshot.hpp"
#include "ui/app/window/shell.hpp"
#include "ui/app/window/state_file.hpp"
#include "ui/view/frame.hpp"

namespace synscope::window {

namespace {

constexpr double kLiveWait_s = 0.05;
constexpr double kIdleWait_s = 1.0;
/// ImGui needs a frame to notice a hover and another to act on it.
constexpr int kFramesAfterInput = 3;

class Session {
  public:
    Session(const WindowOptions& options, const TraceFeed& feed, Shell& shell, FontFiles fonts)
        : options_(options),
          feed_(feed),
          shell_(shell),
          files_(std::move(fonts)),
          workspace_(feed.source(),
                     {.title = options.title, .theme = options.theme, .follow = options.follow}) {}

    Result<void, UserError> run();

  private:
    [[nodiscard]] float scale() const { return options_.scale > 0 ? options_.scale : shell_.content_scale(); }
    void refresh_looks();
    void frame();
    void after_frame(const view::Places& places, const view::Canvas& canvas);
    void save_picture(const std::string& path);
    [[nodiscard]] std::string next_picture_path() const;

    const WindowOptions& options_;
    const TraceFeed& feed_;
    Shell& shell_;
    FontFiles files_;
    model::Workspace workspace_;
    view::GlyphSet glyphs_;
    view::Fonts fonts_;
    model::CommandSink sink_;
    const model::Theme* looks_theme_ = nullptr;  ///< what the atlas and style were made for
    float looks_scale_ = 0;
    int owed_frames_ = kFramesAfterInput;
    std::uint32_t frames_ = 0;
    std::size_t waiting_shown_ = 0;
    std::string written_state_;
    std::optional<UserError> failed_;
    bool closing_ = false;
};

/// Fonts and style, made anew when the theme, the scale or the set of characters has changed.
void Session::refresh_looks() {
    const bool same = looks_theme_ == &workspace_.theme() && looks_scale_ == scale();
    const bool grown = glyphs_.take_grown();
    if (same && !grown) return;
    looks_theme_ = &workspace_.theme();
    looks_scale_ = scale();
    const BuiltFonts built =
        build_atlas(*ImGui::GetIO().Fonts, files_, looks_theme_->metrics, looks_scale_, glyphs_.wanted());
    fonts_ = built.fonts;
    if (built.left_out > 0)
        workspace_.set_message(concat(built.left_out, " characters are not drawn: the font texture is full"));
    shell_.upload_fonts();
    view::apply_theme(*looks_theme_, looks_scale_, ImGui::GetStyle());
    owed_frames_ = std::max(owed_frames_, 2);
}

void Session::frame() {
    refresh_looks();
    for (const model::KeyPress& press : shell_.take_keys()) {
        if (const auto command = model::command_for(press)) workspace_.apply(*command);
    }
    refresh_looks();
    shell_.begin_frame();
    const view::Canvas canvas(workspace_.theme(), fonts_, glyphs_, scale());
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    const view::Places places = view::place_panels(workspace_, canvas, screen.x, screen.y);
    const view::Place picture = view::ladder_picture(places, canvas);
    workspace_.lay_out(picture.width, picture.height, canvas.metrics());
    view::draw_frame(workspace_, canvas, places, sink_);
    shell_.render(workspace_.theme().colour(model::Ink::Background));
    ++frames_;
    after_frame(places, canvas);
    shell_.present();
    // Commands come last: the next frame shows what they did.
    const auto commands = sink_.take();
    for (const model::Command& command : commands)
        workspace_.apply(command);
    if (!commands.empty()) owed_frames_ = kFramesAfterInput;
}

void Session::after_frame(const view::Places& places, const view::Canvas& canvas) {
    if (!options_.state_file.empty()) {
        std::string state = state_json(workspace_, view::ladder_picture(places, canvas));
        if (state != written_state_) {
            if (auto written = write_state(options_.state_file, state); !written) failed_ = written.error();
            written_state_ = std::move(state);
        }
    }
    if (workspace_.take_screenshot_request()) save_picture(next_picture_path());
    if (options_.screenshot_after_frames && frames_ >= *options_.screenshot_after_frames &&
        !options_.screenshot_path.empty()) {
        save_picture(options_.screenshot_path);
        closing_ = true;
    }
}

std::string Session::next_picture_path() const {
    if (!options_.screenshot_path.empty()) return options_.screenshot_path;
    for (int n = 1;; ++n) {
        std::string path = concat("synscope-", n, ".png");
        if (::access(path.c_str(), F_OK) != 0) return path;
    }
}

void Session::save_picture(const std::string& path) {
    if (auto saved = save_png(shell_.read_back(), path); saved) {
        workspace_.set_message(concat("Picture saved: ", escaped(path, Medium::Terminal)));
    } else {
        const UserError& error = saved.error();
        workspace_.set_message(
            escaped(concat(error.what, ": ", error.where, " (", error.hint, ")"), Medium::Terminal));
        if (options_.screenshot_after_frames) failed_ = error;
    }
    owed_frames_ = std::max(owed_frames_, 1);
}

Result<void, UserError> Session::run() {
    while (!closing_ && !shell_.close_requested() && !feed_.close_requested() &&
           !workspace_.quit_requested() && !failed_) {
        const bool counting = options_.screenshot_after_frames.has_value();
        const double wait = owed_frames_ > 0 || counting ? 0.0
                            : workspace_.feed().finished ? kIdleWait_s
                                                         : kLiveWait_s;
        if (shell_.wait(wait)) owed_frames_ = kFramesAfterInput;
        if (workspace_.update({feed_.finished(), feed_.error(), feed_.notice()}))
            owed_frames_ = std::max(owed_frames_, 1);
        if (workspace_.paused() && workspace_.waiting_events() != waiting_shown_) {
            waiting_shown_ = workspace_.waiting_events();
            owed_frames_ = std::max(owed_frames_, 1);
        }
        if (owed_frames_ == 0 && !counting) continue;
        owed_frames_ = std::max(0, owed_frames_ - 1);
        frame();
    }
    if (failed_) return failure(*failed_);
    return {};
}

}  // namespace

Result<void, UserError> run_window(const WindowOptions& options, const TraceFeed& feed) {
    auto fonts = FontFiles::find();
    if (!fonts) return failure(fonts.error());
    const std::string title =
        options.title.empty() ? "Synscope" : escaped(options.title, Medium::Terminal) + " - Synscope";
    auto shell = Shell::open({.title = title, .width = options.width, .height = options.height});
    if (!shell) return failure(shell.error());
    Session session(options, feed, **shell, std::move(*fonts));
    return session.run();
}

}  // namespace synscope::window
