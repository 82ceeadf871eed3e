#pragma once
// What a person can ask of the window, as values, and the keys that ask for it.
//
// Panels emit commands while they draw; the window applies them after the frame. The table of keys is the
// only place that knows them: the help overlay prints the same table. Thread rule: values.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"

namespace synscope::model {

/// The panels that the keyboard can be in, in the order of the Tab key.
enum class Panel : std::uint8_t { Ladder, Inspector, Sentences, Connections };
inline constexpr std::size_t kPanelCount = 4;
[[nodiscard]] std::string_view panel_name(Panel panel) noexcept;

/// The draggable lines between panels.
enum class Split : std::uint8_t { ConnectionsLadder, LadderInspector, LadderSentences, FieldsHex };
inline constexpr std::size_t kSplitCount = 4;

// ---- commands -------------------------------------------------------------------------------------------

struct SelectEvent {
    EventId event;
    friend bool operator==(const SelectEvent&, const SelectEvent&) = default;
};
struct ClearSelection {
    friend bool operator==(const ClearSelection&, const ClearSelection&) = default;
};
/// Moves to another item of the panel that has the keyboard; clamped at both ends.
struct Step {
    std::int32_t by = 1;
    friend bool operator==(const Step&, const Step&) = default;
};
struct StepToEnd {
    bool last = false;
    friend bool operator==(const StepToEnd&, const StepToEnd&) = default;
};
/// Enter: goes deeper into what is selected (the ladder's item opens in the inspector, a sentence jumps to
/// its packet).
struct Activate {
    friend bool operator==(const Activate&, const Activate&) = default;
};
/// Escape: closes what lies on top, else goes back to the ladder, else clears the selection.
struct Back {
    friend bool operator==(const Back&, const Back&) = default;
};
struct SelectConnection {
    ConnectionId connection;
    friend bool operator==(const SelectConnection&, const SelectConnection&) = default;
};
struct ShowAllConnections {
    friend bool operator==(const ShowAllConnections&, const ShowAllConnections&) = default;
};
/// Selects what a sentence is about.
struct SelectSentence {
    std::size_t index = 0;
    friend bool operator==(const SelectSentence&, const SelectSentence&) = default;
};
/// Marks a field of the selected packet: its bytes light up in the hex pane, and the other way round.
struct SelectField {
    std::optional<std::size_t> field;  ///< index into Inspector::rows
    friend bool operator==(const SelectField&, const SelectField&) = default;
};
/// A byte of the selected packet was pointed at; the window finds the innermost field that holds it.
struct SelectByte {
    std::size_t offset = 0;
    friend bool operator==(const SelectByte&, const SelectByte&) = default;
};
struct ScrollBy {
    double px = 0;
    friend bool operator==(const ScrollBy&, const ScrollBy&) = default;
};
struct ScrollTo {
    double px = 0;  ///< distance of the visible part's upper edge from the content's
    friend bool operator==(const ScrollTo&, const ScrollTo&) = default;
};
/// What lies at `anchor_px` below the visible part's upper edge stays where it is; without one, the middle.
struct ZoomBy {
    double factor = 1;
    std::optional<double> anchor_px;
    friend bool operator==(const ZoomBy&, const ZoomBy&) = default;
};
struct ZoomReset {
    friend bool operator==(const ZoomReset&, const ZoomReset&) = default;
};
/// Shows the newest events from now on.
struct FollowEnd {
    friend bool operator==(const FollowEnd&, const FollowEnd&) = default;
};
struct TogglePause {
    friend bool operator==(const TogglePause&, const TogglePause&) = default;
};
struct ToggleCompressed {
    friend bool operator==(const ToggleCompressed&, const ToggleCompressed&) = default;
};
struct NextTheme {
    friend bool operator==(const NextTheme&, const NextTheme&) = default;
};
struct FocusPanel {
    Panel panel = Panel::Ladder;
    friend bool operator==(const FocusPanel&, const FocusPanel&) = default;
};
struct StepPanel {
    std::int32_t by = 1;
    friend bool operator==(const StepPanel&, const StepPanel&) = default;
};
struct ToggleHelp {
    friend bool operator==(const ToggleHelp&, const ToggleHelp&) = default;
};
/// Where a split stands, as a share of the space it divides; clamped when applied.
struct MoveSplit {
    Split split = Split::ConnectionsLadder;
    double share = 0.5;
    friend bool operator==(const MoveSplit&, const MoveSplit&) = default;
};
/// Puts away the notice about the trace (Workspace::notice) for good.
struct DismissNotice {
    friend bool operator==(const DismissNotice&, const DismissNotice&) = default;
};
struct SaveScreenshot {
    friend bool operator==(const SaveScreenshot&, const SaveScreenshot&) = default;
};
struct Quit {
    friend bool operator==(const Quit&, const Quit&) = default;
};

using Command =
    std::variant<SelectEvent, ClearSelection, Step, StepToEnd, Activate, Back, SelectConnection, SelectField,
                 SelectByte, ScrollBy, ScrollTo, ZoomBy, ZoomReset, FollowEnd, TogglePause, ToggleCompressed,
                 NextTheme, FocusPanel, StepPanel, ToggleHelp, MoveSplit, SaveScreenshot, Quit,
                 ShowAllConnections, SelectSentence, DismissNotice>;

/// Where panels put their commands; emptied after each frame.
class CommandSink {
  public:
    void push(Command command) { commands_.push_back(std::move(command)); }
    [[nodiscard]] std::vector<Command> take() { return std::exchange(commands_, {}); }

  private:
    std::vector<Command> commands_;
};

// ---- keys -----------------------------------------------------------------------------------------------

enum class Key : std::uint8_t {
    Character,  ///< what the keyboard layout made of it, so that '+' is '+' everywhere
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Tab,
    F12,
};
struct KeyPress {
    Key key = Key::Character;
    char32_t character = 0;  ///< for Character
    bool shift = false;      ///< only looked at for Tab
    bool control = false;
    friend bool operator==(const KeyPress&, const KeyPress&) = default;
};
struct KeyBinding {
    KeyPress press;
    Command command;
    std::string_view group;  ///< "Move", "Time", ... bindings of a group stand together
    std::string_view keys;   ///< as printed; empty when an earlier binding prints this one too
    std::string_view does;
};
[[nodiscard]] std::span<const KeyBinding> key_bindings();
[[nodiscard]] std::optional<Command> command_for(const KeyPress& press);

}  // namespace synscope::model
