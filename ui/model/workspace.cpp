#include "ui/model/workspace.hpp"

#include <algorithm>
#include <iterator>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/overview.hpp"

namespace synscope::model {

namespace {

constexpr std::array<double, kSplitCount> kSplits{0.15, 0.74, 0.75, 0.66};
/// So many connections are told in the list of sentences when all are shown.
constexpr std::size_t kToldConnections = 50;
/// Below this many events sentences are written anew for every change, above it for every eighth of growth.
constexpr std::size_t kCheapToTell = 5'000;

std::size_t theme_index(std::string_view name) {
    const auto& all = themes();
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const Theme& t) { return t.name == name; });
    return found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin());
}

}  // namespace

Workspace::Workspace(const TraceSource& source, Options options)
    : source_(source),
      title_(escaped(options.title, Medium::Terminal)),
      timeline_(std::make_unique<Timeline>(TimelineOptions{})),
      mode_(options.mode),
      theme_(theme_index(options.theme)),
      splits_(kSplits) {
    viewport_.follow = options.follow;
}

Workspace::~Workspace() = default;

bool Workspace::update(const Feed& feed) {
    const bool feed_changed = feed.finished != feed_.finished ||
                              feed.error.has_value() != feed_.error.has_value() ||
                              feed.notice != feed_.notice;
    feed_ = feed;
    if (paused_) return feed_changed;
    const std::size_t size = source_.size();
    // What was published is complete before `finished` is announced, so this look at size() has everything.
    const bool last_look = feed.finished && !settled_;
    if (size == shown_ && !last_look) return feed_changed;
    if (last_look) {
        reader_.settle(source_);
        settled_ = true;
    } else {
        reader_.update(source_);
    }
    shown_ = size;
    refresh_timeline();
    refresh_sentences();
    if (selection_.event) refresh_inspector();
    return true;
}

void Workspace::refresh_timeline() {
    timeline_->update(source_, reader_.tracker(), reader_.generation());
    if (!ladder_) return;
    ladder_->update(source_, reader_.tracker(), *timeline_);
}

void Workspace::refresh_sentences() {
    const bool worth_it = shown_ < kCheapToTell || shown_ - sentences_for_ >= shown_ / 8 || feed_.finished;
    if (!worth_it && sentences_for_ != 0) return;
    sentences_for_ = shown_;
    sentences_ = trace_findings(source_);
    overview_ = overview(reader_.tracker(), *timeline_, selection_.connection);
    const auto& all = connections();
    const auto tell = [this](const track::Connection& connection) {
        auto found = findings(source_, connection);
        std::move(found.begin(), found.end(), std::back_inserter(sentences_));
    };
    if (selection_.connection && selection_.connection->value < all.size()) {
        tell(all[selection_.connection->value]);
    } else {
        std::for_each(all.begin(),
                      all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kToldConnections)),
                      tell);
    }
    if (sentence_ && *sentence_ >= sentences_.size()) sentence_.reset();
}

void Workspace::refresh_inspector() {
    inspector_.reset();
    if (!selection_.event || selection_.event->value >= source_.size()) return;
    inspector_ = inspect(source_, reader_.tracker(), *selection_.event, start());
    if (selection_.field && *selection_.field >= inspector_->rows.size()) selection_.field.reset();
}

