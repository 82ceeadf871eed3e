#pragma once
// How many descriptors this process may have: every connection is one. Thread rule: one call at a time.

#include <cstdint>
#include <optional>

namespace synscope::engine {

/// Raises the process's own limit so far that it may have `needed` descriptors. Nothing when that worked;
/// else how many it may have at most, and nothing was changed.
[[nodiscard]] std::optional<std::uint64_t> at_most_descriptors(std::uint64_t needed) noexcept;

}  // namespace synscope::engine
