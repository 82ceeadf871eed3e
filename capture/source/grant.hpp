#pragma once
// The right to capture, and the words that tell how to get it. One place, since the capture program and
// `synscope doctor` must say the same. Thread rule: pure.

#include <string>
#include <string_view>

namespace synscope::source {

/// `text` as one word of a POSIX shell, quoted only when it has to be.
[[nodiscard]] std::string shell_word(std::string_view text);

/// The command that makes the program at `path` root:synscope 0750 with cap_net_raw+ep. chown comes before
/// setcap: it would take the capability away again.
[[nodiscard]] std::string grant_command(std::string_view path);

}  // namespace synscope::source
