#pragma once
// A display filter over a capture being read: it keeps what one packet needs to know of those before it (the
// first and the previous time, fragments that wait for others), so every packet is shown to it, in order.
// Thread rule: one thread.

#include <optional>
#include <string>
#include <vector>

#include "capture/analyze/sharded_run.hpp"
#include "capture/filter/filter.hpp"
#include "capture/track/analysis.hpp"
#include "net/base/result.hpp"
#include "net/wire/ip_fragments.hpp"

namespace synscope::app {

/// The filter; nothing when it is wrong, which is told on standard error, with carets below the place.
[[nodiscard]] std::optional<filter::Filter> compile_display_filter(const std::string& text);

class PacketSelection {
  public:
    /// `filter` must outlive it. `finished` has seen the whole capture; its facts about connections are
    /// copied when the filter asks for them.
    PacketSelection(const filter::Filter& filter, const analyze::ShardedRun& finished);

    [[nodiscard]] bool accepts(const analyze::Packet& packet);

  private:
    const filter::Filter& filter_;
    std::vector<track::ConnectionFacts> connections_;
    wire::FragmentTable fragments_;
    std::optional<Instant> first_at_;
    std::optional<Instant> previous_at_;
};

}  // namespace synscope::app
