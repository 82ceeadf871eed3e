#pragma once
// Where a command's text goes: standard output, or a file that appears whole or not at all.
// Thread rule: one thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/trace/safe_file.hpp"
#include "net/base/result.hpp"

namespace synscope::app {

/// A command's text: to standard output when `path` is empty or "-", else into a trace::SafeFile. Writes in
/// large pieces; a reader that goes away (`| head`) ends the command quietly.
class TextOutput {
  public:
    static Result<TextOutput, UserError> open(const std::string& path);
    /// False when nobody reads any more or writing failed: the caller stops.
    bool write(std::string_view text);
    /// Writes what is pending, for readers that watch.
    bool flush();
    /// The last piece; tells what went wrong on the way.
    Result<void, UserError> finish();

  private:
    explicit TextOutput(std::optional<trace::SafeFile> file) : file_(std::move(file)) {}
    std::optional<trace::SafeFile> file_;
    std::string pending_;
    std::optional<UserError> error_;
    bool reader_gone_ = false;
};

/// Refuses an output that would take the place of a file that is read. Empty and "-" name no file.
[[nodiscard]] Result<void, UserError> spares_inputs(const std::string& output,
                                                    const std::vector<std::string>& inputs);

/// A short text on standard output; returns an exit code.
int print_text(std::string_view text);

/// Whether standard output is a terminal that shows UTF-8 box drawing and colours.
[[nodiscard]] bool stdout_is_terminal();
/// Columns of that terminal, or `otherwise`.
[[nodiscard]] int terminal_width(int otherwise);

}  // namespace synscope::app
