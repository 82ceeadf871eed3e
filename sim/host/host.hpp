#pragma once
// A simulated host, or with `ip.forwards` a router: IP with ARP and ICMP, UDP ports, one TCP, and the
// services that are built in: a DNS server and resolver, a DHCP server and client.
//
// Programs (sockets in virtual time, scripts, tests) call it between the steps of the world and are told by
// woken() that there is something to look at. Every call that may send takes the fabric. Thread rule: one
// world, one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/host/box.hpp"
#include "sim/host/dhcp_client.hpp"
#include "sim/host/dhcp_server.hpp"
#include "sim/host/dns.hpp"
#include "sim/host/ip.hpp"
#include "sim/host/tcp_port.hpp"
#include "sim/host/udp.hpp"

namespace synscope::sim {

struct HostOptions {
    IpOptions ip{};
    std::optional<IpAddress> gateway{};
    std::optional<DnsZone> dns_zone{};  ///< it answers on port 53
    std::optional<DnsResolverOptions> resolver{};
    std::optional<DhcpServerOptions> dhcp_server{};  ///< on its first interface
    std::optional<DhcpClientOptions> dhcp_client{};  ///< for its first interface
};

struct EchoReply {
    Instant at;
    IpAddress from;
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;
    std::uint8_t ttl = 0;
    std::size_t bytes = 0;
};

class Host final : public Box {
  public:
    Host(BoxId id, std::string name, const HostOptions& options, std::uint64_t seed);

    void receive(Fabric& fabric, std::uint16_t port, FrameId frame) override;
    void timer(Fabric& fabric, std::uint64_t argument) override;
    /// Begins what the host does by itself: its DHCP client.
    void start(Fabric& fabric);

    [[nodiscard]] Ip& ip() noexcept { return ip_; }
    [[nodiscard]] const Ip& ip() const noexcept { return ip_; }

    // ---- TCP
    void set_tcp(std::unique_ptr<TcpPort> tcp) noexcept { tcp_ = std::move(tcp); }
    [[nodiscard]] TcpPort* tcp() noexcept { return tcp_.get(); }
    /// After a program's calls into the TCP: sends what it has to send and sets its timer.
    void pump(Fabric& fabric);

    // ---- UDP
    [[nodiscard]] UdpPorts& udp() noexcept { return udp_; }
    /// `source` of family 0: the address that fits. Larger than 65507 bytes: false, nothing is sent.
    bool send_udp(Fabric& fabric, const Endpoint& source, const Endpoint& destination, Payload payload);

    // ---- ICMP
    void ping(Fabric& fabric, const IpAddress& to, std::uint16_t identifier, std::uint16_t sequence,
              Payload payload = {}, std::uint8_t ttl = 0, bool dont_fragment = false);
    /// What came back: clear it when drained.
    [[nodiscard]] std::vector<EchoReply>& echo_replies() noexcept { return echo_replies_; }
    /// Errors about what is neither TCP nor a bound UDP port's (pings): clear it when drained.
    [[nodiscard]] std::vector<IcmpError>& icmp_errors() noexcept { return icmp_errors_; }

    // ---- names and addresses
    /// Only with HostOptions::resolver.
    [[nodiscard]] DnsResolver::LookupId ask_name(Fabric& fabric, std::string_view name);
    [[nodiscard]] DnsResolver* resolver() noexcept { return resolver_ ? &*resolver_ : nullptr; }
    [[nodiscard]] DhcpServer* dhcp_server() noexcept { return dhcp_server_ ? &*dhcp_server_ : nullptr; }
    [[nodiscard]] DhcpClient* dhcp_client() noexcept { return dhcp_client_ ? &*dhcp_client_ : nullptr; }
    /// Gives the lease back (RFC 2131 section 4.4.6).
    void release_lease(Fabric& fabric);

    /// Whether something happened since the last call that a program may want to look at.
    [[nodiscard]] bool take_woken() noexcept;

  private:
    enum class Timer : std::uint64_t {
        Arp = 1,
        Tcp = 2,
        Dns = 3,
        Dhcp = 4,
        Reassembly = 5
    };  ///< the high byte of an argument

    void deliver(Fabric& fabric, const Ip::Local& local);
    [[nodiscard]] std::optional<DropReason> take_tcp(Fabric& fabric, Datagram& datagram);
    [[nodiscard]] std::optional<DropReason> take_udp(Fabric& fabric, std::uint16_t port,
                                                     const Datagram& datagram);
    [[nodiscard]] std::optional<DropReason> take_icmp(Fabric& fabric, const Datagram& datagram);
    [[nodiscard]] bool take_by_service(Fabric& fabric, const UdpArrival& arrival);
    void hand_out_errors(Fabric& fabric) {
        if (!ip_.errors().empty()) hand_out_all_errors(fabric);
    }
    void hand_out_all_errors(Fabric& fabric);
    void hand_out(Fabric& fabric, const IcmpError& error);
    void send_segments(Fabric& fabric);
    /// One timer per kind, at its deadline or earlier: one that comes early only asks for the deadline again.
    struct Armed {
        std::optional<Instant> at;
        Scheduler::Handle handle;
    };
    void arm(Fabric& fabric, Armed& armed, Timer kind, Instant deadline);
    void pump_dns(Fabric& fabric);
    void pump_dhcp(Fabric& fabric);
    void apply(Fabric& fabric, const DhcpClient::Action& action);
    void serve_dhcp(Fabric& fabric, const UdpArrival& arrival);
    void look_for_conflict(Fabric& fabric, std::uint16_t port, FrameId frame);

    Ip ip_;
    UdpPorts udp_;
    std::unique_ptr<TcpPort> tcp_;
    Armed tcp_timer_;
    std::vector<EchoReply> echo_replies_;
    std::vector<IcmpError> icmp_errors_;
    std::optional<DnsServer> dns_server_;
    std::optional<DnsResolver> resolver_;
    std::uint16_t resolver_port_ = 0;
    Armed dns_timer_;
    std::optional<DhcpServer> dhcp_server_;
    std::optional<DhcpClient> dhcp_client_;
    Armed dhcp_timer_;
    bool woken_ = false;
};

}  // namespace synscope::sim
