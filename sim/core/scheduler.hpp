#pragma once
// The simulator's clock and its list of what is still to come.
//
//   Scheduler scheduler;
//   const auto handle = scheduler.at(scheduler.now() + delay, {.target = host, .kind = kTimer, .argument =
//   7}); while (const auto entry = scheduler.pop_until(end)) ... scheduler.now() is the entry's instant ...
//
// Entries are small values, no callbacks: whoever runs the loop knows what target, kind and argument mean.
// Total order: by instant, then by insertion number; what is scheduled or moved at the same instant later
// comes later. With `shuffle_seed` entries of the same instant come in an order drawn from that seed instead,
// still a total one: a test mode that shows who relies on the order of things that happen at once.
//
// Inside: a heap of four children per node whose nodes are named by slot. A handle is a slot and its
// generation, so that cancelling what has already happened is harmless. at, move and cancel cost O(log n),
// next_time O(1). Ownership: values. Thread rule: one scheduler, one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/instant.hpp"

namespace synscope::sim {

struct SchedulerOptions {
    std::optional<std::uint64_t> shuffle_seed{};
};

class Scheduler {
  public:
    struct Entry {
        std::uint32_t target = 0;
        std::uint32_t kind = 0;
        std::uint64_t argument = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    /// Names one entry until it happens or is cancelled. The default names none.
    struct Handle {
        std::uint32_t slot = 0;
        std::uint32_t generation = 0;
        friend bool operator==(const Handle&, const Handle&) = default;
    };

    explicit Scheduler(SchedulerOptions options = {}) noexcept : options_(options) {}

    /// Starts at 0; moved by pop_until() and idle_until() alone.
    [[nodiscard]] Instant now() const noexcept { return now_; }
    /// `when` does not lie before now().
    Handle at(Instant when, const Entry& entry);
    /// To another instant, as if it were inserted now. False when there is no such entry any more.
    bool move(Handle handle, Instant when);
    /// False when it has happened already or was cancelled before.
    bool cancel(Handle handle);
    [[nodiscard]] bool pending(Handle handle) const noexcept;

    /// When the next entry is due.
    [[nodiscard]] std::optional<Instant> next_time() const noexcept {
        if (heap_.empty()) return std::nullopt;
        return heap_.front().at;
    }
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

    /// Takes the next entry out, unless it is due after `end`, and sets the clock to its instant.
    std::optional<Entry> pop_until(Instant end);
    /// Sets the clock to `when`; nothing is due before it.
    void idle_until(Instant when) noexcept;

  private:
    struct Node {
        Instant at{};
        std::uint64_t order = 0;
        std::uint32_t slot = 0;
    };
    struct Slot {
        Entry entry;
        std::uint32_t position = 0;    ///< in the heap, while the generation is odd
        std::uint32_t generation = 0;  ///< odd while an entry lives here
    };
    [[nodiscard]] static bool earlier(const Node& a, const Node& b) noexcept {
        return a.at.ns != b.at.ns ? a.at.ns < b.at.ns : a.order < b.order;
    }
    [[nodiscard]] std::uint64_t next_order() noexcept;
    void place(std::size_t position, const Node& node) noexcept {
        heap_[position] = node;
        slots_[node.slot].position = static_cast<std::uint32_t>(position);
    }
    void sift_up(std::size_t position, const Node& node) noexcept;
    void sift_down(std::size_t position, const Node& node) noexcept;
    void settle(std::size_t position, const Node& node) noexcept;
    void remove(std::size_t position) noexcept;
    void release(std::uint32_t slot);

    SchedulerOptions options_;
    Instant now_{};
    std::uint64_t inserted_ = 0;
    std::vector<Node> heap_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace synscope::sim
