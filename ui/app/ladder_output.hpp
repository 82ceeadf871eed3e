#pragma once
// The ladder of a finished trace: printed, or drawn into a file. Thread rule: one thread.

#include <cstdio>
#include <string>

#include "capture/trace/store.hpp"
#include "net/base/result.hpp"
#include "ui/app/command_line.hpp"
#include "ui/app/output.hpp"

namespace synscope::app {

struct PictureOptions {
    std::string path;   ///< .svg, .png or .pdf
    std::string size;   ///< empty: a page's width, as high as the content needs
    std::string theme;  ///< empty: light
};
void add_picture_options(Command& command, PictureOptions& options);
/// Whether size and theme can be understood, and a path, where one is given, can be drawn and written.
Result<void, UserError> check_picture(const PictureOptions& options);
Result<void, UserError> write_ladder_picture(const trace::Store& store, const PictureOptions& options);

/// Prints ladder and sentences to `where`; returns an exit code.
int print_ladder(const trace::Store& store, std::FILE* where);

}  // namespace synscope::app
