#pragma once
// Byte provenance as text or JSON lines: for each run of bytes, who wrote it, which packets carried it, who
// acknowledged it, who read it, which message it belongs to; then the fate of every write or message. The
// keys are documented in docs/FORMATS.md. Thread rule: pure functions.

#include <string>

#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"

namespace synscope::render {

[[nodiscard]] std::string bytes_text(const trace::Store& store, const track::Connection& connection);
[[nodiscard]] std::string bytes_jsonl(const trace::Store& store, const track::Connection& connection);

}  // namespace synscope::render
