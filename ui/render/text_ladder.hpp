#pragma once
// The ladder for terminals: one line per packet, call and state, then the sentences, then what the marks
// mean.
//
// Reads the same timeline, words and findings as the window and the SVG. Everything that comes from a packet
// or a file is escaped. Thread rule: pure.

#include <optional>
#include <string>

#include "capture/track/tracker.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::render {

struct TextLadderOptions {
    static constexpr int kMinWidth = 80;

    int width = 100;      ///< columns; at least kMinWidth
    bool ascii = false;   ///< only ASCII lines and arrows
    bool wrap = true;     ///< sentences too; false: one line each, for programs and editors that wrap
    bool colour = false;  ///< ANSI colours; whether anyone can see them is the caller's knowledge
    bool ladder = true;
    bool sentences = true;
    bool legend = true;
    std::optional<ConnectionId> connection = {};  ///< nothing: all of them
};

[[nodiscard]] std::string text_ladder(const model::TraceSource& source, const track::Tracker& tracker,
                                      const TextLadderOptions& options);

}  // namespace synscope::render
