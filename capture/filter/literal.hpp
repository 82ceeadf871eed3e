#pragma once
// Values written in a filter: numbers, addresses, bytes, times. Thread rule: pure.

#include <string>
#include <string_view>

#include "capture/filter/value.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

/// How a value was written.
enum class Spelling : std::uint8_t { Bare, Quoted, Character };

/// `text` as a value of `kind`; `bits` is how large a number may be. The error is a message for people.
[[nodiscard]] Result<Value, std::string> literal(std::string_view text, Spelling spelling, Kind kind,
                                                 unsigned bits);

}  // namespace synscope::filter
