// Ladder::layout(): from the rows that are visible to draw items, in paint order. Cost: pixels times
// log(rows); rows closer than a few pixels fold into one item with a count, found by binary search, never by
// walking.
#include <algorithm>
#include <cmath>
#include <limits>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/call_phases.hpp"
#include "ui/model/flight.hpp"
#include "ui/model/ladder.hpp"
#include "ui/model/ladder_rows.hpp"
#include "ui/model/ladder_settle.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {

namespace {

constexpr double kFold = 3;          ///< pixels: items closer than this fold into one
constexpr float kLostAt = 0.62F;     ///< how far a lost packet gets
constexpr double kMarginRows = 120;  ///< pixels around the view in which things may reach into it

std::size_t mono_columns(float width, float font, const Metrics& m) {
    return static_cast<std::size_t>(std::max(0.0F, std::floor(width / (font * m.mono_advance))));
}

}  // namespace

class LadderPainter {
  public:
    LadderPainter(const Ladder& ladder, const TraceSource& source, const track::Tracker& tracker,
                  const Timeline& timeline, YRange visible)
        : ladder_(ladder),
          source_(source),
          tracker_(tracker),
          timeline_(timeline),
          visible_(visible),
          metrics_(ladder.options_.metrics),
          lines_(metrics_),
          zoom_(static_cast<double>(ladder.options_.zoom)),
          columns_(ladder.columns()) {}

    LadderPicture paint() {
        LadderPicture picture;
        find_rows();
        paint_lifelines();
        paint_strips();
        paint_breaks();
        paint_open_spans();
        for (std::size_t lane = 0; lane < Ladder::kRowLanes; ++lane)
            paint_lane(static_cast<RowLane>(lane));
        settle_bands(bands_);
        for (auto* labels : {&client_labels_, &middle_labels_, &server_labels_})
            settle_labels(*labels, bands_, words_);
        settle_ticks();
        for (auto* layer :
             {&spans_missed_, &strips_, &bars_, &breaks_, &bands_, &arrows_, &diamonds_, &words_})
            std::move(layer->begin(), layer->end(), std::back_inserter(picture.items));
        picture.columns = columns_;
        picture.client_title = title(Side::Client);
        picture.server_title = title(Side::Server);
        picture.top = visible_.top;
        picture.height = ladder_.height();
        picture.work = work_;
        return picture;
    }

  private:
    using Items = std::vector<DrawItem>;
    struct Tick {
        double y = 0;
        Instant at;
        bool packet = false;
    };

    // ---- places

    [[nodiscard]] float local(double y) const { return static_cast<float>(y * zoom_ - visible_.top); }
    [[nodiscard]] double row_y(std::size_t row) const { return ladder_.rows_[row]; }
    [[nodiscard]] float time_y(Instant at) const { return local(ladder_.axis_.to_y(at)); }
    [[nodiscard]] float bottom() const { return static_cast<float>(visible_.bottom - visible_.top); }

