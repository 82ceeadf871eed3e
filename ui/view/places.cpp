#include "ui/view/places.hpp"

#include <algorithm>

namespace synscope::view {

float ladder_heading_px(const Canvas& canvas) {
    return canvas.px(canvas.theme().metrics.text_font + 12);
}

Places place_panels(const model::Workspace& workspace, const Canvas& canvas, float width, float height) {
    using model::Split;
    const auto share = [&workspace](Split split) { return static_cast<float>(workspace.split(split)); };
    const float text = canvas.theme().metrics.text_font;
    const float bar = canvas.px(text + 26);
    const float notice = notice_px(workspace, canvas, width);
    const float top = bar + notice;
    const float status = canvas.px(canvas.theme().metrics.small_font + 12);
    const float body = std::max(1.0F, height - top - status);
    const float right = width * share(Split::LadderInspector);
    const float left = std::min(width * share(Split::ConnectionsLadder), right * 0.6F);
    const float lower = top + body * share(Split::LadderSentences);
    const float gap = canvas.px(3);
    Places p;
    p.top = {0, 0, width, bar};
    p.notice = {0, bar, width, notice};
    p.connections = {0, top, left - gap, lower - top - gap};
    p.ladder = {left, top, right - left - gap, lower - top - gap};
    p.sentences = {0, lower, right - gap, top + body - lower};
    p.inspector = {right, top, width - right, body};
    p.status = {0, height - status, width, status};
    const float grip = canvas.px(7);
    p.lines = {{{Split::ConnectionsLadder, true, {left - gap - grip / 2, top, grip, lower - top}, 0, width},
                {Split::LadderInspector, true, {right - gap - grip / 2, top, grip, body}, 0, width},
                {Split::LadderSentences, false, {0, lower - gap - grip / 2, right, grip}, top, top + body}}};
    return p;
}

Place ladder_picture(const Places& places, const Canvas& canvas) {
    const float head = ladder_heading_px(canvas);
    const Place& l = places.ladder;
    return {l.x, l.y + head, std::max(1.0F, l.width - canvas.px(kScrollbar)),
            std::max(1.0F, l.height - head)};
}

}  // namespace synscope::view
