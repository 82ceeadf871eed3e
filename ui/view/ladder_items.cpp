// How each kind of draw item looks: the shapes repeat what the colours say.
#include "ui/view/ladder_items.hpp"

#include <algorithm>
#include <cmath>

namespace synscope::view {

using model::Ink;

namespace {

constexpr float kHalf = 0.5F;

struct Line {
    ImVec2 from;
    ImVec2 to;
};

void dashed(ImDrawList& list, const Line& line, ImU32 colour, float width, float dash) {
    const float dx = line.to.x - line.from.x;
    const float dy = line.to.y - line.from.y;
    const float length = std::sqrt(dx * dx + dy * dy);
    if (length < 1) return;
    // A window is a few thousand pixels wide; anything longer is clipped by the layout.
    const int count = std::min(static_cast<int>(length / dash) + 1, 4000);
    for (int i = 0; i < count; i += 2) {
        const float a = static_cast<float>(i) * dash / length;
        const float b = std::min(1.0F, static_cast<float>(i + 1) * dash / length);
        if (a >= 1) break;
        list.AddLine({line.from.x + dx * a, line.from.y + dy * a},
                     {line.from.x + dx * b, line.from.y + dy * b}, colour, width);
    }
}

}  // namespace

void LadderPainter::operator()(const model::Band& band) const {
    const ImVec2 a = at(band.box.x0, band.box.y0);
    const ImVec2 b = at(band.box.x1, band.box.y1);
    const bool picked = selected(band.event);
    if (band.kind == model::BandKind::Drops) {
        list.AddRectFilled(a, b, canvas.mixed(Ink::Background, band.ink, 0.16F));
        dashed(list, {a, {b.x, a.y}}, canvas.colour(band.ink), line(), canvas.px(5));
        dashed(list, {{a.x, b.y}, b}, canvas.colour(band.ink), line(), canvas.px(5));
    } else {
        list.AddRectFilled(
            a, b, picked ? canvas.mixed(Ink::Background, Ink::Selection, 0.35F) : canvas.colour(Ink::Panel),
            canvas.px(3));
        list.AddRectFilled(a, {a.x + canvas.px(4), b.y}, canvas.colour(band.ink), canvas.px(3));
    }
    if (band.text.empty()) return;
    ImFont* font = band.kind == model::BandKind::Connection || band.kind == model::BandKind::Marker
                       ? canvas.fonts().bold
                       : canvas.fonts().text;
    canvas.draw_cut(list, {a.x + canvas.px(12), (a.y + b.y - font->FontSize) * kHalf},
                    b.x - a.x - canvas.px(20), band.text, Ink::Text, font);
}

void LadderPainter::operator()(const model::Lifeline& lifeline) const {
    list.AddLine(at(lifeline.x, lifeline.y0), at(lifeline.x, lifeline.y1), canvas.colour(Ink::Line), line());
}

void LadderPainter::operator()(const model::StripSegment& strip) const {
    const ImVec2 a = at(strip.box.x0, strip.box.y0);
    const ImVec2 b = at(strip.box.x1, strip.box.y1);
    const Ink ink = model::state_ink(strip.state);
    if (strip.evidence == Evidence::Kernel) {
        list.AddRectFilled(a, b, canvas.colour(ink));
    } else {
        list.AddRectFilled(a, b, canvas.mixed(Ink::Background, ink, 0.22F));
        const float dash = strip.evidence == Evidence::Simulator ? canvas.px(2) : canvas.px(5);
        dashed(list, {{a.x + 0.5F, a.y}, {a.x + 0.5F, b.y}}, canvas.colour(ink), line(), dash);
        dashed(list, {{b.x - 0.5F, a.y}, {b.x - 0.5F, b.y}}, canvas.colour(ink), line(), dash);
    }
    // A border tells two states of one colour apart.
    list.AddLine(a, {b.x, a.y}, canvas.colour(Ink::Background), canvas.px(2));
    if (selected(strip.event)) list.AddRect(a, b, canvas.colour(Ink::Selection), 0, 0, canvas.px(2));
}

void LadderPainter::operator()(const model::Bar& bar) const {
    const ImVec2 a = at(bar.box.x0, bar.box.y0);
    const ImVec2 b = at(bar.box.x1, std::max(bar.box.y1, bar.box.y0 + 3));
    const Ink ink = bar.kind == model::BarKind::Busy      ? Ink::Busy
                    : bar.kind == model::BarKind::Waiting ? Ink::Waiting
                                                          : Ink::Call;
    const ImU32 full = canvas.colour(ink);
    if (bar.kind == model::BarKind::Waiting) {
        list.AddRectFilled(a, b, canvas.mixed(Ink::Background, ink, 0.3F), canvas.px(2));
        list.AddRect(a, b, full, canvas.px(2), 0, line());
        if (bar.border) part(a, b, *bar.border);
    } else {
        list.AddRectFilled(a, b, full, canvas.px(2));
    }
    if (bar.kind == model::BarKind::Busy) {
        // Slanted stripes: told apart from a call without its colour.
        list.PushClipRect(a, b, true);
        const float step = canvas.px(6);
        const float width = b.x - a.x;
        for (float y = a.y - width; y < b.y && step > 1; y += step)
            list.AddLine({a.x, y + width}, {b.x, y}, canvas.colour(Ink::Background, 0.55F), canvas.px(1.5F));
        list.PopClipRect();
    }
    if (bar.unfinished) {
        list.AddRectFilled({a.x, b.y - canvas.px(3)}, {b.x, b.y}, canvas.colour(Ink::Background));
        dashed(list, {{a.x, b.y}, b}, full, line(), canvas.px(2));
    }
    if (selected(bar.event) || selected(bar.second))
        list.AddRect({a.x - canvas.px(2), a.y - canvas.px(2)}, {b.x + canvas.px(2), b.y + canvas.px(2)},
                     canvas.colour(Ink::Selection), canvas.px(3), 0, canvas.px(2));
}

/// Below the border the bar is solid; an estimated border is dashed and wider than the bar, with its error
/// bar.
void LadderPainter::part(ImVec2 a, ImVec2 b, const model::BarBorder& border) const {
    const ImU32 text = canvas.colour(Ink::Text);
    const float y = at(0, border.y).y;
    list.AddRectFilled({a.x, y}, b, canvas.colour(Ink::Call));
    if (!border.estimated) return;
    const float over = canvas.px(4);
    dashed(list, {{a.x - over, y}, {b.x + over, y}}, text, line(), canvas.px(2));
    const float y0 = at(0, border.y0).y;
    const float y1 = at(0, border.y1).y;
    if (y1 - y0 < 2) return;
    const float x = (a.x + b.x) * kHalf;
    list.AddLine({x, y0}, {x, y1}, text);
    for (const float end : {y0, y1})
        list.AddLine({x - over, end}, {x + over, end}, text);
}

void LadderPainter::operator()(const model::Break& gap) const {
    const ImVec2 a = at(gap.box.x0, gap.box.y0);
    const ImVec2 b = at(gap.box.x1, gap.box.y1);
    const float middle = (a.y + b.y) * kHalf;
    const float tooth = canvas.px(6);
    const float height = canvas.px(3);
    list.AddRectFilled(a, b, canvas.mixed(Ink::Background, Ink::Panel, 0.7F));
    list.PathClear();
    bool up = true;
    for (float x = a.x; x <= b.x && tooth > 1; x += tooth, up = !up)
        list.PathLineTo({x, middle + (up ? -height : height)});
    list.PathStroke(canvas.colour(Ink::Gap), 0, line());
    if (gap.text.empty()) return;
    ImFont* font = canvas.fonts().small;
    const ImVec2 size = canvas.size(gap.text, font);
    const ImVec2 corner{(a.x + b.x - size.x) * kHalf, middle - size.y * kHalf};
    list.AddRectFilled({corner.x - canvas.px(6), corner.y - 1},
                       {corner.x + size.x + canvas.px(6), corner.y + size.y + 1},
                       canvas.colour(Ink::Background), canvas.px(3));
    canvas.draw_text(list, corner, gap.text, Ink::Faint, font);
}

void LadderPainter::head(const model::Arrow& arrow, ImVec2 from, ImVec2 to, ImU32 colour) const {
    const float dx = to.x - from.x;
    const float dy = to.y - from.y;
    const float length = std::max(1.0F, std::sqrt(dx * dx + dy * dy));
    const ImVec2 along{dx / length, dy / length};
    const ImVec2 across{-along.y, along.x};
    const float size = canvas.px(arrow.count > 1 ? 10 : 8);
    if (arrow.lost) {
        const float arm = canvas.px(6);
        const ImU32 loss = canvas.colour(Ink::Loss);
        list.AddLine({to.x - arm, to.y - arm}, {to.x + arm, to.y + arm}, loss, canvas.px(2.5F));
        list.AddLine({to.x - arm, to.y + arm}, {to.x + arm, to.y - arm}, loss, canvas.px(2.5F));
        return;
    }
    list.AddTriangleFilled(
        to,
        {to.x - along.x * size + across.x * size * 0.45F, to.y - along.y * size + across.y * size * 0.45F},
        {to.x - along.x * size - across.x * size * 0.45F, to.y - along.y * size - across.y * size * 0.45F},
        colour);
}

void LadderPainter::operator()(const model::Arrow& arrow) const {
    const ImVec2 from = at(arrow.from.x, arrow.from.y);
    const ImVec2 to = at(arrow.to.x, arrow.to.y);
    const ImVec2 solid = at(arrow.solid_until.x, arrow.solid_until.y);
    const ImU32 colour = canvas.colour(arrow.ink);
    const float width = arrow.count > 1 ? line() * 2.5F : line() * 1.2F;
    if (selected(arrow.event)) list.AddLine(from, to, canvas.colour(Ink::Selection, 0.45F), canvas.px(9));
    list.AddLine(from, solid, colour, width);
    dashed(list, {solid, to}, colour, width, canvas.px(5));
    head(arrow, from, to, colour);
    if (arrow.retransmission) {
        list.AddCircleFilled(from, canvas.px(4), canvas.colour(Ink::Background));
        list.AddCircle(from, canvas.px(4), canvas.colour(Ink::Loss), 0, canvas.px(2));
    }
}

void LadderPainter::operator()(const model::Diamond& diamond) const {
    const ImVec2 c = at(diamond.centre.x, diamond.centre.y);
    const float r = diamond.radius;
    list.AddQuadFilled({c.x, c.y - r}, {c.x + r, c.y}, {c.x, c.y + r}, {c.x - r, c.y},
                       canvas.colour(Ink::Message));
    if (!selected(diamond.event)) return;
    const float o = r + canvas.px(3);
    list.AddQuad({c.x, c.y - o}, {c.x + o, c.y}, {c.x, c.y + o}, {c.x - o, c.y},
                 canvas.colour(Ink::Selection), canvas.px(2));
}

void LadderPainter::operator()(const model::TimeTick& tick) const {
    ImFont* font = canvas.fonts().mono_small;
    const ImVec2 size = canvas.size(tick.text, font);
    const ImVec2 right = at(tick.x, tick.y);
    canvas.draw_text(list, {right.x - size.x, right.y - size.y * kHalf}, tick.text, Ink::Faint, font);
}

void LadderPainter::operator()(const model::Label& label) const {
    ImFont* font = canvas.fonts().of(label.face);
    const ImVec2 a = at(label.box.x0, label.box.y0);
    const ImVec2 b = at(label.box.x1, label.box.y1);
    const ImVec2 size = canvas.size(label.text, font);
    const float room = b.x - a.x;
    const float used = std::min(size.x, room);
    float x = a.x;
    if (label.align == model::Align::Right) x = b.x - used;
    if (label.align == model::Align::Centre) x = (a.x + b.x - used) * kHalf;
    const float y = (a.y + b.y - size.y) * kHalf;
    const float pad = canvas.px(3);
    const bool picked = selected(label.event);
    // On the selection's plate the usual text colour reads best, whatever the item's own.
    const Ink ink = picked ? Ink::Text : label.ink;
    if (picked)
        list.AddRectFilled({x - pad, y - 1}, {x + used + pad, y + size.y + 1},
                           canvas.mixed(Ink::Background, Ink::Selection, 0.35F), canvas.px(3));
    else if (label.halo)
        list.AddRectFilled({x - pad, y}, {x + used + pad, y + size.y}, canvas.colour(Ink::Background));
    if (size.x <= room + canvas.px(2))
        canvas.draw_text(list, {x, y}, label.text, ink, font);
    else
        canvas.draw_cut(list, {x, y}, room, label.text, ink, font);
}

}  // namespace synscope::view