    void find_rows() {
        const auto& rows = ladder_.rows_;
        const double top = (visible_.top - kMarginRows) / zoom_;
        const double end = (visible_.bottom + kMarginRows) / zoom_;
        first_ = static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), top) - rows.begin());
        last_ = static_cast<std::size_t>(std::upper_bound(rows.begin(), rows.end(), end) - rows.begin());
    }

    [[nodiscard]] std::string title(Side side) const {
        const std::string_view role = side == Side::Client ? "client" : "server";
        const std::string_view name = timeline_.actor_name(side);
        if (name.empty() || name == role) return std::string(role);
        return concat(role, " \u00b7 ", escaped(name, Medium::Terminal));
    }

    [[nodiscard]] const track::Connection& connection(ConnectionId id) const {
        return tracker_.connections()[id.value];
    }

    // ---- what has no row of its own

    void paint_lifelines() {
        const float end = std::min(bottom(), static_cast<float>(ladder_.height() - visible_.top));
        strips_.push_back(Lifeline{Side::Client, columns_.client_line, 0, end});
        strips_.push_back(Lifeline{Side::Server, columns_.server_line, 0, end});
    }

    void paint_strips() {
        const Instant from = ladder_.to_time(visible_.top - kMarginRows);
        const Instant to = ladder_.to_time(visible_.bottom + kMarginRows);
        for (const track::Connection& c : tracker_.connections()) {
            if (timeline_.options().connection && *timeline_.options().connection != c.id) continue;
            if (c.id.value >= ladder_.strip_lanes_.size() || c.states.empty()) continue;
            if (c.states.front().at > to || std::max(c.last_at, c.states.back().at) < from) continue;
            for (const Side side : {Side::Client, Side::Server})
                paint_strip(c, side);
        }
    }

    void paint_strip(const track::Connection& c, Side side) {
        const float width = metrics_.strip + 1;
        const auto lane = static_cast<float>(ladder_.strip_lanes_[c.id.value]);
        const float x = side == Side::Client ? columns_.client_line - (lane + 1) * width + 1
                                             : columns_.server_line + lane * width;
        const track::StateChange* open = nullptr;
        const auto begin_of = [&](const track::StateChange& s) {
            return time_y(s.at) + (caused_by_arrival(timeline_, c, s) ? metrics_.slant : 0);
        };
        const auto close = [&](float y1) {
            if (open == nullptr || open->state == TcpState::Closed) return;
            const float y0 = begin_of(*open);
            if (y1 <= 0 || y0 >= bottom() || y1 - y0 < 0.5F) return;
            ++work_;
            strips_.push_back(
                StripSegment{{x, std::max(y0, -50.0F), x + metrics_.strip, std::min(y1, bottom() + 50)},
                             side,
                             open->state,
                             open->evidence,
                             c.id,
                             open->event});
        };
        const bool simulated = is_simulated(c, side);
        for (const track::StateChange& s : c.states) {
            if (s.side != side || (simulated && s.evidence == Evidence::Inferred)) continue;
            close(begin_of(s));
            open = &s;
        }
        const Instant end = std::max(c.last_at, c.states.back().at);
        close(time_y(end) + metrics_.slant * 2 + lines_.small);
    }

    void paint_breaks() {
        const auto [from, to] = ladder_.axis_.breaks_in(visible_.top / zoom_, visible_.bottom / zoom_);
        const auto& all = ladder_.axis_.breaks();
        for (std::size_t i = from; i < to;) {
            ++work_;
            const TimeAxis::BreakAt& b = all[i];
            const Box box{columns_.client_line, local(b.top), columns_.server_line, local(b.bottom)};
            const bool readable = box.y1 - box.y0 >= lines_.label;
            breaks_.push_back(Break{box, b.gap, readable ? duration_text(b.gap) : std::string{}});
            const double next = b.top + kFold / zoom_;
            i = static_cast<std::size_t>(
                std::lower_bound(all.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                 all.begin() + static_cast<std::ptrdiff_t>(to), next,
                                 [](const TimeAxis::BreakAt& x, double y) { return x.top < y; }) -
                all.begin());
        }
    }

    /// Bars that began above the view and reach into it.
    void paint_open_spans() {
        for (const std::uint32_t index : timeline_.active_at(first_)) {
            ++work_;
            if (timeline_.spans()[index].kind != SpanKind::Drops) paint_bar(timeline_.spans()[index], 1);
        }
    }

    // ---- rows

    void paint_lane(RowLane lane) {
        const auto& rows = ladder_.lanes_[static_cast<std::size_t>(lane)];
        auto it = std::lower_bound(rows.begin(), rows.end(), first_);
        const auto end = std::lower_bound(it, rows.end(), last_);
        while (it != end) {
            ++work_;
            const double limit = row_y(*it) + kFold / zoom_;
            const auto next =
                std::partition_point(it + 1, end, [&](std::uint32_t r) { return row_y(r) < limit; });
            paint_row(lane, *it, static_cast<std::uint32_t>(next - it));
            it = next;
        }
    }

    void paint_row(RowLane lane, std::size_t index, std::uint32_t count) {
        const Row& row = timeline_.rows()[index];
        switch (lane) {
            case RowLane::ClientPackets:
            case RowLane::ServerPackets:
                paint_packet(row, row_y(index), count);
                break;
            case RowLane::ClientCalls:
            case RowLane::ServerCalls:
                paint_call(row, index, count);
                break;
            case RowLane::ClientWords:
            case RowLane::ServerWords:
                paint_word(row, row_y(index), count);
                break;
            case RowLane::Bands:
                paint_band(row, row_y(index));
                break;
        }
    }

    void paint_packet(const Row& row, double y, std::uint32_t count) {
        const Flight flight = flight_of(tracker_, timeline_, row);
        const bool right = flight.direction == Direction::ClientToServer;
        Arrow arrow;
        arrow.from = {right ? columns_.client_line : columns_.server_line, local(y)};
        arrow.to = {right ? columns_.server_line : columns_.client_line, local(y) + metrics_.slant};
        const std::optional<Arrival>& arrival = flight.arrival;
        const auto towards = [&](float part) {
            return Point{arrow.from.x + (arrow.to.x - arrow.from.x) * part,
                         arrow.from.y + (arrow.to.y - arrow.from.y) * part};
        };
        std::string suffix;
        if (arrival) arrow.to.y = std::max(arrow.from.y, time_y(arrival->at));
        if (arrival && arrival->dropped) {
            arrow.lost = true;
            arrow.to = towards(kLostAt);
            suffix = concat("   ", drop_reason_text(*arrival->dropped));
        }
        arrow.solid_until = arrival ? arrow.to : towards(0.5F);
        arrow.ink = arrow.lost ? Ink::Loss : flight.ink;
        arrow.direction = flight.direction;
        arrow.retransmission = flight.segment != nullptr && flight.segment->retransmission;
        arrow.count = count;
        arrow.event = flight.event;
        arrow.packet = flight.packet;
        arrow.connection = flight.connection;
        arrows_.push_back(arrow);
        ticks_.push_back({y, flight.at, true});
        label_packet(flight, arrow, suffix);
    }

    void label_packet(const Flight& flight, const Arrow& arrow, const std::string& suffix) {
        if (arrow.from.y < -lines_.label * 3 || arrow.from.y > bottom() + lines_.label * 3) return;
        std::string prefix;
        const auto overlaps = [&](ConnectionId id) {
            return id.value < ladder_.overlapping_.size() && ladder_.overlapping_[id.value];
        };
        if (flight.connection && overlaps(*flight.connection))
            prefix = concat('#', flight.connection->value, ' ');
        prefix += flight_mark(flight);
        Label label;
        label.align = Align::Centre;
        label.halo = true;
        label.ink = arrow.ink;
        label.box = {columns_.client_line + metrics_.pad, arrow.from.y - lines_.label - 1,
                     columns_.server_line - metrics_.pad, arrow.from.y - 1};
        label.event = flight.event;
        if (arrow.count > 1)
            label.text = label.full = concat(arrow.count, " packets");
        else
            fit_packet(label, flight, prefix, suffix);
        middle_labels_.push_back(std::move(label));
    }

    /// The longest form that fits; where an ellipsis would be needed, the small face says more.
    void fit_packet(Label& label, const Flight& flight, std::string_view prefix, std::string_view suffix) {
        const std::size_t extra = text_columns(prefix) + text_columns(suffix);
        const auto fitted = [&](float font) {
            const std::size_t room = mono_columns(label.box.x1 - label.box.x0, font, metrics_);
            const std::string text = flight_text(source_, flight, room > extra ? room - extra : 0);
            return cut_columns(concat(prefix, text, suffix), room);
        };
        label.full = concat(prefix, flight_text(source_, flight, SIZE_MAX), suffix);
        label.text = fitted(metrics_.label_font);
        if (label.text.find("\u2026") == std::string::npos) return;
        label.face = Face::MonoSmall;
        label.text = fitted(metrics_.small_font);
    }

    void paint_call(const Row& row, std::size_t index, std::uint32_t count) {
        const Span& span = timeline_.spans()[row.index];
        paint_bar(span, count);
        const double y = row_y(index);
        if (count > 1)
            return label_side(row.side, y, concat(count, " calls"), Face::Mono, Ink::Text, span.event);
        ticks_.push_back({y, span.begin, false});
        if (span.kind == SpanKind::Busy) {
            label_side(row.side, y, busy_text(source_, span), Face::Mono, Ink::Busy, span.event);
        } else if (!span.waits) {
            label_side(row.side, y, span.finished ? call_text(source_, span) : call_begin_text(source_, span),
                       Face::Mono, call_ink(span), span.event);
        } else {
            label_side(row.side, y, call_begin_text(source_, span), Face::Mono, Ink::Faint, span.event);
            const double end = ladder_.axis_.to_y(span.end);
            ticks_.push_back({end, span.end, false});
            label_side(row.side, end_row_y(row.index, span), call_text(source_, span), Face::Mono,
                       call_ink(span), *span.finished);
        }
    }

    [[nodiscard]] static Ink call_ink(const Span& call) { return call.lost > 0 ? Ink::Loss : Ink::Text; }

    /// The row of a span's end may stand lower than the first row of its moment.
    [[nodiscard]] double end_row_y(std::uint32_t span_index, const Span& span) const {
        const auto& rows = timeline_.rows();
        auto it = std::lower_bound(rows.begin(), rows.end(), span.end,
                                   [](const Row& r, Instant at) { return r.at < at; });
        for (; it != rows.end() && it->at == span.end; ++it)
            if ((it->kind == RowKind::CallEnd || it->kind == RowKind::BusyEnd) && it->index == span_index)
                return row_y(static_cast<std::size_t>(it - rows.begin()));
        return ladder_.axis_.to_y(span.end);
    }

    void paint_bar(const Span& span, std::uint32_t count) {
        Bar bar;
        bar.side = span.side;
        bar.count = count;
        bar.unfinished = !span.finished;
        const bool waits = span.waits || !span.finished;
        bar.kind = span.kind == SpanKind::Busy ? BarKind::Busy : waits ? BarKind::Waiting : BarKind::Call;
        bar.event = span.event;
        bar.second = span.finished;
        bar.connection = span.connection;
        const float step = (metrics_.bar + 2) * static_cast<float>(span.lane);
        const float x = span.side == Side::Client ? columns_.client_bar - 2 - step - metrics_.bar
                                                  : columns_.server_bar + 2 + step;
        const float y0 = time_y(span.begin);
        const float y1 =
            span.finished ? time_y(span.end) : static_cast<float>(ladder_.height() - visible_.top);
        if (y1 < 0 || y0 > bottom()) return;
        bar.box = {x, std::max(y0, -50.0F), x + metrics_.bar, std::min(std::max(y1, y0 + 4), bottom() + 50)};
        if (bar.kind == BarKind::Waiting && span.finished && count == 1) part(bar, span);
        bars_.push_back(bar);
    }

    /// Tells waiting and work apart where the trace knows how.
    void part(Bar& bar, const Span& span) const {
        const auto phases = span_phases(tracker_, span);
        if (!phases || phases->completed()) return;
        if (phases->is_known() && phases->waiting().ns == 0) bar.kind = BarKind::Call;
        if (!phases->has_border()) return;
        // A captured packet shows its effect when it arrives: at the lower end of its arrow.
        const bool estimated = phases->known == track::Border::Estimated;
        const float fall = estimated ? metrics_.slant : 0;
        const auto place = [&](Instant t) { return std::clamp(time_y(t) + fall, bar.box.y0, bar.box.y1); };
        const Instant at = phases->border;
        const Duration error = phases->error.value_or(Duration{});
        bar.border = BarBorder{place(at), estimated, place(at - error), place(at + error)};
    }

    void paint_word(const Row& row, double y, std::uint32_t count) {
        if (count > 1) return;  // too dense for words; the strip shows the states
        if (row.kind == RowKind::State) {
            const track::Connection& c = connection(*row.connection);
            const track::StateChange& s = c.states[row.index];
            if (!changes_state(c, row.index)) return;
            label_side(row.side, y, state_text(s), Face::MonoSmall, Ink::Text, s.event,
                       s.evidence == Evidence::Inferred);
            return;
        }
        const bool client = row.side == Side::Client;
        const float radius = metrics_.bar * 0.5F;
        const float x = client ? columns_.client_bar - 2 - radius : columns_.server_bar + 2 + radius;
        diamonds_.push_back(Diamond{{x, local(y)}, radius, row.side, 1, row.event});
        ticks_.push_back({y, row.at, false});
        label_side(row.side, y, message_text(source_, row.event), Face::Mono, Ink::Message, row.event);
    }

    void paint_band(const Row& row, double y) {
        Band band;
        band.event = row.event;
        band.connection = row.connection;
        const float height = lines_.band / 2;
        band.box = {columns_.margin, local(y) - height, columns_.width - columns_.margin, local(y) + height};
        if (row.kind == RowKind::Connection) {
            band.kind = BandKind::Connection;
            band.ink = connection_ink(row.connection->value);
            band.text = connection_text(connection(*row.connection), false);
        } else if (row.kind == RowKind::Peer) {
            band.kind = BandKind::Connection;
            band.ink = Ink::Data;
            band.text = peer_text(timeline_, row.index, false);
        } else if (row.kind == RowKind::DropsBegin) {
            const Span& span = timeline_.spans()[row.index];
            band.kind = BandKind::Drops;
            band.ink = Ink::Gap;
            band.text = drops_text(span);
            band.box.y0 = local(y);
            band.box.y1 = std::max(time_y(span.end), local(y) + lines_.band);
        } else {
            band.kind = row.kind == RowKind::Marker ? BandKind::Marker : BandKind::Note;
            band.ink = row.kind == RowKind::Marker  ? Ink::Marker
                       : row.kind == RowKind::Frame ? Ink::Ack
                       : warns(source_, row.event)  ? Ink::Warning
                                                    : Ink::Text;
            band.text = row.kind == RowKind::Frame ? frame_text(source_, timeline_, row.event)
                                                   : marker_text(source_, row.event);
            if (row.kind == RowKind::Frame) {
                band.box.x0 = columns_.time_right + metrics_.pad;
                ticks_.push_back({y, row.at, true});
            }
        }
        const float room =
            (band.box.x1 - band.box.x0 - metrics_.pad * 4) / (metrics_.text_font * metrics_.text_advance);
        band.text = cut_columns(band.text, static_cast<std::size_t>(std::max(0.0F, room)));
        if (band.box.y1 < 0 || band.box.y0 > bottom()) return;
        (band.kind == BandKind::Drops ? spans_missed_ : bands_).push_back(std::move(band));
    }

    void label_side(Side side, double y, std::string text, Face face, Ink ink, EventId event,
                    bool inferred = false) {
        const float height = face == Face::MonoSmall ? lines_.small : lines_.label;
        const float font = face == Face::MonoSmall ? metrics_.small_font : metrics_.label_font;
        Label label;
        label.align = side == Side::Client ? Align::Right : Align::Left;
        label.face = face;
        label.ink = ink;
        label.inferred = inferred;
        label.event = event;
        const Box& column = side == Side::Client ? columns_.client_text : columns_.server_text;
        label.box = {column.x0, local(y) - height / 2, column.x1, local(y) + height / 2};
        if (label.box.y1 < -height || label.box.y0 > bottom() + height) return;
        label.full = std::move(text);
        label.text = side_text(label.full, mono_columns(column.x1 - column.x0, font, metrics_));
        (side == Side::Client ? client_labels_ : server_labels_).push_back(std::move(label));
    }

    void settle_ticks() {
        std::stable_sort(ticks_.begin(), ticks_.end(),
                         [](const Tick& a, const Tick& b) { return a.y < b.y; });
        const Instant start = timeline_.first().value_or(Instant{});
        const auto height = static_cast<double>(lines_.small);
        double free_from = -std::numeric_limits<double>::max();
        for (std::size_t i = 0; i < ticks_.size(); ++i) {
            const double y = ticks_[i].y * zoom_;
            if (y < free_from) continue;
            // A packet's time matters more than that of a call just above it.
            bool yields = false;
            for (std::size_t j = i + 1;
                 !ticks_[i].packet && j < ticks_.size() && ticks_[j].y * zoom_ < y + height; ++j)
                yields = yields || ticks_[j].packet;
            if (yields) continue;
            free_from = y + height;
            words_.push_back(TimeTick{columns_.time_right, local(ticks_[i].y), ticks_[i].at,
                                      seconds_text(ticks_[i].at - start, 6)});
        }
    }

    const Ladder& ladder_;
    const TraceSource& source_;
    const track::Tracker& tracker_;
    const Timeline& timeline_;
    YRange visible_;
    const Metrics& metrics_;
    LineHeights lines_;
    double zoom_;
    LadderColumns columns_;
    std::size_t first_ = 0, last_ = 0, work_ = 0;
    Items spans_missed_, bands_, strips_, bars_, breaks_, arrows_, diamonds_, words_;
    std::vector<Label> client_labels_, middle_labels_, server_labels_;
    std::vector<Tick> ticks_;
};

LadderPicture Ladder::layout(const TraceSource& source, const track::Tracker& tracker,
                             const Timeline& timeline, YRange visible) const {
    return LadderPainter(*this, source, tracker, timeline, visible).paint();
}

}  // namespace synscope::model
