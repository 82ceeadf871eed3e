#include "ui/app/picture_size.hpp"

#include <charconv>

#include "net/base/text.hpp"

namespace synscope::app {

namespace {

constexpr int kMaxPicture_px = 16'384;

std::optional<int> pixels(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 320 || value > kMaxPicture_px)
        return std::nullopt;
    return value;
}

}  // namespace

Result<PictureSize, UserError> parse_size(std::string_view text) {
    const std::size_t cross = text.find('x');
    const auto width = pixels(text.substr(0, cross));
    const auto height = cross == std::string_view::npos ? std::nullopt : pixels(text.substr(cross + 1));
    if (!width || (cross != std::string_view::npos && !height))
        return failure(UserError{"a size is WIDTHxHEIGHT or WIDTH, in pixels from 320 to 16384",
                                 concat("--size ", text), ""});
    return PictureSize{*width, height};
}

Result<const model::Theme*, UserError> theme_by_name(const std::string& name) {
    if (const model::Theme* theme = model::find_theme(name)) return theme;
    std::string known;
    for (const model::Theme& theme : model::themes())
        append(known, concat(known.empty() ? "" : ", ", theme.name));
    return failure(
        UserError{concat("there is no theme '", name, "'"), "--theme", concat("There are: ", known, '.')});
}

}  // namespace synscope::app
