#pragma once
// The pictures there are, in one visible table: for `synscope views` and `synscope render --view`.
// Thread rule: pure functions.

#include <span>
#include <string_view>

namespace synscope::render {

struct View {
    std::string_view name;
    std::string_view sentence;
};
[[nodiscard]] std::span<const View> views() noexcept;

}  // namespace synscope::render
