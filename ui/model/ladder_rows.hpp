#pragma once
// Shared by placing and painting: which rows fold together, and how much room each needs. Internal to
// ui/model.

#include <optional>

#include "ui/model/theme.hpp"
#include "ui/model/time_axis.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {

enum class RowLane : std::uint8_t {
    ClientPackets,
    ServerPackets,
    ClientCalls,
    ServerCalls,
    ClientWords,  ///< states and messages
    ServerWords,
    Bands,
};

[[nodiscard]] std::optional<RowLane> lane_of(const Row& row) noexcept;

[[nodiscard]] Ink arrow_ink(const track::Segment& segment) noexcept;

/// Heights of one line, by face.
struct LineHeights {
    float label = 0;
    float small = 0;
    float band = 0;
    explicit LineHeights(const Metrics& m) noexcept
        : label(m.label_font * 1.36F), small(m.small_font * 1.4F), band(m.text_font * 1.8F) {}
};

}  // namespace synscope::model
