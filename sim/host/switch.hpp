#pragma once
// A learning switch (IEEE 802.1D section 7): it learns from source addresses behind which port a station is,
// forwards to that port, and floods what it does not know, broadcasts and multicasts. It looks at nothing
// behind the Ethernet header, changes nothing, and forgets stations that were silent for too long. No
// spanning tree: a loop of switches floods for ever. Thread rule: one world, one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "sim/host/box.hpp"

namespace synscope::sim {

struct SwitchOptions {
    std::uint16_t ports = 8;
    Duration aging = Duration::seconds(300);  ///< IEEE 802.1D table 7-5
    std::size_t addresses = 8192;             ///< that it can keep; what comes beyond is not learned
};

class Switch final : public Box {
  public:
    Switch(BoxId id, std::string name, const SwitchOptions& options)
        : Box(id, std::move(name)), options_(options) {}

    void receive(Fabric& fabric, std::uint16_t port, FrameId frame) override;
    void timer(Fabric&, std::uint64_t) override {}

    /// Behind which port it would look for this station now.
    [[nodiscard]] std::optional<std::uint16_t> port_of(Instant now, const MacAddress& mac) const;
    [[nodiscard]] std::uint16_t ports() const noexcept { return options_.ports; }

  private:
    struct Station {
        std::uint16_t port = 0;
        Instant seen;
    };
    void learn(Fabric& fabric, std::uint16_t port, FrameId frame, const MacAddress& mac);
    void flood(Fabric& fabric, std::uint16_t port, FrameId frame);
    void tell(Fabric& fabric, std::uint16_t port, FrameId frame, BoxAction action, const MacAddress& mac,
              std::uint32_t number = 0) const;

    SwitchOptions options_;
    std::unordered_map<std::uint64_t, Station> stations_;  ///< looked up, never walked
};

}  // namespace synscope::sim
