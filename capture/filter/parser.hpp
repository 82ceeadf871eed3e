#pragma once
// From text to syntax tree. From loosest to tightest: or, xor, and, not, comparisons, &, slices; brackets
// first. Thread rule: pure.

#include <string_view>

#include "capture/filter/filter_error.hpp"
#include "capture/filter/syntax.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

/// Deeper nesting is refused: it would cost stack, here and in every later step.
inline constexpr int kMaxDepth = 100;
/// So are longer lists within a slice, which could make much of little.
inline constexpr std::size_t kMaxSliceRanges = 32;

[[nodiscard]] Result<Syntax, FilterError> parse(std::string_view text);

}  // namespace synscope::filter
