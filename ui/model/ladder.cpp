#include "ui/model/ladder.hpp"

#include <algorithm>
#include <cmath>

#include "net/base/text.hpp"
#include "ui/model/ladder_rows.hpp"

namespace synscope::model {

namespace {

constexpr std::uint8_t kStripLanes = 3;
constexpr double kBottomRoom = 24;

TimeAxis::Sizes axis_sizes(const LadderOptions& options) {
    const LineHeights lines(options.metrics);
    TimeAxis::Sizes sizes;
    sizes.top = options.metrics.pad * 2;
    sizes.break_height = lines.label * 1.7;
    return sizes;
}

Slot side_slot(Side side) {
    return side == Side::Client ? Slot::Left : Slot::Right;
}

RowNeed need_of(const Row& row, const Timeline& timeline, const Metrics& metrics) {
    const LineHeights lines(metrics);
    RowNeed need;
    need.at = row.at;
    const auto centred = [&](double height) { need.above = need.below = height / 2 + 1; };
    switch (row.kind) {
        case RowKind::Connection:
        case RowKind::Peer:
            need.everywhere = true;
            need.above = lines.band / 2 + metrics.pad * 2;
            need.below = lines.band / 2 + metrics.pad;
            break;
        case RowKind::Marker:
        case RowKind::Note:
        case RowKind::Frame:
            need.everywhere = true;
            centred(lines.band + metrics.pad);
            break;
        case RowKind::DropsBegin:
            need.everywhere = true;
            need.below = lines.band + metrics.pad;
            break;
        case RowKind::DropsEnd:
            need.everywhere = true;
            need.above = need.below = metrics.pad;
            break;
        case RowKind::Packet:
        case RowKind::Datagram:
            need.slot = Slot::Middle;
            need.above = lines.label + 2;
            need.below = metrics.slant + 3;
            need.after = metrics.slant + 2;
            break;
        case RowKind::CallBegin:
        case RowKind::BusyBegin:
        case RowKind::Message:
            need.slot = side_slot(row.side);
            centred(lines.label);
            break;
        case RowKind::CallEnd:
            if (!timeline.spans()[row.index].waits) break;
            need.slot = side_slot(row.side);
            centred(lines.label);
            break;
        case RowKind::State:
            need.slot = side_slot(row.side);
            centred(lines.small);
            break;
        case RowKind::Arrival:
        case RowKind::BusyEnd:
            break;
    }
    return need;
}

}  // namespace

std::optional<RowLane> lane_of(const Row& row) noexcept {
    const bool client = row.side == Side::Client;
    switch (row.kind) {
        case RowKind::Packet:
        case RowKind::Datagram:
            return client ? RowLane::ClientPackets : RowLane::ServerPackets;
        case RowKind::CallBegin:
        case RowKind::BusyBegin:
            return client ? RowLane::ClientCalls : RowLane::ServerCalls;
        case RowKind::State:
        case RowKind::Message:
            return client ? RowLane::ClientWords : RowLane::ServerWords;
        case RowKind::Connection:
        case RowKind::Peer:
        case RowKind::Marker:
        case RowKind::Note:
        case RowKind::Frame:
        case RowKind::DropsBegin:
            return RowLane::Bands;
        case RowKind::DropsEnd:
        case RowKind::Arrival:
        case RowKind::BusyEnd:
        case RowKind::CallEnd:
            break;
    }
    return std::nullopt;
}

Ink arrow_ink(const track::Segment& segment) noexcept {
    if (segment.flags.any(wire::TcpFlags::kRst)) return Ink::Reset;
    if (segment.flags.any(wire::TcpFlags::kSyn)) return Ink::Handshake;
    if (segment.flags.any(wire::TcpFlags::kFin)) return Ink::Teardown;
    return segment.length > 0 ? Ink::Data : Ink::Ack;
}

std::optional<EventId> event_of(const DrawItem& item) noexcept {
    struct Visitor {
        std::optional<EventId> operator()(const Band& i) const { return i.event; }
        std::optional<EventId> operator()(const StripSegment& i) const { return i.event; }
        std::optional<EventId> operator()(const Bar& i) const { return i.event; }
        std::optional<EventId> operator()(const Arrow& i) const { return i.event; }
        std::optional<EventId> operator()(const Diamond& i) const { return i.event; }
        std::optional<EventId> operator()(const Label& i) const { return i.event; }
        std::optional<EventId> operator()(const Lifeline&) const { return std::nullopt; }
        std::optional<EventId> operator()(const Break&) const { return std::nullopt; }
        std::optional<EventId> operator()(const TimeTick&) const { return std::nullopt; }
    };
    return std::visit(Visitor{}, item);
}

namespace {

constexpr float kGrace = 4;

bool near_arrow(const Arrow& arrow, Point at) {
    const float x0 = std::min(arrow.from.x, arrow.to.x);
    const float x1 = std::max(arrow.from.x, arrow.to.x);
    if (at.x < x0 - kGrace || at.x > x1 + kGrace || x1 - x0 < 1) return false;
    const float part = (at.x - arrow.from.x) / (arrow.to.x - arrow.from.x);
    return std::abs(arrow.from.y + part * (arrow.to.y - arrow.from.y) - at.y) <= kGrace;
}

bool touches(const DrawItem& item, Point at) {
    struct Visitor {
        Point at;
        bool operator()(const Band& i) const { return i.box.contains(at); }
        bool operator()(const StripSegment& i) const { return i.box.contains(at); }
        bool operator()(const Bar& i) const {
            return Box{i.box.x0 - 2, i.box.y0 - 2, i.box.x1 + 2, i.box.y1 + 2}.contains(at);
        }
        bool operator()(const Arrow& i) const { return near_arrow(i, at); }
        bool operator()(const Diamond& i) const {
            return std::abs(i.centre.x - at.x) + std::abs(i.centre.y - at.y) <= i.radius + kGrace;
        }
        bool operator()(const Label& i) const { return i.box.contains(at); }
        bool operator()(const Lifeline&) const { return false; }
        bool operator()(const Break&) const { return false; }
        bool operator()(const TimeTick&) const { return false; }
    };
    return std::visit(Visitor{at}, item);
}

}  // namespace

std::optional<EventId> hit(const LadderPicture& picture, Point at) {
    std::optional<EventId> band;  // bands lie below everything and are wide: they lose against anything else
    for (auto item = picture.items.rbegin(); item != picture.items.rend(); ++item) {
        const std::optional<EventId> event = event_of(*item);
        if (!event || !touches(*item, at)) continue;
        if (!std::holds_alternative<Band>(*item)) return event;
        if (!band) band = event;
    }
    return band;
}

Ladder::Ladder(LadderOptions options) : options_(options), axis_(options.mode, axis_sizes(options)) {}

void Ladder::set_options(LadderOptions options) {
    const bool places = options.mode != options_.mode ||
                        options.metrics.label_font != options_.metrics.label_font ||
                        options.metrics.slant != options_.metrics.slant;
    options_ = options;
    if (places) clear(generation_);
}

void Ladder::clear(std::uint64_t generation) {
    axis_ = TimeAxis(options_.mode, axis_sizes(options_));
    rows_.clear();
    for (auto& lane : lanes_)
        lane.clear();
    generation_ = generation;
    stacked_connections_ = 0;
}

void Ladder::update(const TraceSource&, const track::Tracker& tracker, const Timeline& timeline) {
    if (timeline.generation() != generation_ || timeline.rows().size() < rows_.size())
        clear(timeline.generation());
    for (std::size_t row = rows_.size(); row < timeline.rows().size(); ++row)
        place(tracker, timeline, row);
    if (timeline.first() && timeline.last())
        time_columns_ = std::max(time_columns_, seconds_text(*timeline.last() - *timeline.first(), 6).size());
    stack_connections(tracker, timeline);
}

void Ladder::place(const track::Tracker&, const Timeline& timeline, std::size_t index) {
    const Row& row = timeline.rows()[index];
    if (row.kind == RowKind::CallBegin || row.kind == RowKind::BusyBegin)
        bar_lanes_ = std::max(bar_lanes_, static_cast<std::uint8_t>(timeline.spans()[row.index].lane + 1));
    rows_.push_back(axis_.add(need_of(row, timeline, options_.metrics)));
    if (const auto lane = lane_of(row))
        lanes_[static_cast<std::size_t>(*lane)].push_back(static_cast<std::uint32_t>(index));
}

// Connections that overlap in time get strips beside each other: first lane that is free at its beginning.
void Ladder::stack_connections(const track::Tracker& tracker, const Timeline& timeline) {
    const auto& connections = tracker.connections();
    strip_lanes_.assign(connections.size(), 0);
    overlapping_.assign(connections.size(), false);
    strips_ = 1;
    if (timeline.options().connection) return;
    std::vector<std::uint32_t> order(connections.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return connections[a].first_at < connections[b].first_at;
    });
    std::array<std::optional<std::uint32_t>, kStripLanes> last{};  // the connection that holds each lane
    for (const std::uint32_t i : order) {
        std::size_t lane = 0;
        const auto busy = [&](std::size_t l) {
            return last[l] && connections[*last[l]].last_at >= connections[i].first_at;
        };
        for (std::size_t l = 0; l < kStripLanes; ++l)
            if (busy(l)) overlapping_[i] = overlapping_[*last[l]] = true;
        while (lane + 1 < kStripLanes && busy(lane))
            ++lane;
        last[lane] = i;
        strip_lanes_[i] = static_cast<std::uint8_t>(lane);
        strips_ = std::max(strips_, static_cast<std::uint8_t>(lane + 1));
    }
}

