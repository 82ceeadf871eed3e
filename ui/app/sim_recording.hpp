#pragma once
// A trace::Store where the simulator writes. Thread rule: the store's writer.

#include <optional>

#include "capture/trace/store.hpp"
#include "sim/run/recording.hpp"

namespace synscope::app {

class SimRecording final : public sim::Recording {
  public:
    explicit SimRecording(trace::Store& store) : store_(store) {}

    EventId emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) override;
    TextId intern(std::string_view text) override { return store_.intern(text); }
    ActorId add_actor() override { return store_.add_actor(); }
    InterfaceId add_interface(std::string_view name) override;
    PacketId add_packet(InterfaceId interface, Instant at, ByteSpan frame) override;
    /// Why packets could not be kept, if ever; what was recorded after that is worth nothing.
    [[nodiscard]] const std::optional<OsError>& error() const noexcept { return error_; }

  private:
    trace::Store& store_;
    std::optional<OsError> error_;
};

}  // namespace synscope::app
