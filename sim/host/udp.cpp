#include "sim/host/udp.hpp"

#include <algorithm>
#include <utility>

namespace synscope::sim {
namespace {

constexpr std::uint16_t kFirstEphemeral = 32768;
constexpr std::uint16_t kLastEphemeral = 60999;
constexpr std::size_t kMostErrors = 64;  // beyond, a program that never looks is told no more

}  // namespace

UdpPorts::Port* UdpPorts::find(std::uint16_t number) noexcept {
    const auto found =
        std::lower_bound(ports_.begin(), ports_.end(), number,
                         [](const Port& port, std::uint16_t wanted) { return port.number < wanted; });
    return found != ports_.end() && found->number == number ? &*found : nullptr;
}

bool UdpPorts::bound(std::uint16_t port) const noexcept {
    return std::any_of(ports_.begin(), ports_.end(), [&](const Port& p) { return p.number == port; });
}

bool UdpPorts::bind(std::uint16_t port) {
    if (port == 0 || bound(port)) return false;
    const auto place =
        std::lower_bound(ports_.begin(), ports_.end(), port,
                         [](const Port& p, std::uint16_t wanted) { return p.number < wanted; });
    ports_.insert(place, Port{port, 0, {}, {}});
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

UdpPorts::Delivery UdpPorts::deliver(UdpArrival arrival) {
    Port* port = find(arrival.to.port);
    if (port == nullptr) return Delivery::NobodyThere;
    if (port->bytes + arrival.payload.size() > kBuffer) return Delivery::Full;
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
