#pragma once
// A simulated host as programs see it: the host of the world with a TCP in it, and how to reach both.
// Ownership: the host owns its TCP; the world outlives the machine. Thread rule: one world, one thread.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/host/world.hpp"
#include "sim/tcp/stack.hpp"

namespace synscope::sim {

class Machine {
  public:
    /// Puts a TCP into the host.
    Machine(World& world, BoxId box, const tcp::StackOptions& options);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    [[nodiscard]] BoxId box() const noexcept { return box_; }
    [[nodiscard]] const std::string& name() const { return world_.name(box_); }
    [[nodiscard]] Fabric& fabric() noexcept { return world_.fabric(); }
    [[nodiscard]] Host& host() noexcept { return world_.host(box_); }
    [[nodiscard]] tcp::Stack& tcp() noexcept { return *stack_; }
    /// After calls into the TCP.
    void pump() { host().pump(fabric()); }
    /// Whether it has an address that can reach `destination`, and which.
    [[nodiscard]] std::optional<IpAddress> address_towards(const IpAddress& destination);
    void set_alarm(Instant when, std::uint32_t process, std::uint64_t number) {
        world_.set_alarm(when, std::uint64_t{process} << 40 | number);
    }
    /// Which process an alarm's argument names, and its number there.
    [[nodiscard]] static std::uint32_t process_of(std::uint64_t alarm) noexcept {
        return static_cast<std::uint32_t>(alarm >> 40);
    }
    [[nodiscard]] static std::uint64_t number_of(std::uint64_t alarm) noexcept {
        return alarm & ((std::uint64_t{1} << 40) - 1);
    }

  private:
    World& world_;
    BoxId box_;
    tcp::Stack* stack_ = nullptr;  ///< in the host
};

}  // namespace synscope::sim
