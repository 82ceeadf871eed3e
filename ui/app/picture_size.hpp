#pragma once
// Sizes and themes as they are named on the command line. Thread rule: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "net/base/result.hpp"
#include "ui/model/theme.hpp"

namespace synscope::app {

struct PictureSize {
    int width = 0;
    std::optional<int> height;  ///< nothing: as high as the content
};
/// "1280x720", or "1280" for something as high as it needs to be.
[[nodiscard]] Result<PictureSize, UserError> parse_size(std::string_view text);
[[nodiscard]] Result<const model::Theme*, UserError> theme_by_name(const std::string& name);

}  // namespace synscope::app
