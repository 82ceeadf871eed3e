#pragma once
// The window without its pixels: what is open, shown, selected and paused, and how commands change it.
//
//   Workspace workspace(source, {.title = "demo"});
//   each frame:  workspace.update(...);  workspace.lay_out(...);  panels draw;  workspace.apply(command) ...
//
// Everything a panel shows comes from here, everything it asks for comes back as a command; so the whole
// behaviour of the window is tested without one. Ownership: the source outlives the workspace; what the
// accessors return is valid until the next update(), lay_out() or apply(). Thread rule: one thread; the
// source may grow under another's hands.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.hpp"
#include "ui/model/commands.hpp"
#include "ui/model/findings.hpp"
#include "ui/model/inspector.hpp"
#include "ui/model/ladder.hpp"
#include "ui/model/selection.hpp"
#include "ui/model/timeline.hpp"
#include "ui/model/viewport.hpp"

namespace synscope::model {

class Workspace {
  public:
    struct Options {
        std::string title;  ///< what is open, as the user named it; escaped here. Empty: nothing is open
        std::string theme = "dark";  ///< a name of themes(); an unknown one is the first
        AxisMode mode = AxisMode::Compressed;
        bool follow = true;  ///< starts at the end and stays there; false: starts at the beginning
    };
    Workspace(const TraceSource& source, Options options);
    ~Workspace();

    // ---- each frame ----
    /// How the stream that feeds the source is doing.
    struct Feed {
        bool finished = false;
        std::optional<UserError> error;
        std::string notice = {};  ///< what must be known about the trace; usually empty, escaped
    };
    /// Takes what is new, unless paused. True when anything that is shown has changed.
    bool update(const Feed& feed);
    /// The ladder's place, and the sizes of what is drawn there, all in pixels; makes the picture.
    void lay_out(float width_px, float height_px, const Metrics& metrics_px);
    void apply(const Command& command);

    // ---- what is shown ----
    [[nodiscard]] const std::string& title() const noexcept { return title_; }
    [[nodiscard]] bool nothing_open() const noexcept { return title_.empty(); }
    [[nodiscard]] const Feed& feed() const noexcept { return feed_; }
    /// Feed::notice, until it is put away.
    [[nodiscard]] std::string_view notice() const noexcept {
        return notice_dismissed_ ? std::string_view{} : std::string_view{feed_.notice};
    }
    [[nodiscard]] bool paused() const noexcept { return paused_; }
    /// Events recorded but not yet shown.
    [[nodiscard]] std::size_t waiting_events() const { return source_.size() - shown_; }
    [[nodiscard]] std::size_t shown_events() const noexcept { return shown_; }
    [[nodiscard]] const std::vector<track::Connection>& connections() const;
    [[nodiscard]] const Timeline& timeline() const noexcept { return *timeline_; }
    [[nodiscard]] const LadderPicture& picture() const noexcept { return picture_; }
    [[nodiscard]] const Viewport& viewport() const noexcept { return viewport_; }
    [[nodiscard]] AxisMode mode() const noexcept { return mode_; }
    /// The times at the upper and lower edge; nothing while there is nothing to see.
    struct Span {
        Instant from;
        Instant to;
    };
    [[nodiscard]] std::optional<Span> visible() const;
    [[nodiscard]] Instant start() const;
    [[nodiscard]] const Selection& selection() const noexcept { return selection_; }
    [[nodiscard]] const Inspector* inspector() const noexcept { return inspector_ ? &*inspector_ : nullptr; }
    /// What to show while nothing is selected: see overview.hpp.
    [[nodiscard]] const std::vector<InspectorRow>& overview_rows() const noexcept { return overview_; }
    [[nodiscard]] const std::vector<Finding>& sentences() const noexcept { return sentences_; }
    [[nodiscard]] std::optional<std::size_t> sentence() const noexcept { return sentence_; }
    /// What lies under a point of the visible part of the ladder, for a tooltip.
    [[nodiscard]] std::optional<EventId> event_at(float x_px, float y_px) const;
    [[nodiscard]] Explanation explain_event(EventId event) const;
    [[nodiscard]] const Theme& theme() const noexcept;
    [[nodiscard]] Panel focus() const noexcept { return focus_; }
    [[nodiscard]] double split(Split which) const noexcept {
        return splits_[static_cast<std::size_t>(which)];
    }
    [[nodiscard]] bool help_open() const noexcept { return help_; }
    /// One line at the lower edge: "Picture saved: ..."; empty mostly.
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    void set_message(std::string escaped_text) { message_ = std::move(escaped_text); }

    // ---- what the window itself must do ----
    [[nodiscard]] bool quit_requested() const noexcept { return quit_; }
    [[nodiscard]] bool take_screenshot_request() noexcept { return std::exchange(screenshot_, false); }

  private:
    friend struct WorkspaceCommands;

    void refresh_timeline();
    void refresh_sentences();
    void refresh_inspector();
    void show_connection(std::optional<ConnectionId> connection);
    void select_event(EventId event);
    void reveal(EventId event);
    void step_ladder(std::int32_t by);
    [[nodiscard]] bool steppable(const Row& row) const;
    [[nodiscard]] std::optional<std::size_t> row_of(EventId event) const;
    [[nodiscard]] std::optional<std::size_t> next_row(std::optional<std::size_t> from, int direction) const;

    const TraceSource& source_;
    std::string title_;
    Feed feed_;
    bool settled_ = false;  ///< the finished trace was put in order without exception
    bool paused_ = false;
    std::size_t shown_ = 0;

    TraceReader reader_;
    std::unique_ptr<Timeline> timeline_;
    std::unique_ptr<Ladder> ladder_;
    LadderPicture picture_;
    Viewport viewport_;
    AxisMode mode_;

    Selection selection_;
    std::optional<Inspector> inspector_;
    std::vector<InspectorRow> overview_;
    std::vector<Finding> sentences_;
    std::optional<std::size_t> sentence_;
    std::size_t sentences_for_ = 0;  ///< events that were shown when they were written

    std::size_t theme_ = 0;
    Panel focus_ = Panel::Ladder;
    std::array<double, kSplitCount> splits_{};
    bool help_ = false;
    bool notice_dismissed_ = false;
    bool quit_ = false;
    bool screenshot_ = false;
    std::string message_;
};

}  // namespace synscope::model
