#pragma once
// The latest bytes of a stream, up to a limit, to compare what is sent again with what was sent first; and
// where among them the stream has gaps. Thread rule: values.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::track {

/// How two runs of the same bytes differ: from the first difference to the last, and how many.
struct Difference {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint64_t count = 0;
    /// Another byte at `at` differs.
    void note(std::int64_t at) noexcept;
};

class StreamHistory {
  public:
    explicit StreamHistory(std::size_t limit) : limit_(limit) {}

    /// The stream handed over `bytes` at `begin`, at or behind the end of what it handed over before.
    void add(std::int64_t begin, ByteSpan bytes);

    struct Part {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        bool gap = false;  ///< nothing was handed over here
        Difference difference;
    };
    /// Goes through `bytes` at `begin`, all of it before `next`, the stream's position. Parts that are no
    /// longer remembered are left out.
    [[nodiscard]] std::vector<Part> compare(std::int64_t begin, ByteSpan bytes, std::int64_t next) const;

  private:
    /// Bytes without a gap. `first` numbers the bytes ever added, so that byte n lies at n modulo limit_.
    struct Run {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        std::uint64_t first = 0;
    };
    static constexpr std::size_t kMaxRuns = 4096;

    void forget();
    [[nodiscard]] Part compare_run(const Run& run, std::int64_t begin, ByteSpan bytes) const;

    std::size_t limit_;
    std::vector<std::byte> ring_;
    std::uint64_t added_ = 0;
    std::deque<Run> runs_;
    std::int64_t horizon_ = 0;  ///< from here on every run is known
};

}  // namespace synscope::track
