#include "ui/view/glyphs.hpp"

#include <utility>

namespace synscope::view {

namespace {
constexpr std::string_view kSigns =
    "\u00b7\u00d7\u00b5\u00a7\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2190\u2191\u2192\u2193\u2212\u2264"
    "\u2265\u25cf\ufffd";
}  // namespace

GlyphSet::GlyphSet() {
    for (std::size_t c = 0; c < 0x80; ++c)
        known_.set(c);
    want(kSigns);
    grown_ = false;
}

void GlyphSet::want(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
        if (length == 0 || i + length > utf8.size()) {
            ++i;
            continue;
        }
        char32_t character = lead & (0xffu >> (length + 1));
        for (std::size_t k = 1; k < length; ++k)
            character = (character << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3fu);
        add(character);
        i += length;
    }
}

bool GlyphSet::take_grown() noexcept {
    return std::exchange(grown_, false);
}

void GlyphSet::add(char32_t character) {
    if (character > 0xffff || known_.test(character)) return;
    known_.set(character);
    order_.push_back(static_cast<std::uint16_t>(character));
    grown_ = true;
}

}  // namespace synscope::view
