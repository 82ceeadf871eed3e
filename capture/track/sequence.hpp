#pragma once
// The sequence numbers of one direction: from 32 bits on the wire to 64-bit relative numbers, and which of
// them were seen before. Relative 0 is the SYN (or the number before the first one seen). Thread rule:
// values.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/seq32.hpp"

namespace synscope::track {

class SequenceSpace {
  public:
    /// What relative 0 stands for.
    [[nodiscard]] std::optional<Seq32> zero() const noexcept { return zero_; }
    void set_zero(Seq32 zero) noexcept { zero_ = zero; }

    /// Nearest to the highest number known so far, so that streams longer than 4 GiB keep counting. Needs
    /// zero().
    [[nodiscard]] std::int64_t relative(Seq32 seq) const noexcept;

    /// Marks [begin, end) as seen; whether any of it was before.
    bool take(std::int64_t begin, std::int64_t end);
    /// The other side acknowledged everything below `next`.
    void acknowledged(std::int64_t next) noexcept;

    /// One behind the highest number seen; nothing before the first.
    [[nodiscard]] std::optional<std::int64_t> next() const noexcept { return next_; }
    /// The highest acknowledgement of this direction.
    [[nodiscard]] std::optional<std::int64_t> acked() const noexcept { return acked_; }

  private:
    struct Hole {
        std::int64_t begin;
        std::int64_t end;
    };
    void add_hole(std::int64_t begin, std::int64_t end);

    std::optional<Seq32> zero_;
    std::optional<std::int64_t> lowest_;
    std::optional<std::int64_t> next_;
    std::optional<std::int64_t> acked_;
    std::vector<Hole> holes_;  ///< between lowest_ and next_, sorted, never seen
};

}  // namespace synscope::track
