#pragma once
// Where a simulated run is written: a trace, seen as an interface, so that the simulator stays pure. ui/app
// puts a trace::Store behind it. Times are virtual, from 0. Thread rule: one thread.

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/base/event.hpp"

namespace synscope::sim {

class Recording {
  public:
    Recording() = default;
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
    virtual ~Recording() = default;

    virtual EventId emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) = 0;
    /// Equal texts get equal ids.
    virtual TextId intern(std::string_view text) = 0;
    virtual ActorId add_actor() = 0;
    /// Ethernet, named "client:eth0".
    virtual InterfaceId add_interface(std::string_view name) = 0;
    /// Copies the bytes.
    virtual PacketId add_packet(InterfaceId interface, Instant at, ByteSpan frame) = 0;
};

}  // namespace synscope::sim
