#pragma once
// One line per packet, as `synscope analyze --format tsv` prints it: columns named after Wireshark's fields.
//
// The header line is the contract's, complete; a column that is not worked out yet stays empty. Documented in
// docs/FORMATS.md. Thread rule: pure functions over a store that may still grow (what is published is
// written).

#include <string>

#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"

namespace synscope::render {

/// The header line without its newline.
[[nodiscard]] std::string packet_table_header();
/// Appends the line of one packet, with its newline, to `out`.
void append_packet_line(std::string& out, const trace::Store& store, const track::Tracker& tracker,
                        const trace::Packet& packet);

}  // namespace synscope::render
