#pragma once
// Lines of at most so many columns, broken at spaces. Thread rule: pure.

#include <string>
#include <string_view>
#include <vector>

namespace synscope::render {

[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace synscope::render