void Workspace::lay_out(float width_px, float height_px, const Metrics& metrics_px) {
    LadderOptions options;
    options.width = std::max(width_px, 1.0F);
    options.zoom = static_cast<float>(viewport_.zoom);
    options.mode = mode_;
    options.metrics = metrics_px;
    // What the middle of the picture showed stays there when a change of width, theme or axis moves
    // everything.
    std::optional<Instant> middle;
    const bool moves = ladder_ && !(ladder_->options() == options) && !viewport_.follow;
    if (moves) middle = ladder_->to_time(static_cast<float>(viewport_.top_px + viewport_.height_px / 2));
    const bool zoomed_only = moves && ladder_->options().mode == options.mode &&
                             ladder_->options().width == options.width &&
                             ladder_->options().metrics.label_font == options.metrics.label_font;
    if (!ladder_)
        ladder_ = std::make_unique<Ladder>(options);
    else
        ladder_->set_options(options);
    ladder_->update(source_, reader_.tracker(), *timeline_);
    viewport_ = resized(viewport_, static_cast<double>(height_px), static_cast<double>(ladder_->height()));
    if (middle && !zoomed_only)
        viewport_ =
            scrolled_to(viewport_, static_cast<double>(ladder_->to_y(*middle)) - viewport_.height_px / 2);
    picture_ =
        ladder_->layout(source_, reader_.tracker(), *timeline_, {viewport_.top_px, viewport_.bottom_px()});
}

// ---- what is shown --------------------------------------------------------------------------------------

const std::vector<track::Connection>& Workspace::connections() const {
    return reader_.tracker().connections();
}

const Theme& Workspace::theme() const noexcept {
    return themes()[theme_];
}

Instant Workspace::start() const {
    return timeline_->first().value_or(Instant{});
}

std::optional<Workspace::Span> Workspace::visible() const {
    if (!ladder_ || timeline_->rows().empty()) return std::nullopt;
    return Span{ladder_->to_time(static_cast<float>(viewport_.top_px)),
                ladder_->to_time(static_cast<float>(viewport_.bottom_px()))};
}

std::optional<EventId> Workspace::event_at(float x_px, float y_px) const {
    return hit(picture_, {x_px, y_px + static_cast<float>(viewport_.top_px - picture_.top)});
}

Explanation Workspace::explain_event(EventId event) const {
    return explain(source_, reader_.tracker(), source_.event(event));
}

// ---- the order of rows ----------------------------------------------------------------------------------

bool Workspace::steppable(const Row& row) const {
    switch (row.kind) {
        case RowKind::Packet:
        case RowKind::Datagram:
        case RowKind::Message:
        case RowKind::CallBegin:
        case RowKind::BusyBegin:
        case RowKind::Marker:
        case RowKind::Note:
        case RowKind::Frame:
        case RowKind::DropsBegin:
            return true;
        // A state worked out from a packet is part of that packet.
        case RowKind::State: {
            if (!row.connection || row.connection->value >= connections().size()) return false;
            const auto& states = connections()[row.connection->value].states;
            return row.index < states.size() && states[row.index].evidence != Evidence::Inferred;
        }
        default:
            return false;
    }
}

std::optional<std::size_t> Workspace::row_of(EventId event) const {
    if (event.value >= source_.size()) return std::nullopt;
    const auto& rows = timeline_->rows();
    Event wanted = source_.event(event);
    const bool is_end = std::holds_alternative<SyscallReturned>(wanted.body) ||
                        std::holds_alternative<BusyEnded>(wanted.body);
    if (is_end && wanted.cause) wanted = source_.event(*wanted.cause);
    const auto first = std::lower_bound(rows.begin(), rows.end(), wanted.at,
                                        [](const Row& row, Instant at) { return row.at < at; });
    for (auto row = first; row != rows.end() && row->at == wanted.at; ++row) {
        if (row->event == wanted.id && steppable(*row)) return static_cast<std::size_t>(row - rows.begin());
    }
    return std::nullopt;
}

std::optional<std::size_t> Workspace::next_row(std::optional<std::size_t> from, int direction) const {
    const auto& rows = timeline_->rows();
    const auto count = static_cast<std::ptrdiff_t>(rows.size());
    std::ptrdiff_t i = from ? static_cast<std::ptrdiff_t>(*from) + direction : direction > 0 ? 0 : count - 1;
    for (; i >= 0 && i < count; i += direction) {
        if (steppable(rows[static_cast<std::size_t>(i)])) return static_cast<std::size_t>(i);
    }
    return std::nullopt;
}

}  // namespace synscope::model
