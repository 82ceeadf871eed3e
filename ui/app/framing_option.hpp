#pragma once
// What --framing may be: a name, a declaration as text, or a YAML file that declares one. Thread rule: reads
// one file at most.

#include <string>

#include "net/base/result.hpp"
#include "net/framing/framing.hpp"

namespace synscope::app {

/// A name as it is, a file as the text that stands for what it declares.
[[nodiscard]] Result<std::string, UserError> framing_text(const std::string& option);
[[nodiscard]] Result<framing::FramingInfo, UserError> framing_option(const std::string& option);

}  // namespace synscope::app
