#pragma once
// Which calls and busy times are under way at a row of a timeline, found without walking from its beginning.
// Thread rule: a value.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ui/model/timeline.hpp"

namespace synscope::model {

class ActiveSpans {
  public:
    /// Rows were put before others that were there already: begin again.
    void restart() { *this = {}; }

    /// Goes on to the end of `rows`: gives spans that overlap in time lanes beside each other, and notes who
    /// is active every few rows.
    void take(const std::vector<Row>& rows, std::vector<Span>& spans) {
        for (; taken_ < rows.size(); ++taken_) {
            if (taken_ % kCheckpoint == 0) checkpoints_.push_back(active_);
            if (begins(rows[taken_].kind)) assign_lane(spans, spans[rows[taken_].index]);
            step(active_, rows[taken_]);
        }
    }

    /// Of the rows taken: spans that began before this one and do not end before it.
    [[nodiscard]] std::vector<std::uint32_t> at(const std::vector<Row>& rows, std::size_t row) const {
        row = std::min(row, rows.size());
        const std::size_t checkpoint = row / kCheckpoint;
        if (checkpoint >= checkpoints_.size()) return active_;
        std::vector<std::uint32_t> now = checkpoints_[checkpoint];
        for (std::size_t i = checkpoint * kCheckpoint; i < row; ++i)
            step(now, rows[i]);
        return now;
    }

  private:
    static constexpr std::size_t kCheckpoint = 256;  ///< rows between two stored lists

    static bool begins(RowKind kind) { return kind == RowKind::CallBegin || kind == RowKind::BusyBegin; }
    static bool ends(RowKind kind) { return kind == RowKind::CallEnd || kind == RowKind::BusyEnd; }

    static void step(std::vector<std::uint32_t>& now, const Row& row) {
        if (ends(row.kind)) now.erase(std::remove(now.begin(), now.end(), row.index), now.end());
        if (begins(row.kind)) now.push_back(row.index);
    }

    void assign_lane(const std::vector<Span>& spans, Span& span) const {
        unsigned used = 0;
        for (const std::uint32_t i : active_)
            if (spans[i].side == span.side) used |= 1U << spans[i].lane;
        span.lane = 0;
        while (span.lane + 1 < Timeline::kLanes && (used >> span.lane & 1U) != 0)
            ++span.lane;
    }

    std::vector<std::vector<std::uint32_t>> checkpoints_;  ///< active before row i * kCheckpoint
    std::vector<std::uint32_t> active_;
    std::size_t taken_ = 0;
};

}  // namespace synscope::model
