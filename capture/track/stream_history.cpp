#include "capture/track/stream_history.hpp"

#include <algorithm>

namespace synscope::track {

void Difference::note(std::int64_t at) noexcept {
    if (count == 0) begin = at;
    end = at + 1;
    ++count;
}

void StreamHistory::add(std::int64_t begin, ByteSpan bytes) {
    if (limit_ == 0 || bytes.empty()) return;
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (!runs_.empty() && runs_.back().end == begin) {
        runs_.back().end += size;
    } else {
        runs_.push_back({begin, begin + size, added_});
    }
    for (std::size_t done = 0; done < bytes.size();) {
        const auto at = static_cast<std::size_t>((added_ + done) % limit_);
        const std::size_t count = std::min(bytes.size() - done, limit_ - at);
        if (ring_.size() < at + count) ring_.resize(at + count);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), count,
                    ring_.begin() + static_cast<std::ptrdiff_t>(at));
        done += count;
    }
    added_ += bytes.size();
    forget();
}

void StreamHistory::forget() {
    const std::uint64_t oldest = added_ > limit_ ? added_ - limit_ : 0;
    while (!runs_.empty() && runs_.front().first < oldest) {
        Run& run = runs_.front();
        const auto lost = static_cast<std::int64_t>(oldest - run.first);
        horizon_ = std::min(run.end, run.begin + lost);
        if (horizon_ < run.end) {
            run.begin = horizon_;
            run.first = oldest;
            break;
        }
        runs_.pop_front();
    }
    while (runs_.size() > kMaxRuns) {
        horizon_ = runs_.front().end;
        runs_.pop_front();
    }
}

StreamHistory::Part StreamHistory::compare_run(const Run& run, std::int64_t begin, ByteSpan bytes) const {
    Part part{begin, begin + static_cast<std::int64_t>(bytes.size()), false, {}};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::int64_t at = begin + static_cast<std::int64_t>(i);
        const auto number = run.first + static_cast<std::uint64_t>(at - run.begin);
        if (ring_[static_cast<std::size_t>(number % limit_)] != bytes[i]) part.difference.note(at);
    }
    return part;
}

std::vector<StreamHistory::Part> StreamHistory::compare(std::int64_t begin, ByteSpan bytes,
                                                        std::int64_t next) const {
    std::vector<Part> parts;
    if (limit_ == 0) return parts;
    const std::int64_t end = std::min(begin + static_cast<std::int64_t>(bytes.size()), next);
    std::int64_t at = std::max(begin, horizon_);
    auto run = std::lower_bound(runs_.begin(), runs_.end(), at,
                                [](const Run& r, std::int64_t offset) { return r.end <= offset; });
    while (at < end) {
        if (run == runs_.end() || run->begin > at) {
            const std::int64_t stop = run == runs_.end() ? end : std::min(end, run->begin);
            parts.push_back({at, stop, true, {}});
            at = stop;
            continue;
        }
        const std::int64_t stop = std::min(end, run->end);
        parts.push_back(compare_run(
            *run, at,
            bytes.subspan(static_cast<std::size_t>(at - begin), static_cast<std::size_t>(stop - at))));
        at = stop;
        ++run;
    }
    return parts;
}

}  // namespace synscope::track
