#pragma once
// The one function through which text from packets, file names, comments and scenario files reaches a screen
// or a file.
//
// It makes visible, and harmless, whatever could act on the reader: control characters and escape sequences
// (C0, C1, DEL), invalid UTF-8, bidirectional overrides and isolates, zero-width characters, line and
// paragraph separators, tag characters, and private or unassigned-by-design code points. Each becomes \xNN (a
// byte) or \u{NNNN}. Thread rule: pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace synscope {

enum class Medium : std::uint8_t {
    Terminal,  ///< a terminal, a log, a text file, the window
    Markup,    ///< SVG, HTML, Pango: additionally & < > " ' become entities
    FileName,  ///< one path component: additionally '/' and a leading '.' or '-' are escaped; never empty
    Tsv,       ///< one cell: as Terminal (tab and newline are control characters already)
};

[[nodiscard]] std::string escaped(std::string_view text, Medium medium);

}  // namespace synscope
