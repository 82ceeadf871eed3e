#include "capture/filter/filter_error.hpp"

#include <algorithm>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::filter {
namespace {

/// Bytes shown before the place, of it, and behind it.
constexpr std::size_t kBefore = 60;
constexpr std::size_t kWithin = 60;
constexpr std::size_t kBehind = 30;

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The first code point of `text` (valid UTF-8: it was escaped), which moves on.
std::uint32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text[0]);
    std::uint32_t value = first < 0x80   ? first
                          : first < 0xe0 ? first & 0x1fu
                          : first < 0xf0 ? first & 0xfu
                                         : first & 7u;
    std::size_t i = 1;
    for (; i < text.size() && continues(text[i]); ++i)
        value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    text.remove_prefix(i);
    return value;
}

/// Cells of a terminal: two for the wide characters of East Asia (UAX #11) and pictures, none for marks that
/// combine.
std::size_t cells_of(std::uint32_t c) {
    struct Range {
        std::uint32_t first, last;
    };
    static constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                      {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                      {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                                      {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    const auto within = [c](const Range& r) { return r.first <= c && c <= r.last; };
    if (within({0x300, 0x36f}) || within({0x20d0, 0x20ff}) || within({0xfe00, 0xfe0f})) return 0;
    return std::any_of(std::begin(kWide), std::end(kWide), within) ? 2 : 1;
}

std::size_t cells(std::string_view text) {
    std::size_t sum = 0;
    while (!text.empty())
        sum += cells_of(take_code_point(text));
    return sum;
}

/// The first `most` bytes, not ending within a character.
std::string_view head(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && continues(text[most]))
        --most;
    return text.substr(0, most);
}

std::string_view tail(std::string_view text, std::size_t most) {
    std::size_t from = text.size() - std::min(text.size(), most);
    while (from > 0 && from < text.size() && continues(text[from]))
        ++from;
    return text.substr(from);
}

}  // namespace

std::string point_at(std::string_view filter, const FilterError& error) {
    const std::size_t column = std::min(error.column, filter.size());
    const auto before = filter.substr(0, column);
    const auto place = filter.substr(column, error.length);
    const auto behind = filter.substr(column + place.size());
    constexpr std::string_view kMore = "...";
    const auto shown_before = tail(before, kBefore);
    const auto shown_place = head(place, kWithin);
    const auto shown_behind = head(behind, shown_place.size() == place.size() ? kBehind : 0);

    const std::string start =
        concat(shown_before.size() < before.size() ? kMore : "", escaped(shown_before, Medium::Terminal));
    const std::string middle = escaped(shown_place, Medium::Terminal);
    const bool cut = shown_place.size() < place.size() || shown_behind.size() < behind.size();
    return concat(start, middle, escaped(shown_behind, Medium::Terminal), cut ? kMore : "", '\n',
                  std::string(cells(start), ' '), std::string(std::max<std::size_t>(cells(middle), 1), '^'));
}

}  // namespace synscope::filter
