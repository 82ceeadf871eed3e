#include "ui/render/svg_canvas.hpp"

#include <cmath>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::render {

namespace {

/// Two decimals at most, without trailing zeros: the same bytes on every machine and locale.
std::string number(float value) {
    const auto hundredths = static_cast<long long>(std::llround(static_cast<double>(value) * 100));
    const long long magnitude = hundredths < 0 ? -hundredths : hundredths;
    std::string text = concat(hundredths < 0 ? "-" : "", magnitude / 100);
    if (const long long part = magnitude % 100; part != 0) {
        text += '.';
        text += static_cast<char>('0' + part / 10);
        if (part % 10 != 0) text += static_cast<char>('0' + part % 10);
    }
    return text;
}

std::string hex(model::Colour c) {
    return concat('#', Hex{c.r, 2}, Hex{c.g, 2}, Hex{c.b, 2});
}

/// Models hand over text that is escaped for a terminal already, each backslash doubled; markup's own
/// escaping doubles it once more, which is undone here so that a picture shows what a terminal shows.
std::string markup(std::string_view text) {
    const std::string twice = escaped(text, Medium::Markup);
    std::string once;
    once.reserve(twice.size());
    for (std::size_t i = 0; i < twice.size(); ++i) {
        once += twice[i];
        if (twice[i] == '\\' && i + 1 < twice.size() && twice[i + 1] == '\\') ++i;
    }
    return once;
}

std::string opacity(int alpha) {
    return alpha >= 255 ? std::string{}
                        : concat("\" fill-opacity=\"", number(static_cast<float>(alpha) / 255));
}

/// Stripes: a mark that does not depend on colour.
std::string stripes(std::string_view id, model::Colour ink, float period, float width, int degrees) {
    const std::string p = number(period);
    return concat("<pattern id=\"", id, "\" width=\"", p, "\" height=\"", p,
                  "\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(", degrees,
                  ")\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"", p, "\" stroke=\"", hex(ink),
                  "\" stroke-width=\"", number(width), "\"/></pattern>\n");
}

}  // namespace

SvgCanvas::SvgCanvas(float width, float height, const model::Theme& theme, float scale) {
    out_ = concat("<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" width=\"", number(width),
                  "\" height=\"", number(height), "\" viewBox=\"0 0 ", number(width), ' ', number(height),
                  "\">\n<defs>\n");
    out_ += stripes("busy", theme.colour(model::Ink::Busy), 6, 2.4F, 45);
    out_ += stripes("inferred", theme.colour(model::Ink::Background), 5, 1.6F, -45);
    out_ += stripes("lost", theme.colour(model::Ink::Panel), 9, 5, 45);
    out_ += concat(
        "</defs>\n<style>.m{font-family:'DejaVu Sans Mono','Noto Sans Mono','Noto Sans "
        "Mono CJK SC',monospace}.t{font-family:'Noto Sans','DejaVu Sans','Noto Sans CJK SC',sans-serif}"
        "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"",
        hex(theme.colour(model::Ink::Background)), "\"/>\n");
    const auto millionths = static_cast<long long>(std::llround(static_cast<double>(scale) * 1e6));
    out_ += millionths >= 1'000'000 ? std::string("<g>\n")
                                    : concat("<g transform=\"scale(0.", Padded{millionths, 6, '0'}, ")\">\n");
}

void SvgCanvas::rect(const model::Box& box, const Fill& fill, float radius) {
    out_ += concat("<rect x=\"", number(box.x0), "\" y=\"", number(box.y0), "\" width=\"",
                   number(box.x1 - box.x0), "\" height=\"", number(box.y1 - box.y0));
    if (radius > 0) out_ += concat("\" rx=\"", number(radius));
    out_ += fill.pattern.empty() ? concat("\" fill=\"", hex(fill.colour), opacity(fill.opacity))
                                 : concat("\" fill=\"", fill.pattern);
    out_ += "\"/>\n";
}

void SvgCanvas::outline(const model::Box& box, model::Colour ink, float width, std::string_view dashes) {
    out_ += concat("<rect x=\"", number(box.x0), "\" y=\"", number(box.y0), "\" width=\"",
                   number(box.x1 - box.x0), "\" height=\"", number(box.y1 - box.y0),
                   "\" rx=\"1.5\" fill=\"none\" stroke=\"", hex(ink), "\" stroke-width=\"", number(width));
    if (!dashes.empty()) out_ += concat("\" stroke-dasharray=\"", dashes);
    out_ += "\"/>\n";
}

void SvgCanvas::line(model::Point from, model::Point to, model::Colour ink, float width,
                     std::string_view dashes) {
    out_ += concat("<line x1=\"", number(from.x), "\" y1=\"", number(from.y), "\" x2=\"", number(to.x),
                   "\" y2=\"", number(to.y), "\" stroke=\"", hex(ink), "\" stroke-width=\"", number(width));
    if (!dashes.empty()) out_ += concat("\" stroke-dasharray=\"", dashes);
    out_ += "\"/>\n";
}

void SvgCanvas::polygon(const std::vector<model::Point>& points, model::Colour ink) {
    out_ += "<polygon points=\"";
    for (std::size_t i = 0; i < points.size(); ++i)
        out_ += concat(i == 0 ? "" : " ", number(points[i].x), ',', number(points[i].y));
    out_ += concat("\" fill=\"", hex(ink), "\"/>\n");
}

void SvgCanvas::circle(model::Point centre, float radius, model::Colour ink, model::Colour inside,
                       float width) {
    out_ += concat("<circle cx=\"", number(centre.x), "\" cy=\"", number(centre.y), "\" r=\"", number(radius),
                   "\" fill=\"", hex(inside), "\" stroke=\"", hex(ink), "\" stroke-width=\"", number(width),
                   "\"/>\n");
}

void SvgCanvas::text(model::Point at, std::string_view text, const TextStyle& style) {
    // librsvg knows no dominant-baseline: the middle of lower-case letters lies about 0.35 em above the
    // baseline.
    out_ +=
        concat("<text x=\"", number(at.x), "\" y=\"", number(at.y + style.size * 0.35F), "\" class=\"",
               style.mono ? "m" : "t", "\" font-size=\"", number(style.size), "\" fill=\"", hex(style.ink));
    if (style.bold) out_ += "\" font-weight=\"bold";
    if (style.italic) out_ += "\" font-style=\"italic";
    if (style.align == model::Align::Centre) out_ += "\" text-anchor=\"middle";
    if (style.align == model::Align::Right) out_ += "\" text-anchor=\"end";
    out_ += concat("\">", markup(text), "</text>\n");
}

void SvgCanvas::begin_group(float dx, float dy) {
    out_ += concat("<g transform=\"translate(", number(dx), ' ', number(dy), ")\">\n");
}

void SvgCanvas::end_group() {
    out_ += "</g>\n";
}

std::string SvgCanvas::finish() {
    out_ += "</g>\n</svg>\n";
    return std::move(out_);
}

}  // namespace synscope::render
