#pragma once
// UDP of one host (RFC 768, RFC 1122 section 4.1): who listens on which port, and what has arrived there.
// Sending is Host::send_udp(). Thread rule: one world, one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/instant.hpp"
#include "sim/core/payload.hpp"
#include "sim/core/random.hpp"
#include "sim/core/ring.hpp"
#include "sim/host/ip.hpp"

namespace synscope::sim {

struct UdpArrival {
    Instant at;
    Endpoint from;
    Endpoint to;
    Payload payload;
};

class UdpPorts {
  public:
    /// `random` chooses ports where the caller does not.
    explicit UdpPorts(const Random& random) : random_(random) {}

    /// False when somebody has it already; port 0 is none.
    [[nodiscard]] bool bind(std::uint16_t port);
    /// One of the ephemeral ports (RFC 6056: 32768 and up, as Linux), at random; nothing when none is free.
    [[nodiscard]] std::optional<std::uint16_t> bind_any();
    void close(std::uint16_t port);
    /// From now on it takes what comes from `peer` alone; what others send there finds nobody.
    void connect(std::uint16_t port, const Endpoint& peer);
    /// Payload bytes that may wait there, instead of kBuffer.
    void set_buffer(std::uint16_t port, std::size_t bytes);
    [[nodiscard]] bool bound(std::uint16_t port) const noexcept;

    enum class Delivery : std::uint8_t { Taken, NobodyThere, Full };
    [[nodiscard]] Delivery deliver(UdpArrival arrival);
    [[nodiscard]] bool has_waiting(std::uint16_t port) const noexcept;
    [[nodiscard]] bool has_error(std::uint16_t port) const noexcept;
    /// The oldest that waits there.
    [[nodiscard]] std::optional<UdpArrival> take(std::uint16_t port);
    /// An ICMP error about what this port sent.
    void report(const IcmpError& error);
    [[nodiscard]] std::optional<IcmpError> take_error(std::uint16_t port);

    static constexpr std::size_t kBuffer =
        212'992;  ///< bytes that wait per port: Linux's net.core.rmem_default

  private:
    struct Port {
        std::uint16_t number = 0;
        std::size_t bytes = 0;
        Ring<UdpArrival> waiting;
        Ring<IcmpError> errors;
        std::optional<Endpoint> peer{};
        std::size_t buffer = kBuffer;
    };
    [[nodiscard]] Port* find(std::uint16_t number) noexcept;
    [[nodiscard]] const Port* find(std::uint16_t number) const noexcept;

    std::vector<Port> ports_;  ///< by number
    Random random_;
};

}  // namespace synscope::sim
