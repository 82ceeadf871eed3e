#pragma once
// Timers as values. A connection has three places for them; what excludes each other shares a place, so that
// two timers that must not run at once cannot. Beside them a heap of the connections by their earliest
// deadline. Thread rule: one thread per simulation.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "net/base/event.hpp"
#include "net/base/instant.hpp"

namespace synscope::sim::tcp {

/// After the host's own link refused: Linux's TCP_RESOURCE_PROBE_INTERVAL.
inline constexpr Duration kRefusedWait = Duration::milliseconds(500);

/// Retransmit: Retransmission, Persist, TailLossProbe or Reordering. Ack: DelayedAck. Life: KeepAlive or
/// TimeWait (which also ends an orphan's FIN-WAIT-2).
enum class TimerPlace : std::uint8_t { Retransmit, Ack, Life };
inline constexpr std::size_t kTimerPlaces = 3;

/// When what is not armed is due. Not an optional: these are read and written with every segment.
inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

struct Timer {
    TimerKind kind = TimerKind::Retransmission;
    Instant at = kNever;
    friend bool operator==(const Timer&, const Timer&) = default;
};

class TimerSet3 {
  public:
    /// Null when none runs there; valid until it is set or stopped.
    [[nodiscard]] const Timer* in(TimerPlace place) const noexcept {
        const Timer& timer = timers_[static_cast<std::size_t>(place)];
        return timer.at == kNever ? nullptr : &timer;
    }
    [[nodiscard]] bool runs(TimerPlace place, TimerKind kind) const noexcept {
        const Timer* timer = in(place);
        return timer != nullptr && timer->kind == kind;
    }
    void set(TimerPlace place, Timer timer) noexcept { timers_[static_cast<std::size_t>(place)] = timer; }
    void stop(TimerPlace place) noexcept { timers_[static_cast<std::size_t>(place)].at = kNever; }
    /// kNever when none runs.
    [[nodiscard]] Instant earliest() const noexcept {
        Instant first = kNever;
        for (const Timer& timer : timers_)
            first = std::min(first, timer.at);
        return first;
    }

  private:
    std::array<Timer, kTimerPlaces> timers_{};
};

/// Slots by deadline; equal deadlines in the order of slots. Each slot at most once; every change O(log n).
class DeadlineHeap {
  public:
    /// kNever takes the slot out.
    void update(std::uint32_t slot, Instant deadline);
    /// kNever when it is empty.
    [[nodiscard]] Instant first() const noexcept { return heap_.empty() ? kNever : heap_.front().at; }
    [[nodiscard]] std::uint32_t first_slot() const noexcept { return heap_.front().slot; }

  private:
    struct Entry {
        Instant at;
        std::uint32_t slot = 0;
    };
    [[nodiscard]] static bool sooner(const Entry& a, const Entry& b) noexcept {
        return a.at != b.at ? a.at < b.at : a.slot < b.slot;
    }
    void place(std::size_t at, const Entry& entry) noexcept;
    void sift(std::size_t at, const Entry& entry) noexcept;

    std::vector<Entry> heap_;
    std::vector<std::uint32_t> position_;  ///< by slot: index in the heap + 1, 0 when not in it
};

}  // namespace synscope::sim::tcp
