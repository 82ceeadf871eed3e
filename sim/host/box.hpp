#pragma once
// What stands at the ends of wires: a host, a router, a switch, an outlet. A box is called with the fabric,
// keeps nothing of it, and is driven by two things alone: frames that arrive and timers it set. Thread rule:
// one world, one thread.

#include <cstdint>
#include <string>
#include <utility>

#include "sim/host/fabric.hpp"

namespace synscope::sim {

class Box {
  public:
    Box(BoxId id, std::string name) : id_(id), name_(std::move(name)) {}
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;
    virtual ~Box() = default;

    [[nodiscard]] BoxId id() const noexcept { return id_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The box has the frame now and must pass it on, drop or consume it.
    virtual void receive(Fabric& fabric, std::uint16_t port, FrameId frame) = 0;
    /// A timer it set with this argument is due.
    virtual void timer(Fabric& fabric, std::uint64_t argument) = 0;

  private:
    BoxId id_;
    std::string name_;
};

}  // namespace synscope::sim
