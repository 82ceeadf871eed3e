#pragma once
// One line per TCP connection, as `synscope analyze --format connections` prints it. Documented in
// docs/FORMATS.md. Thread rule: pure functions.

#include <string>

#include "capture/track/analysis.hpp"

namespace synscope::render {

/// The header line without its newline.
[[nodiscard]] std::string connection_table_header();
/// Appends the line of one connection, with its newline.
void append_connection_line(std::string& out, const track::ConnectionFacts& connection);

}  // namespace synscope::render
