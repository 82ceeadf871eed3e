#include "sim/host/udp.hpp"

#include <algorithm>
#include <utility>

namespace synscope::sim {
namespace {

constexpr std::uint16_t kFirstEphemeral = 32768;
constexpr std::uint16_t kLastEphemeral = 60999;
constexpr std::size_t kMostErrors = 64;  // beyond, a program that never looks is told no more

}  // namespace

const UdpPorts::Port* UdpPorts::find(std::uint16_t number) const noexcept {
    const auto found =
        std::lower_bound(ports_.begin(), ports_.end(), number,
                         [](const Port& port, std::uint16_t wanted) { return port.number < wanted; });
    return found != ports_.end() && found->number == number ? &*found : nullptr;
}

UdpPorts::Port* UdpPorts::find(std::uint16_t number) noexcept {
    return const_cast<Port*>(std::as_const(*this).find(number));
}

bool UdpPorts::bound(std::uint16_t port) const noexcept {
    return find(port) != nullptr;
}

bool UdpPorts::bind(std::uint16_t port) {
    if (port == 0 || bound(port)) return false;
    const auto place =
        std::lower_bound(ports_.begin(), ports_.end(), port,
                         [](const Port& p, std::uint16_t wanted) { return p.number < wanted; });
    Port fresh;
    fresh.number = port;
    ports_.insert(place, std::move(fresh));
    return true;
}

std::optional<std::uint16_t> UdpPorts::bind_any() {
    constexpr std::uint32_t kCount = kLastEphemeral - kFirstEphemeral + 1;
    const auto first = static_cast<std::uint32_t>(random_.below(kCount));
    for (std::uint32_t i = 0; i < kCount; ++i) {
        const auto port = static_cast<std::uint16_t>(kFirstEphemeral + (first + i) % kCount);
        if (bind(port)) return port;
    }
    return std::nullopt;
}

void UdpPorts::close(std::uint16_t port) {
    std::erase_if(ports_, [&](const Port& p) { return p.number == port; });
}

void UdpPorts::connect(std::uint16_t number, const Endpoint& peer) {
    if (Port* port = find(number)) port->peer = peer;
}

void UdpPorts::set_buffer(std::uint16_t number, std::size_t bytes) {
    if (Port* port = find(number)) port->buffer = bytes;
}

bool UdpPorts::has_waiting(std::uint16_t number) const noexcept {
    const Port* port = find(number);
    return port != nullptr && !port->waiting.empty();
}

bool UdpPorts::has_error(std::uint16_t number) const noexcept {
    const Port* port = find(number);
    return port != nullptr && !port->errors.empty();
}

UdpPorts::Delivery UdpPorts::deliver(UdpArrival arrival) {
    Port* port = find(arrival.to.port);
    if (port == nullptr || (port->peer && *port->peer != arrival.from)) return Delivery::NobodyThere;
    if (port->bytes + arrival.payload.size() > port->buffer) return Delivery::Full;
    port->bytes += arrival.payload.size();
    port->waiting.push_back(std::move(arrival));
    return Delivery::Taken;
}

std::optional<UdpArrival> UdpPorts::take(std::uint16_t number) {
    Port* port = find(number);
    if (port == nullptr || port->waiting.empty()) return std::nullopt;
    UdpArrival arrival = port->waiting.take_front();
    port->bytes -= arrival.payload.size();
    return arrival;
}

void UdpPorts::report(const IcmpError& error) {
    Port* port = find(error.source.port);
    if (port != nullptr && port->errors.size() < kMostErrors) port->errors.push_back(error);
}

std::optional<IcmpError> UdpPorts::take_error(std::uint16_t number) {
    Port* port = find(number);
    if (port == nullptr || port->errors.empty()) return std::nullopt;
    return port->errors.take_front();
}

}  // namespace synscope::sim
