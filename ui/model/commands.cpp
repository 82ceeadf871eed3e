#include "ui/model/commands.hpp"

#include <array>

namespace synscope::model {

namespace {

// One step of the zoom keys; seven presses make a factor of four.
constexpr double kKeyZoom = 1.22;
constexpr std::int32_t kPage = 10;

constexpr KeyPress on(Key key, bool shift = false) {
    return {.key = key, .shift = shift};
}
constexpr KeyPress on(char32_t character, bool control = false) {
    return {.key = Key::Character, .character = character, .control = control};
}

const std::array kBindings = std::to_array<KeyBinding>({
    {on(Key::Up), Step{-1}, "Move", "Up / Down", "previous / next item of the panel with the frame"},
    {on(Key::Down), Step{+1}, "Move", "", ""},
    {on(Key::PageUp), Step{-kPage}, "Move", "Page Up / Down", "ten items back / on"},
    {on(Key::PageDown), Step{+kPage}, "Move", "", ""},
    {on(Key::Home), StepToEnd{false}, "Move", "Home / End", "first / last item"},
    {on(Key::End), StepToEnd{true}, "Move", "", ""},
    {on(Key::Tab), StepPanel{+1}, "Move", "Tab / Shift+Tab", "next / previous panel"},
    {on(Key::Tab, true), StepPanel{-1}, "Move", "", ""},
    {on(Key::Enter), Activate{}, "Move", "Enter", "look inside what is selected"},
    {on(Key::Escape), Back{}, "Move", "Escape", "back, and then: select nothing"},
    {on(U' '), TogglePause{}, "Time", "Space", "pause the picture / catch up"},
    {on(U'f'), FollowEnd{}, "Time", "f", "follow the newest packet"},
    {on(U'+'), ZoomBy{kKeyZoom, {}}, "Time", "+ / -", "zoom in / out (or Ctrl and the wheel)"},
    {on(U'='), ZoomBy{kKeyZoom, {}}, "Time", "", ""},
    {on(U'-'), ZoomBy{1 / kKeyZoom, {}}, "Time", "", ""},
    {on(U'0'), ZoomReset{}, "Time", "0", "normal zoom"},
    {on(U'l'), ToggleCompressed{}, "Time", "l", "to scale / long pauses cut short"},
    {on(U't'), NextTheme{}, "Window", "t", "dark, light, projector"},
    {on(Key::F12), SaveScreenshot{}, "Window", "F12", "save a picture of the window"},
    {on(U'x'), DismissNotice{}, "Window", "x", "put the notice away"},
    {on(U'?'), ToggleHelp{}, "Window", "?", "show or hide this list"},
    {on(U'q'), Quit{}, "Window", "q or Ctrl+Q", "quit"},
    {on(U'q', true), Quit{}, "Window", "", ""},
});

}  // namespace

std::string_view panel_name(Panel panel) noexcept {
    switch (panel) {
        case Panel::Ladder:
            return "ladder";
        case Panel::Inspector:
            return "inspector";
        case Panel::Sentences:
            return "sentences";
        case Panel::Connections:
            return "connections";
    }
    return "";
}

std::span<const KeyBinding> key_bindings() {
    return kBindings;
}

std::optional<Command> command_for(const KeyPress& press) {
    for (const KeyBinding& binding : kBindings) {
        KeyPress wanted = press;
        // A character already says whether Shift was held; arrows do the same with and without it.
        if (press.key != Key::Tab) wanted.shift = false;
        if (press.key != Key::Character) wanted.character = 0;
        if (binding.press == wanted) return binding.command;
    }
    return std::nullopt;
}

}  // namespace synscope::model
