#pragma once
// A frame as a PNG file. Thread rule: any thread.

#include <string>

#include "net/base/result.hpp"
#include "ui/app/window/shell.hpp"

namespace synscope::window {

/// Writes to a temporary file beside `path`, then renames: `path` is whole or as it was.
Result<void, UserError> save_png(const Shell::Image& image, const std::string& path);

}  // namespace synscope::window
