#pragma once
// An end of a wire that leads out of the simulation: frames that arrive are kept as bytes for whoever carries
// them on (a TAP device), and bytes from outside are put on the wire. Thread rule: one world, one thread.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/host/box.hpp"

namespace synscope::sim {

class Outlet final : public Box {
  public:
    Outlet(BoxId id, std::string name) : Box(id, std::move(name)) {}

    void receive(Fabric& fabric, std::uint16_t, FrameId frame) override {
        arrived_.push_back(encode(fabric.frame(frame)));
        fabric.consume(frame);
    }
    void timer(Fabric&, std::uint64_t) override {}

    /// Bytes shorter than an Ethernet header are no frame: false.
    bool inject(Fabric& fabric, ByteSpan bytes) {
        auto frame = frame_of(bytes);
        if (!frame) return false;
        fabric.transmit(id(), 0, fabric.make(std::move(*frame)));
        return true;
    }
    /// Whole frames, oldest first: clear it when drained.
    [[nodiscard]] std::vector<Payload>& arrived() noexcept { return arrived_; }

  private:
    std::vector<Payload> arrived_;
};

}  // namespace synscope::sim
