#pragma once
// Packets as they come, a line each: "0.000123 127.0.0.1:41000 > 127.0.0.1:7000  S 0:0(0) win 65495 <...>".
// TCP in the notation of the design, everything else by its layers, innermost first. Escaped for a terminal.
// Thread rule: one thread; the store may be written by another.

#include <string>

#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"

namespace synscope::render {

class PacketLines {
  public:
    explicit PacketLines(const trace::Store& store) : store_(store) {}
    /// Lines of the packets published since the last call.
    [[nodiscard]] std::string take();

  private:
    [[nodiscard]] std::string line(const Event& event, PacketId id);

    const trace::Store& store_;
    track::Tracker tracker_;
    std::uint32_t next_ = 0;
    std::optional<Instant> first_;
};

}  // namespace synscope::render
