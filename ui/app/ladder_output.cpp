#include "ui/app/ladder_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "ui/app/command.hpp"
#include "ui/app/picture_size.hpp"
#include "ui/model/timeline.hpp"
#include "ui/render/store_source.hpp"
#include "ui/render/svg_ladder.hpp"
#include "ui/render/text_ladder.hpp"

namespace synscope::app {

namespace {

// On paper and on a page: dark on light, as wide as a page, as high as the content needs.
const std::string kPictureTheme = "light";
const std::string kPictureSize = "1280";

constexpr int kFileColumns = 144;  // a SYN with window and options, between the words of two lifelines

/// UTF-8 line drawing where the locale promises it; a locale that says nothing is no promise either way, and
/// files are read elsewhere, so only a terminal with another character set gets ASCII.
bool wants_ascii(bool terminal) {
    for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(variable);
        if (value == nullptr || *value == '\0') continue;
        const std::string_view locale{value};
        const bool utf8 =
            locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos ||
            locale.find("UTF8") != std::string_view::npos || locale.find("utf-8") != std::string_view::npos;
        return !utf8 && terminal;
    }
    return false;
}

}  // namespace

void add_picture_options(Command& command, PictureOptions& options) {
    command.option("-o,--output", options.path, "Draw it into this file: .svg, .png or .pdf");
    command.option("--size", options.size, "WIDTHxHEIGHT; for a picture also WIDTH alone, as high as needed");
    command.option("--theme", options.theme, "dark, light or projector");
}

Result<void, UserError> check_picture(const PictureOptions& options) {
    if (auto size = parse_size(options.size.empty() ? kPictureSize : options.size); !size)
        return failure(size.error());
    if (auto theme = theme_by_name(options.theme.empty() ? kPictureTheme : options.theme); !theme)
        return failure(theme.error());
    if (options.path.empty()) return {};
    if (auto known = render::check_picture_path(options.path); !known) return known;
    return trace::check_writable(options.path);  // tried now, not after the run
}

Result<void, UserError> write_ladder_picture(const trace::Store& store, const PictureOptions& options) {
    const auto size = parse_size(options.size.empty() ? kPictureSize : options.size);
    if (!size) return failure(size.error());
    const auto theme = theme_by_name(options.theme.empty() ? kPictureTheme : options.theme);
    if (!theme) return failure(theme.error());
    const render::StoreSource source{store};
    model::TraceReader reader;
    reader.update(source);
    render::SvgOptions svg;
    svg.theme = *theme;
    svg.width = size->width;
    svg.height = size->height;
    return render::write_picture(options.path, source, reader.tracker(), svg);
}

int print_ladder(const trace::Store& store, std::FILE* where) {
    const render::StoreSource source{store};
    model::TraceReader reader;
    reader.update(source);
    render::TextLadderOptions options;
    // Into a file or a pipe: room for every packet's numbers, and a sentence is one line that can be searched
    // for.
    const bool terminal = isatty(fileno(where)) == 1;
    options.wrap = terminal;
    options.width = options.wrap
                        ? std::max(terminal_width(options.width), render::TextLadderOptions::kMinWidth)
                        : kFileColumns;
    options.ascii = wants_ascii(terminal);
    options.colour = terminal && std::getenv("NO_COLOR") == nullptr;
    const std::string text = render::text_ladder(source, reader.tracker(), options);
    if (where == stdout) return print_text(text);
    const bool written =
        std::fwrite(text.data(), 1, text.size(), where) == text.size() && std::fflush(where) == 0;
    return written ? kDone : kFailed;
}

}  // namespace synscope::app
