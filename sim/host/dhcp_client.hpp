#pragma once
// A DHCP client (RFC 2131 section 4.4, figure 5): from no address to a lease, renewed in time, given up when
// it runs out. Sans-I/O: messages and the passing of time in, actions out; Host carries them out. A new
// address is looked for on the link by ARP before it is used (section 2.2, RFC 5227), and declined when
// somebody has it. Thread rule: values.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/instant.hpp"
#include "net/wire/dhcp.hpp"
#include "sim/core/random.hpp"

namespace synscope::sim {

struct DhcpClientOptions {
    std::uint32_t probes = 1;  ///< ARP probes before an address is used; 0: none
    Duration probe_wait = Duration::milliseconds(500);
    Duration first_retry =
        Duration::seconds(4);  ///< doubled up to `last_retry`, one second more or less (section 4.1)
    Duration last_retry = Duration::seconds(64);
    Duration after_decline = Duration::seconds(10);  ///< section 3.1, step 5
};

class DhcpClient {
  public:
    enum class State : std::uint8_t { Off, Init, Selecting, Requesting, Probing, Bound, Renewing, Rebinding };
    struct Lease {
        IpAddress address;
        std::uint8_t prefix_length = 24;
        IpAddress server;
        std::optional<IpAddress> router;
        std::vector<IpAddress> dns;
        Instant obtained;
        Instant renew;   ///< T1
        Instant rebind;  ///< T2
        Instant expires;
    };
    /// What the host is to do, in this order.
    struct Action {
        enum class Kind : std::uint8_t {
            Send,       ///< `message` to `to`, or to everybody on the link
            Probe,      ///< ARP for lease().address
            Configure,  ///< use lease()
            Deconfigure
        };
        Kind kind = Kind::Send;
        wire::DhcpMessage message{};
        std::optional<IpAddress> to{};
    };

    DhcpClient(DhcpClientOptions options, const wire::MacAddress& mac, const Random& random)
        : options_(options), mac_(mac), random_(random) {}

    void start(Instant now);
    void arrives(Instant now, const wire::DhcpMessage& message);
    /// ARP showed that somebody else has the address that is being looked for.
    void conflict(Instant now);
    /// Gives the lease back.
    void release(Instant now);
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept { return deadline_; }
    void advance(Instant now);
    [[nodiscard]] std::vector<Action>& actions() noexcept { return actions_; }

    [[nodiscard]] State state() const noexcept { return state_; }
    /// The address that is being looked for, or used.
    [[nodiscard]] const Lease& lease() const noexcept { return lease_; }

  private:
    void discover(Instant now);
    void request(Instant now);
    void renew(Instant now);
    void probe(Instant now);
    void bind(Instant now);
    void lose(Instant now, Duration wait);
    void accept(Instant now, const wire::DhcpMessage& ack);
    [[nodiscard]] wire::DhcpMessage message_of(Instant now, wire::dhcp::MessageType type) const;
    void send(wire::DhcpMessage message, std::optional<IpAddress> to = std::nullopt);
    [[nodiscard]] Duration backoff();

    DhcpClientOptions options_;
    wire::MacAddress mac_;
    Random random_;
    State state_ = State::Off;
    std::uint32_t transaction_ = 0;
    Instant began_;  ///< this exchange
    std::uint32_t tries_ = 0;
    std::uint32_t probes_sent_ = 0;
    bool was_bound_ = false;  ///< the host uses lease_
    Lease lease_;
    std::optional<Instant> deadline_;
    std::vector<Action> actions_;
};

/// RFC 2131 spelling: "SELECTING".
[[nodiscard]] std::string_view dhcp_state_name(DhcpClient::State state) noexcept;

}  // namespace synscope::sim
