#pragma once
// Whether a window can be opened here. Thread rule: pure but for reading the environment.

namespace synscope::app {

/// A display is named in the environment; opening the window may still fail, which is then reported.
[[nodiscard]] bool has_display();

}  // namespace synscope::app
