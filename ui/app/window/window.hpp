#pragma once
// The window: opens, shows a trace that may still grow, and returns when the user closes it.
//
//   class Feed : public window::TraceFeed { ... };              // a store behind a TraceSource, and how its
//   stream is auto done = window::run_window({.title = "demo"}, feed);    // blocks; the reader thread goes
//   on filling
//
// Sleeps while nothing happens; new events are noticed within 50 ms while the feed runs. No lock is held
// across a frame: the source's readers need none. Thread rule: the main thread; TraceFeed's members are
// called from it.

#include <cstdint>
#include <optional>
#include <string>

#include "net/base/result.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::window {

/// What the window looks at. Outlives run_window().
class TraceFeed {
  public:
    virtual ~TraceFeed() = default;
    /// Grows while another thread writes; everything below its size() may be read.
    [[nodiscard]] virtual const model::TraceSource& source() const = 0;
    /// No more will come. When this says true, size() has counted everything.
    [[nodiscard]] virtual bool finished() const = 0;
    /// Why the stream could not be read to its end.
    [[nodiscard]] virtual std::optional<UserError> error() const = 0;
    /// What must be known about the trace, escaped; empty mostly.
    [[nodiscard]] virtual std::string notice() const { return {}; }
    /// Somebody asked the window to close from outside it (Ctrl-C); noticed within a second.
    [[nodiscard]] virtual bool close_requested() const { return false; }
};

struct WindowOptions {
    std::string title;  ///< what is open, as the user named it; empty: nothing, the window says what to do
    std::string theme = "dark";  ///< "dark", "light", "projector"
    bool follow = true;          ///< false: shows the beginning first, as for a file; true: the newest
    int width = 1280;            ///< at content scale 1
    int height = 720;
    float scale = 0;  ///< pixels per logical pixel; 0: as the desktop says
    /// After every change: what is selected, shown and paused, as JSON, replaced atomically. For tests.
    std::string state_file;
    /// Where F12 saves pictures; empty: synscope-1.png, -2.png, ... in the working directory.
    std::string screenshot_path;
    /// With screenshot_path: saves one after so many frames, then closes the window.
    std::optional<std::uint32_t> screenshot_after_frames;
};

[[nodiscard]] Result<void, UserError> run_window(const WindowOptions& options, const TraceFeed& feed);

}  // namespace synscope::window
