#pragma once
// The time axis of the ladder: a monotone map between time and y, and back.
//
// Linear: so many pixels per nanosecond. Compressed: rows are placed one after the other, each as far below
// the last as its text needs; a gap longer than kBreak becomes a visible break of fixed height. Several rows
// may share one moment (equal timestamps): there the map is a step, to_y gives its first row, to_time gives
// that moment. Thread rule: one thread.

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "net/base/instant.hpp"

namespace synscope::model {

enum class AxisMode : std::uint8_t { Compressed, Linear };

/// Columns that need their own vertical room: rows in different slots may stand side by side.
enum class Slot : std::uint8_t { Left, Middle, Right, None };

/// What one row needs: room above and below its own y.
struct RowNeed {
    Instant at;
    Slot slot = Slot::None;
    bool everywhere = false;  ///< takes all slots: bands
    double above = 0;
    double below = 0;
    double after = 0;  ///< the next later moment is at least this far below
};

class TimeAxis {
  public:
    static constexpr Duration kBreak = Duration::milliseconds(1);  ///< longer gaps are broken

    struct Sizes {
        double top = 10;  ///< above the first row
        double break_height = 30;
        double line_gap = 2;  ///< least distance of two moments
        double linear_px_per_ms = 40;
    };

    TimeAxis(AxisMode mode, Sizes sizes) : mode_(mode), sizes_(sizes) {}

    /// Places a row; rows come in time order. Returns its y.
    double add(const RowNeed& need);

    [[nodiscard]] double to_y(Instant t) const;
    [[nodiscard]] Instant to_time(double y) const;
    [[nodiscard]] double height() const noexcept { return bottom_; }
    [[nodiscard]] AxisMode mode() const noexcept { return mode_; }
    [[nodiscard]] std::optional<Instant> first() const;
    [[nodiscard]] std::optional<Instant> last() const;

    struct BreakAt {
        double top = 0;
        double bottom = 0;
        Duration gap;
    };
    /// Breaks that touch [top, bottom], by binary search.
    [[nodiscard]] std::pair<std::size_t, std::size_t> breaks_in(double top, double bottom) const;
    [[nodiscard]] const std::vector<BreakAt>& breaks() const noexcept { return breaks_; }

  private:
    struct Knot {
        Instant at;
        double first = 0;  ///< y of the first and the last row of this moment
        double last = 0;
    };
    double add_linear(const RowNeed& need);
    AxisMode mode_;
    Sizes sizes_;
    std::vector<Knot> knots_;
    std::vector<BreakAt> breaks_;
    std::array<double, 3> slot_bottom_{};
    double bottom_ = 0;
    double after_ = 0;  ///< RowNeed::after of the rows of the last moment
};

}  // namespace synscope::model
