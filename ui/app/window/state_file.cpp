#include "ui/app/window/state_file.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"

namespace synscope::window {

namespace {

using Json = nlohmann::ordered_json;

/// The middle of the item that stands for the selection, in the picture.
std::optional<model::Point> place_of(const model::LadderPicture& picture, EventId event) {
    for (const model::DrawItem& item : picture.items) {
        if (model::event_of(item) != event) continue;
        if (const auto* arrow = std::get_if<model::Arrow>(&item))
            return model::Point{(arrow->from.x + arrow->to.x) / 2, (arrow->from.y + arrow->to.y) / 2};
        if (const auto* bar = std::get_if<model::Bar>(&item))
            return model::Point{(bar->box.x0 + bar->box.x1) / 2, (bar->box.y0 + bar->box.y1) / 2};
    }
    return std::nullopt;
}

}  // namespace

std::string state_json(const model::Workspace& w, const view::Place& ladder) {
    Json state;
    state["title"] = w.title();
    state["live"] = !w.feed().finished;
    state["paused"] = w.paused();
    state["waiting_events"] = w.waiting_events();
    state["events"] = w.shown_events();
    state["connections"] = w.connections().size();
    const auto& selection = w.selection();
    state["connection"] = selection.connection ? Json(selection.connection->value) : Json(nullptr);
    state["selected_event"] = selection.event ? Json(selection.event->value) : Json(nullptr);
    state["selected_text"] = w.inspector() != nullptr ? w.inspector()->head.line : std::string();
    if (selection.event) {
        if (const auto at = place_of(w.picture(), *selection.event)) {
            const double offset = w.viewport().top_px - w.picture().top;
            state["selected_at_px"] = {{"x", ladder.x + at->x},
                                       {"y", static_cast<double>(ladder.y + at->y) - offset}};
        }
    }
    state["field"] = selection.field && w.inspector() != nullptr
                         ? Json(w.inspector()->rows[*selection.field].name)
                         : Json(nullptr);
    state["sentence"] = w.sentence() ? Json(*w.sentence()) : Json(nullptr);
    state["sentences"] = w.sentences().size();
    state["focus"] = model::panel_name(w.focus());
    state["theme"] = w.theme().name;
    state["mode"] = w.mode() == model::AxisMode::Linear ? "linear" : "compressed";
    state["zoom"] = w.viewport().zoom;
    state["following"] = w.viewport().follow;
    state["top_px"] = w.viewport().top_px;
    if (const auto visible = w.visible())
        state["visible"] = {{"from_s", seconds_text(visible->from - w.start(), 9)},
                            {"to_s", seconds_text(visible->to - w.start(), 9)}};
    state["notice"] = w.notice();
    state["help"] = w.help_open();
    state["ladder_px"] = {
        {"x", ladder.x}, {"y", ladder.y}, {"width", ladder.width}, {"height", ladder.height}};
    // Texts are escaped, so they are UTF-8; `replace` keeps a mistake from becoming an exception.
    return state.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<void, UserError> write_state(const std::string& path, const std::string& json) {
    auto file = trace::SafeFile::create(path);
    if (!file) return failure(file.error());
    if (auto written = file->write(json); !written) return written;
    return file->commit();
}

}  // namespace synscope::window
