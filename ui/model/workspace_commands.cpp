// How each command changes the workspace: one function per command, visited without a default.
#include <algorithm>
#include <cstdlib>

#include "ui/model/workspace.hpp"

namespace synscope::model {

namespace {
constexpr double kLeastShare = 0.08;
constexpr double kRevealMargin = 60;
}  // namespace

struct WorkspaceCommands {
    Workspace& w;

    void operator()(const SelectEvent& c) const { w.select_event(c.event); }
    void operator()(const ClearSelection&) const {
        w.selection_.event.reset();
        w.selection_.field.reset();
        w.sentence_.reset();
        w.inspector_.reset();
    }
    void operator()(const Step& c) const {
        switch (w.focus_) {
            case Panel::Ladder:
                w.step_ladder(c.by);
                break;
            case Panel::Inspector:
                step_field(c.by);
                break;
            case Panel::Sentences:
                step_sentence(stepped(w.sentence_, c.by, w.sentences_.size()));
                break;
            case Panel::Connections:
                step_connection(c.by);
                break;
        }
    }
    void operator()(const StepToEnd& c) const {
        constexpr std::int32_t kFar = 1'000'000'000;
        switch (w.focus_) {
            case Panel::Ladder:
                if (const auto row = w.next_row({}, c.last ? -1 : +1))
                    w.select_event(w.timeline_->rows()[*row].event);
                w.viewport_ = c.last ? following(w.viewport_) : scrolled_to(w.viewport_, 0);
                break;
            case Panel::Inspector:
                step_field(c.last ? kFar : -kFar);
                break;
            case Panel::Sentences:
                step_sentence(stepped({}, c.last ? -1 : +1, w.sentences_.size()));
                break;
            case Panel::Connections:
                step_connection(c.last ? kFar : -kFar);
                break;
        }
    }
    void operator()(const Activate&) const {
        if (w.focus_ == Panel::Inspector && w.inspector_ && w.selection_.field) {
            if (const auto link = w.inspector_->rows[*w.selection_.field].link) w.select_event(*link);
        } else if (w.focus_ == Panel::Ladder && w.inspector_) {
            w.focus_ = Panel::Inspector;
            if (!w.selection_.field && !w.inspector_->rows.empty()) w.selection_.field = 0;
        } else {
            w.focus_ = Panel::Ladder;
        }
    }
    void operator()(const Back&) const {
        if (w.help_)
            w.help_ = false;
        else if (w.focus_ != Panel::Ladder)
            w.focus_ = Panel::Ladder;
        else
            (*this)(ClearSelection{});
    }
    void operator()(const SelectConnection& c) const {
        if (c.connection.value < w.connections().size()) w.show_connection(c.connection);
    }
    void operator()(const ShowAllConnections&) const { w.show_connection(std::nullopt); }
    void operator()(const SelectField& c) const {
        w.selection_.field =
            c.field && w.inspector_ && *c.field < w.inspector_->rows.size() ? c.field : std::nullopt;
    }
    void operator()(const SelectByte& c) const {
        if (!w.inspector_) return;
        if (const auto row = row_at(*w.inspector_, c.offset)) w.selection_.field = row;
    }
    void operator()(const ScrollBy& c) const { w.viewport_ = scrolled_by(w.viewport_, c.px); }
    void operator()(const ScrollTo& c) const { w.viewport_ = scrolled_to(w.viewport_, c.px); }
    void operator()(const ZoomBy& c) const {
        w.viewport_ = zoomed(w.viewport_, c.factor, c.anchor_px.value_or(w.viewport_.height_px / 2));
    }
    void operator()(const ZoomReset&) const {
        w.viewport_ = zoomed(w.viewport_, 1 / w.viewport_.zoom, w.viewport_.height_px / 2);
    }
    void operator()(const FollowEnd&) const {
        w.viewport_ = following(w.viewport_);
        w.paused_ = false;
    }
    void operator()(const TogglePause&) const { w.paused_ = !w.paused_; }
    void operator()(const ToggleCompressed&) const {
        w.mode_ = w.mode_ == AxisMode::Compressed ? AxisMode::Linear : AxisMode::Compressed;
    }
    void operator()(const NextTheme&) const { w.theme_ = (w.theme_ + 1) % themes().size(); }
    void operator()(const FocusPanel& c) const { w.focus_ = c.panel; }
    void operator()(const StepPanel& c) const {
        const auto count = static_cast<std::int32_t>(kPanelCount);
        const auto next = (static_cast<std::int32_t>(w.focus_) + c.by % count + count) % count;
        w.focus_ = static_cast<Panel>(next);
    }
    void operator()(const ToggleHelp&) const { w.help_ = !w.help_; }
    void operator()(const SelectSentence& c) const {
        if (c.index < w.sentences_.size()) step_sentence(c.index);
    }
    void operator()(const MoveSplit& c) const {
        w.splits_[static_cast<std::size_t>(c.split)] = std::clamp(c.share, kLeastShare, 1 - kLeastShare);
    }
    void operator()(const DismissNotice&) const { w.notice_dismissed_ = true; }
    void operator()(const SaveScreenshot&) const { w.screenshot_ = true; }
    void operator()(const Quit&) const { w.quit_ = true; }

