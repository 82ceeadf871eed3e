#include "ui/app/sim_recording.hpp"

namespace synscope::app {

EventId SimRecording::emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) {
    return store_.append(at, actor, cause, body);
}

InterfaceId SimRecording::add_interface(std::string_view name) {
    trace::Interface description;
    description.name = name;
    return store_.add_interface(std::move(description));
}

PacketId SimRecording::add_packet(InterfaceId interface, Instant at, ByteSpan frame) {
    auto packet = store_.add_packet(interface, at, static_cast<std::uint32_t>(frame.size()), frame);
    if (packet) return *packet;
    if (!error_) error_ = packet.error();
    return store_.refer_packet(interface, at, 0, {});
}

}  // namespace synscope::app
