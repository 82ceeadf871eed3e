#pragma once
// Identifiers of a stream mapped to those of a store, as runs: streams number densely, so a long trace is a
// handful of runs, and a hostile stream costs no more than what it sends. Thread rule: one thread.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

namespace synscope::trace {

class IdMap {
  public:
    /// A number that is mapped already keeps its first meaning.
    void add(std::uint64_t stream, std::uint64_t store) {
        auto after = runs_.upper_bound(stream);
        if (after != runs_.begin()) {
            auto& [begin, run] = *std::prev(after);
            if (stream - begin < run.length) return;
            if (stream - begin == run.length && store == run.store + run.length) {
                ++run.length;
                return;
            }
        }
        runs_.emplace_hint(after, stream, Run{store, 1});
    }
    [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t stream) const {
        const auto after = runs_.upper_bound(stream);
        if (after == runs_.begin()) return std::nullopt;
        const auto& [begin, run] = *std::prev(after);
        if (stream - begin >= run.length) return std::nullopt;
        return run.store + (stream - begin);
    }
    [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }

  private:
    struct Run {
        std::uint64_t store = 0;
        std::uint64_t length = 0;
    };
    std::map<std::uint64_t, Run> runs_;
};

}  // namespace synscope::trace
