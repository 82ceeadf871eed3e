#pragma once
// What the text ladder draws with: characters and terminal colours. Internal to ui/render. Thread rule: pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "ui/model/theme.hpp"

namespace synscope::render {

struct Glyphs {
    std::string_view line, waiting, working, busy, gap, solid, dashed, right, left, leave_right, leave_left,
        cross, rule, dots, ellipsis, open_diamond;
};
inline constexpr Glyphs kUnicode = {"│", "║", "┃", "█", "┊", "─", "╌", "▶",
                                    "◀", "├", "┤", "✗", "─", "·", "…", "◆"};
inline constexpr Glyphs kAscii = {"|", "H", "I", "#", ":", "-", "- ",  ">",
                                  "<", "|", "|", "X", "-", ".", "...", "*"};

enum class Tint : std::uint8_t { None, Dim, Bold, Handshake, Data, Teardown, Reset, Busy, Message };

inline std::string_view ansi(Tint tint) {
    switch (tint) {
        case Tint::None:
            return "";
        case Tint::Dim:
            return "\x1b[2m";
        case Tint::Bold:
            return "\x1b[1m";
        case Tint::Handshake:
            return "\x1b[36m";
        case Tint::Data:
            return "\x1b[32m";
        case Tint::Teardown:
            return "\x1b[33m";
        case Tint::Reset:
            return "\x1b[31m";
        case Tint::Busy:
            return "\x1b[33m";
        case Tint::Message:
            return "\x1b[35m";
    }
    return "";
}

inline std::string repeat(std::string_view what, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += what;
    return out;
}

inline std::size_t columns(std::string_view text) {
    return model::text_columns(text);
}

}  // namespace synscope::render
