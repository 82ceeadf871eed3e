#pragma once
// What is selected, and how it moves: by event, so that a selection survives every change of layout, zoom and
// theme, and the arrival of earlier events. Thread rule: values and pure functions.

#include <cstdint>
#include <optional>
#include <span>

#include "net/base/ids.hpp"

namespace synscope::model {

struct Selection {
    std::optional<ConnectionId> connection;  ///< whose ladder is shown
    std::optional<EventId> event;            ///< the arrow, bar, or state
    std::optional<std::size_t> field;        ///< a row of the inspector
    friend bool operator==(const Selection&, const Selection&) = default;
};

/// Where an item stands in a panel's order; nothing when it is not there.
[[nodiscard]] std::optional<std::size_t> position_of(std::span<const EventId> order, EventId event) noexcept;

/// The index `by` steps from `current`, clamped to a list of `count`. With nothing current a step forward
/// gives the first and a step back the last. Nothing only for an empty list.
[[nodiscard]] std::optional<std::size_t> stepped(std::optional<std::size_t> current, std::int64_t by,
                                                 std::size_t count) noexcept;

}  // namespace synscope::model
