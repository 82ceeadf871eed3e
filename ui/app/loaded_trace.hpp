#pragma once
// A capture or session read to its end, with its connections: what analyze, bytes and the pictures start
// from. Thread rule: one thread.

#include <memory>
#include <optional>
#include <string>

#include "capture/source/file.hpp"
#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"
#include "net/base/result.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::app {

struct LoadedTrace {
    trace::Store store;
    model::TraceReader connections;
    source::LoadReport report;
};
/// Reads `path` ("-": standard input). Fails when it cannot be opened or is no capture; damage further on is
/// in the report.
Result<std::unique_ptr<LoadedTrace>, UserError> load_trace(const std::string& path);

/// The connection of a trace by the number on the command line.
Result<const track::Connection*, UserError> connection_by_number(const track::Tracker& tracker,
                                                                 std::uint32_t number);

}  // namespace synscope::app
