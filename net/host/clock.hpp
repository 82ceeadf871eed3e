#pragma once
// The one clock of a real run: monotonic readings moved to wall time, with the error known.
// Thread rule: a PairedClock belongs to one thread, or to one lock.

#include "net/base/event.hpp"

namespace synscope::host {

/// Reads wall, monotonic, wall; of a few tries the one with the smallest error.
[[nodiscard]] ClockPaired pair_clocks() noexcept;

/// Moves monotonic readings to wall time by its latest pairing.
class PairedClock {
  public:
    PairedClock() : pairing_(pair_clocks()) {}
    const ClockPaired& pair_again() noexcept { return pairing_ = pair_clocks(); }
    [[nodiscard]] const ClockPaired& pairing() const noexcept { return pairing_; }
    [[nodiscard]] Instant wall(std::int64_t monotonic_ns) const noexcept {
        return Instant{pairing_.wall_ns + (monotonic_ns - pairing_.monotonic_ns)};
    }

  private:
    ClockPaired pairing_;
};

}  // namespace synscope::host