    void step_field(std::int32_t by) const {
        if (!w.inspector_) return;
        w.selection_.field = stepped(w.selection_.field, by, w.inspector_->rows.size());
    }
    void step_sentence(std::optional<std::size_t> index) const {
        if (!index) return;
        w.sentence_ = index;
        const Finding& finding = w.sentences_[*index];
        const auto sentence = w.sentence_;
        if (!finding.events.empty()) w.select_event(finding.events.front());
        w.sentence_ = sentence;
    }
    /// "All connections" stands before the first.
    void step_connection(std::int32_t by) const {
        const std::size_t now = w.selection_.connection ? w.selection_.connection->value + 1 : 0;
        const auto next = stepped(now, by, w.connections().size() + 1);
        if (!next || *next == now) return;
        if (*next == 0)
            w.show_connection(std::nullopt);
        else
            w.show_connection(ConnectionId{static_cast<std::uint32_t>(*next - 1)});
    }
};

void Workspace::apply(const Command& command) {
    std::visit(WorkspaceCommands{*this}, command);
}

void Workspace::select_event(EventId event) {
    if (event.value >= source_.size()) return;
    const bool another = selection_.event != event;
    selection_.event = event;
    sentence_.reset();
    if (another) {
        selection_.field.reset();
        refresh_inspector();
    }
    reveal(event);
}

void Workspace::reveal(EventId event) {
    if (!ladder_) return;
    const Instant at = inspector_ ? inspector_->at : source_.event(event).at;
    const auto y = static_cast<double>(ladder_->to_y(at));
    viewport_ = revealing(viewport_, y, y + static_cast<double>(theme().metrics.slant), kRevealMargin);
}

void Workspace::step_ladder(std::int32_t by) {
    std::optional<std::size_t> row;
    if (selection_.event) row = row_of(*selection_.event);
    const int direction = by < 0 ? -1 : +1;
    std::optional<std::size_t> reached;
    for (std::int32_t left = std::abs(by); left > 0; --left) {
        const auto next = next_row(row, direction);
        if (!next) break;
        row = reached = next;
    }
    if (reached) select_event(timeline_->rows()[*reached].event);
}

void Workspace::show_connection(std::optional<ConnectionId> connection) {
    if (selection_.connection == connection) return;
    selection_ = Selection{};
    selection_.connection = connection;
    inspector_.reset();
    sentence_.reset();
    timeline_ = std::make_unique<Timeline>(TimelineOptions{connection});
    ladder_.reset();
    sentences_for_ = 0;
    refresh_timeline();
    refresh_sentences();
    viewport_ = scrolled_to(viewport_, 0);
    viewport_.follow = false;
}

}  // namespace synscope::model
