#pragma once
// A DHCP server (RFC 2131 section 4.3): gives out the addresses of one range, each for a while. Sans-I/O:
// messages in, messages out; Host carries them. Clients are told apart by their link address. Thread rule:
// values.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/instant.hpp"
#include "net/wire/dhcp.hpp"

namespace synscope::sim {

struct DhcpServerOptions {
    IpAddress first;  ///< of the range
    std::uint32_t count = 100;
    std::uint8_t prefix_length = 24;
    Duration lease = Duration::seconds(3600);
    std::optional<IpAddress> router{};
    std::vector<IpAddress> dns{};
};

class DhcpServer {
  public:
    /// `self` is its own address, its server identifier.
    DhcpServer(const DhcpServerOptions& options, const IpAddress& self) : options_(options), self_(self) {}

    struct Reply {
        wire::DhcpMessage message;
        /// Where to: an address that the client has already, or nothing for the broadcast of its link.
        std::optional<IpAddress> to;
    };
    [[nodiscard]] std::optional<Reply> answer(Instant now, const wire::DhcpMessage& message);

    struct Lease {
        wire::MacAddress client;
        IpAddress address;
        Instant expires;
        enum class State : std::uint8_t { Offered, Bound, Declined } state = State::Offered;
    };
    [[nodiscard]] const std::vector<Lease>& leases() const noexcept { return leases_; }

  private:
    [[nodiscard]] Lease* find(const wire::MacAddress& client) noexcept;
    [[nodiscard]] bool in_range(const IpAddress& address) const noexcept;
    [[nodiscard]] bool free_for(Instant now, const IpAddress& address,
                                const wire::MacAddress& client) const noexcept;
    [[nodiscard]] std::optional<IpAddress> choose(Instant now, const wire::DhcpMessage& message);
    [[nodiscard]] std::optional<Reply> offer(Instant now, const wire::DhcpMessage& message);
    [[nodiscard]] std::optional<Reply> request(Instant now, const wire::DhcpMessage& message);
    void decline(Instant now, const wire::DhcpMessage& message);
    void forget(const wire::MacAddress& client);
    [[nodiscard]] wire::DhcpMessage reply_to(const wire::DhcpMessage& message,
                                             wire::dhcp::MessageType type) const;
    void add_parameters(wire::DhcpMessage& reply) const;

    DhcpServerOptions options_;
    IpAddress self_;
    std::vector<Lease> leases_;
};

}  // namespace synscope::sim
