#pragma once
// A simulated network: boxes, the links between them, and the loop that makes time pass.
//
//   World world{{.seed = 1}};
//   const BoxId a = world.add_host("client", {...}), b = world.add_host("server", {...});
//   world.connect({a, 0}, {b, 0}, options);
//   world.start();
//   world.host(a).ping(world.fabric(), ...);
//   world.run_until(end);                          // or step by step:
//   while (const auto step = world.step(end)) ... step->alarm, world.woken() ...
//
// Deterministic: the same seed and the same calls give the same events in the same order (scheduler.hpp).
// Programs live outside: they set alarms for their waits and look at the hosts that woken() names. Thread
// rule: one world, one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/host/fabric.hpp"
#include "sim/host/host.hpp"
#include "sim/host/outlet.hpp"
#include "sim/host/switch.hpp"

namespace synscope::sim {

struct WorldOptions {
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> shuffle_seed{};  ///< a test mode: scheduler.hpp
    WorldObserver* observer = nullptr;
};

/// 02:00:00:00:00:0n, n from 1: link addresses for boxes that were given none.
[[nodiscard]] MacAddress numbered_mac(std::uint32_t n) noexcept;

class World {
  public:
    explicit World(const WorldOptions& options);

    /// Interfaces without a link address get the next numbered one; without interfaces there will be one.
    BoxId add_host(std::string name, HostOptions options);
    BoxId add_switch(std::string name, const SwitchOptions& options);
    BoxId add_outlet(std::string name);
    LinkId connect(PortRef a, PortRef b, const LinkOptions& both_ways) {
        return connect(a, b, both_ways, both_ways);
    }
    LinkId connect(PortRef a, PortRef b, const LinkOptions& a_to_b, const LinkOptions& b_to_a);
    /// Boxes begin what they do by themselves.
    void start();

    [[nodiscard]] Fabric& fabric() noexcept { return fabric_; }
    [[nodiscard]] Instant now() const noexcept { return fabric_.now(); }
    [[nodiscard]] std::size_t boxes() const noexcept { return boxes_.size(); }
    [[nodiscard]] const std::string& name(BoxId box) const noexcept { return boxes_[box.value]->name(); }
    /// The box is one: asserted.
    [[nodiscard]] Host& host(BoxId box) noexcept;
    [[nodiscard]] Switch& switch_at(BoxId box) noexcept;
    [[nodiscard]] Outlet& outlet(BoxId box) noexcept;

    // ---- time
    [[nodiscard]] std::optional<Instant> next_time() noexcept { return fabric_.scheduler().next_time(); }
    struct Step {
        std::optional<std::uint64_t> alarm;  ///< the argument of an alarm that went off
    };
    /// Does the next thing that is due by `end`; nothing when there is none, and the clock then stands at
    /// `end`.
    std::optional<Step> step(Instant end);
    /// Everything until then. Alarms are not told: for worlds without programs.
    void run_until(Instant end);
    Scheduler::Handle set_alarm(Instant when, std::uint64_t argument) {
        return fabric_.scheduler().at(when, {0, static_cast<std::uint32_t>(EntryKind::Alarm), argument});
    }
    bool cancel_alarm(Scheduler::Handle alarm) { return fabric_.scheduler().cancel(alarm); }

    /// Hosts where something happened that programs may want to look at: clear it when drained.
    [[nodiscard]] std::vector<BoxId>& woken() noexcept { return woken_; }

  private:
    void look_at(BoxId box);

    Fabric fabric_;
    std::vector<std::unique_ptr<Box>> boxes_;
    std::vector<Host*> hosts_;  ///< by box; null for others
    std::vector<BoxId> woken_;
    std::vector<Fabric::Arrival> arrived_;
    std::uint32_t macs_ = 0;
};

}  // namespace synscope::sim
