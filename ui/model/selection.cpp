#include "ui/model/selection.hpp"

#include <algorithm>

namespace synscope::model {

std::optional<std::size_t> position_of(std::span<const EventId> order, EventId event) noexcept {
    const auto found = std::find(order.begin(), order.end(), event);
    if (found == order.end()) return std::nullopt;
    return static_cast<std::size_t>(found - order.begin());
}

std::optional<std::size_t> stepped(std::optional<std::size_t> current, std::int64_t by,
                                   std::size_t count) noexcept {
    if (count == 0) return std::nullopt;
    const auto last = static_cast<std::int64_t>(count) - 1;
    if (!current) return static_cast<std::size_t>(by >= 0 ? 0 : last);
    // The current one may lie beyond the end when the list has shrunk.
    const std::int64_t from = std::min(static_cast<std::int64_t>(*current), last);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(from + by, 0, last));
}

}  // namespace synscope::model