double Ladder::height() const noexcept {
    return axis_.height() * static_cast<double>(options_.zoom) + kBottomRoom;
}
double Ladder::to_y(Instant t) const {
    return axis_.to_y(t) * static_cast<double>(options_.zoom);
}
Instant Ladder::to_time(double y) const {
    return axis_.to_time(y / static_cast<double>(options_.zoom));
}

LadderColumns Ladder::columns() const {
    const Metrics& m = options_.metrics;
    const float small = m.small_font * m.mono_advance;
    const float time_width = static_cast<float>(time_columns_) * small;
    const float strips = static_cast<float>(strips_) * (m.strip + 1);
    const float bars = static_cast<float>(bar_lanes_) * (m.bar + 2);
    // Room for the longest state where there is any; in a narrower window the arrows need it more than the
    // words beside them, which a click shows whole.
    const float state = 23 * small;  // "SYN-RECEIVED (inferred)"
    const float least = std::min(state, std::max(70.0F, options_.width * 0.23F));
    const float side = std::clamp(options_.width * 0.3F - 80, least, 34 * m.label_font * m.mono_advance);
    LadderColumns c;
    c.width = options_.width;
    c.margin = std::clamp(options_.width * 0.012F, m.pad, m.margin);
    c.time_right = c.margin + time_width;
    c.client_text = {c.time_right + m.pad * 2, 0, c.time_right + m.pad * 2 + side, 0};
    c.client_line = c.client_text.x1 + m.pad + bars + strips;
    c.client_bar = c.client_line - strips;
    c.server_text = {options_.width - c.margin - side, 0, options_.width - c.margin, 0};
    c.server_line = c.server_text.x0 - m.pad - bars - strips;
    c.server_bar = c.server_line + strips;
    return c;
}

}  // namespace synscope::model
