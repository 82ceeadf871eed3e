#pragma once
// Why a display filter cannot be, and where in its text. Thread rule: values; the text function is pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace synscope::filter {

struct FilterError {
    std::size_t column = 0;  ///< first byte of the filter's text that it is about, from 0
    std::size_t length = 0;  ///< bytes; 0 behind the end
    std::string message;     ///< plain text, not yet escaped: it may quote the filter
    friend bool operator==(const FilterError&, const FilterError&) = default;
};

/// Two lines for a terminal, without a newline at the end: the filter, escaped, and carets below the place.
/// Wide characters take two cells, escaped ones as many as their escape. A long filter is shown around the
/// place only.
[[nodiscard]] std::string point_at(std::string_view filter, const FilterError& error);

}  // namespace synscope::filter
