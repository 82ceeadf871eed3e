#include "ui/model/time_axis.hpp"

#include <algorithm>

namespace synscope::model {

namespace {

constexpr double kNsPerMs = 1e6;

double blend(double from, double to, std::int64_t part, std::int64_t whole) {
    return whole <= 0 ? from : from + (to - from) * (static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

double TimeAxis::add(const RowNeed& need) {
    if (mode_ == AxisMode::Linear) return add_linear(need);
    const bool first = knots_.empty();
    const bool later = !first && need.at > knots_.back().at;
    double y = sizes_.top;
    if (later) {
        const Duration gap = need.at - knots_.back().at;
        y = knots_.back().last + std::max(sizes_.line_gap, after_);
        after_ = 0;
        if (gap >= kBreak) {
            const double top = std::max(bottom_, y);
            y = top + sizes_.break_height;
            slot_bottom_.fill(y);
            breaks_.push_back({top, y, gap});
        }
    } else if (!first) {
        y = knots_.back().last;
    }
    for (std::size_t slot = 0; slot < slot_bottom_.size(); ++slot)
        if (need.everywhere || slot == static_cast<std::size_t>(need.slot))
            y = std::max(y, slot_bottom_[slot] + need.above);
    for (std::size_t slot = 0; slot < slot_bottom_.size(); ++slot)
        if (need.everywhere || slot == static_cast<std::size_t>(need.slot))
            slot_bottom_[slot] = y + need.below;
    after_ = std::max(after_, need.after);
    bottom_ = std::max({bottom_, y + need.below, y + need.after});
    if (first || later)
        knots_.push_back({need.at, y, y});
    else
        knots_.back().last = y;
    return y;
}

double TimeAxis::add_linear(const RowNeed& need) {
    const Instant start = knots_.empty() ? need.at : knots_.front().at;
    const double y =
        sizes_.top + static_cast<double>((need.at - start).ns) / kNsPerMs * sizes_.linear_px_per_ms;
    if (knots_.empty() || need.at > knots_.back().at) knots_.push_back({need.at, y, y});
    bottom_ = std::max({bottom_, y + need.below, y + need.after});
    return y;
}

double TimeAxis::to_y(Instant t) const {
    if (knots_.empty()) return sizes_.top;
    const auto after = std::upper_bound(knots_.begin(), knots_.end(), t,
                                        [](Instant at, const Knot& knot) { return at < knot.at; });
    if (after == knots_.begin()) return after->first;
    const Knot& before = *(after - 1);
    if (before.at == t) return before.first;
    if (after == knots_.end()) return before.last;
    return blend(before.last, after->first, (t - before.at).ns, (after->at - before.at).ns);
}

Instant TimeAxis::to_time(double y) const {
    if (knots_.empty()) return {};
    const auto after = std::upper_bound(knots_.begin(), knots_.end(), y,
                                        [](double value, const Knot& knot) { return value < knot.first; });
    if (after == knots_.begin()) return after->at;
    const Knot& before = *(after - 1);
    if (after == knots_.end() || y <= before.last) return before.at;
    const double part = (y - before.last) / (after->first - before.last);
    return before.at +
           Duration{static_cast<std::int64_t>(part * static_cast<double>((after->at - before.at).ns))};
}

std::optional<Instant> TimeAxis::first() const {
    return knots_.empty() ? std::nullopt : std::optional(knots_.front().at);
}

std::optional<Instant> TimeAxis::last() const {
    return knots_.empty() ? std::nullopt : std::optional(knots_.back().at);
}

std::pair<std::size_t, std::size_t> TimeAxis::breaks_in(double top, double bottom) const {
    const auto begin = std::lower_bound(breaks_.begin(), breaks_.end(), top,
                                        [](const BreakAt& b, double y) { return b.bottom < y; });
    const auto end =
        std::upper_bound(begin, breaks_.end(), bottom, [](double y, const BreakAt& b) { return y < b.top; });
    return {static_cast<std::size_t>(begin - breaks_.begin()),
            static_cast<std::size_t>(end - breaks_.begin())};
}

}  // namespace synscope::model
