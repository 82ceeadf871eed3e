#pragma once
// Latencies counted without keeping them: every value to three significant digits, from a nanosecond to a
// day, in a few hundred kilobytes, however many there are. The layout is that of HDR histograms: each power
// of two is cut into the same number of slots. Thread rule: values; one per thread, then merge().

#include <cstdint>
#include <vector>

namespace synscope::load {

class Histogram {
  public:
    Histogram();
    /// Values are nanoseconds; below 0 counts as 0, beyond a day as a day.
    void add(std::int64_t value_ns) noexcept;
    void merge(const Histogram& other);
    void clear() noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Exact; 0 when nothing was counted.
    [[nodiscard]] std::int64_t least_ns() const noexcept { return count_ == 0 ? 0 : least_; }
    [[nodiscard]] std::int64_t most_ns() const noexcept { return count_ == 0 ? 0 : most_; }
    [[nodiscard]] double mean_ns() const noexcept;
    /// The smallest value that at least `percent` of all values do not exceed, to three digits and never
    /// beyond the greatest; 0 when nothing was counted.
    [[nodiscard]] std::int64_t percentile_ns(double percent) const noexcept;

    /// The slots that hold something, in order: the greatest value of each, and how many it holds.
    struct Slot {
        std::int64_t up_to_ns = 0;
        std::uint64_t count = 0;
    };
    [[nodiscard]] std::vector<Slot> slots() const;

  private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::int64_t least_ = 0;
    std::int64_t most_ = 0;
    double sum_ = 0;
};

}  // namespace synscope::load
