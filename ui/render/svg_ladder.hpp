#pragma once
// The ladder as a picture: SVG text, and files of SVG, PNG or PDF (the latter two are that SVG through
// librsvg).
//
// Draws the items of model::Ladder and adds title, sentences and legend. Refers to nothing outside itself.
// Thread rule: pure, except write_picture, which writes one file.

#include <optional>
#include <string>

#include "capture/track/tracker.hpp"
#include "net/base/result.hpp"
#include "ui/model/theme.hpp"
#include "ui/model/time_axis.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::render {

struct SvgOptions {
    const model::Theme* theme = nullptr;  ///< nothing: light
    std::string title = {};               ///< not escaped
    int width = 1280;                     ///< pixels
    std::optional<int> height = {};       ///< nothing: as high as the content; else everything is made to fit
    model::AxisMode mode = model::AxisMode::Compressed;
    std::optional<ConnectionId> connection = {};  ///< nothing: all of them
};

[[nodiscard]] std::string svg_ladder(const model::TraceSource& source, const track::Tracker& tracker,
                                     const SvgOptions& options);

/// Writes the picture that the extension of `path` names (.svg, .png, .pdf), whole or not at all: to a
/// temporary file beside it, then renamed.
Result<void, UserError> write_picture(const std::string& path, const model::TraceSource& source,
                                      const track::Tracker& tracker, const SvgOptions& options);

/// Whether write_picture can write it, judged by the extension: to refuse before work begins.
[[nodiscard]] Result<void, UserError> check_picture_path(const std::string& path);

}  // namespace synscope::render
