#pragma once
// Where the simulator writes: a trace::Store, or nowhere. Thread rule: the store's writer.

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

/// For a run that nobody looks at: it takes no memory, however long it is.
class NoRecording final : public sim::Recording {
  public:
    EventId emit(Instant, ActorId, std::optional<EventId>, const EventBody&) override { return {}; }
    TextId intern(std::string_view) override { return {}; }
    ActorId add_actor() override { return ActorId{actors_++}; }
    InterfaceId add_interface(std::string_view) override { return {}; }
    PacketId add_packet(InterfaceId, Instant, ByteSpan) override { return {}; }

  private:
    std::uint16_t actors_ = 0;
};

}  // namespace synscope::app
