#include "sim/host/switch.hpp"

namespace synscope::sim {
namespace {

std::uint64_t key_of(const MacAddress& mac) noexcept {
    std::uint64_t key = 0;
    for (const std::uint8_t octet : mac.octets)
        key = key << 8 | octet;
    return key;
}

}  // namespace

std::optional<std::uint16_t> Switch::port_of(Instant now, const MacAddress& mac) const {
    const auto found = stations_.find(key_of(mac));
    if (found == stations_.end() || now - found->second.seen > options_.aging) return std::nullopt;
    return found->second.port;
}

void Switch::tell(Fabric& fabric, std::uint16_t port, FrameId frame, BoxAction action, const MacAddress& mac,
                  std::uint32_t number) const {
    if (fabric.observer() == nullptr) return;
    BoxEvent event{fabric.now(), id(), port, fabric.packet(frame), action};
    event.mac = mac;
    event.number = number;
    fabric.acted(event);
}

void Switch::learn(Fabric& fabric, std::uint16_t port, FrameId frame, const MacAddress& mac) {
    // A group address is nobody's source (IEEE 802.1D section 7.8).
    if (mac.multicast()) return;
    const auto found = stations_.find(key_of(mac));
    if (found == stations_.end()) {
        if (stations_.size() >= options_.addresses) return;
        stations_.emplace(key_of(mac), Station{port, fabric.now()});
        return tell(fabric, port, frame, BoxAction::MacLearned, mac);
    }
    Station& station = found->second;
    if (fabric.now() - station.seen > options_.aging) {
        tell(fabric, station.port, frame, BoxAction::MacForgotten, mac);
        tell(fabric, port, frame, BoxAction::MacLearned, mac);
    } else if (station.port != port) {
        tell(fabric, port, frame, BoxAction::MacMoved, mac);
    }
    station = {port, fabric.now()};
}

void Switch::receive(Fabric& fabric, std::uint16_t port, FrameId frame) {
    const MacAddress destination = fabric.frame(frame).destination;
    learn(fabric, port, frame, fabric.frame(frame).source);
    if (destination.multicast()) return flood(fabric, port, frame);
    const auto found = stations_.find(key_of(destination));
    if (found == stations_.end()) return flood(fabric, port, frame);
    if (fabric.now() - found->second.seen > options_.aging) {
        tell(fabric, found->second.port, frame, BoxAction::MacForgotten, destination);
        stations_.erase(found);
        return flood(fabric, port, frame);
    }
    const std::uint16_t out = found->second.port;
    if (out == port) {
        tell(fabric, port, frame, BoxAction::Filtered, destination);
        return fabric.drop(id(), port, frame, DropReason::NotForUs);
    }
    tell(fabric, port, frame, BoxAction::Forwarded, destination, out);
    fabric.transmit(id(), out, frame);
}

void Switch::flood(Fabric& fabric, std::uint16_t port, FrameId frame) {
    std::uint32_t others = 0;
    for (std::uint16_t out = 0; out < options_.ports; ++out)
        others += out != port && fabric.connected(id(), out) ? 1u : 0u;
    tell(fabric, port, frame, BoxAction::Flooded, fabric.frame(frame).destination, others);
    for (std::uint16_t out = 0; out < options_.ports; ++out)
        if (out != port && fabric.connected(id(), out)) fabric.transmit(id(), out, fabric.copy(frame));
    fabric.consume(frame);
}

}  // namespace synscope::sim
