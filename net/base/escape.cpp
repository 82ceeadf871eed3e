#include "net/base/escape.hpp"

#include "net/base/text.hpp"

namespace synscope {

namespace {

struct Decoded {
    std::uint32_t code_point = 0;
    std::size_t length = 0;  ///< 0: not valid UTF-8 at this byte
};

constexpr bool is_continuation(unsigned char c) {
    return (c & 0xc0) == 0x80;
}

/// One code point of valid, shortest-form UTF-8 without surrogates (RFC 3629).
Decoded decode_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || lead >= 0xf5 || text.size() < length) return {};
    std::uint32_t value = lead & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(byte(i))) return {};
        value = (value << 6) | (byte(i) & 0x3fu);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (overlong || surrogate || value > 0x10ffff) return {};
    return {value, length};
}

/// Code points that change how a reader sees the text around them, or that cannot be seen at all.
constexpr bool acts_on_reader(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0)           // C0, DEL, C1: control characters, escape sequences
           || c == 0xad || c == 0x34f || c == 0x61c      // soft hyphen, grapheme joiner, Arabic letter mark
           || c == 0x115f || c == 0x1160 || c == 0x3164  // Hangul fillers
           || c == 0x17b4 || c == 0x17b5 || c == 0xffa0  // Khmer inherent vowels, halfwidth filler
           || (c >= 0x180b && c <= 0x180f)               // Mongolian selectors
           || (c >= 0x200b && c <= 0x200f)               // zero width, LRM, RLM
           || (c >= 0x2028 && c <= 0x202e)               // line and paragraph separators, bidi embeddings
           || (c >= 0x2060 && c <= 0x206f)  // word joiner, bidi isolates, deprecated format characters
           || (c >= 0xe000 && c <= 0xf8ff)  // private use
           || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff             // variation selectors, byte order mark
           || (c >= 0xfff0 && c <= 0xffff && c != 0xfffd)             // interlinear annotation, noncharacters
           || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef)  // noncharacters
           || c >= 0xe0000;                                           // tags, selectors, private planes
}

std::string_view markup_entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string escaped(std::string_view text, Medium medium) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const Decoded d = decode_utf8(text.substr(i));
        const bool at_start = i == 0;
        i += d.length == 0 ? 1 : d.length;
        if (d.length == 0) {
            append(out, concat("\\x", Hex{static_cast<unsigned char>(c), 2}));
        } else if (acts_on_reader(d.code_point)) {
            append(out, d.code_point < 0x80 ? concat("\\x", Hex{d.code_point, 2})
                                            : concat("\\u{", Hex{d.code_point}, '}'));
        } else if (c == '\\') {
            out += "\\\\";  // so that a literal "\x1b" in the input cannot be taken for an escaped byte
        } else if (medium == Medium::Markup && !markup_entity(c).empty()) {
            out += markup_entity(c);
        } else if (medium == Medium::FileName && (c == '/' || (at_start && (c == '.' || c == '-')))) {
            append(out, concat("\\x", Hex{static_cast<unsigned char>(c), 2}));
        } else {
            out.append(text.substr(i - d.length, d.length));
        }
    }
    if (out.empty() && medium == Medium::FileName) out = "_";
    return out;
}

}  // namespace synscope
