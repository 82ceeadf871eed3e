#pragma once
// The IP layer of a host or router (RFC 791, 1122 section 3.2 and 3.3, 1812): its interfaces and routes, ARP,
// fragmentation and reassembly, forwarding, and the ICMP errors it sends and gets.
//
//   if (const auto local = ip.receive(fabric, port, frame)) ... the datagram in local->frame is for this box
//   ... const auto fault = ip.send(fabric, datagram); for (const IcmpError& error : ip.errors()) ...   //
//   about what we sent, from the net or from ourselves; clear it
//
// Thread rule: one world, one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/wire/ip_fragments.hpp"
#include "sim/host/arp.hpp"
#include "sim/host/fabric.hpp"

namespace synscope::sim {

/// An address of an interface with the size of its network: 10.0.0.1/24.
struct Ipv4Prefix {
    IpAddress address;
    std::uint8_t length = 24;

    [[nodiscard]] std::uint32_t mask() const noexcept {
        return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
    }
    [[nodiscard]] bool contains(std::uint32_t other) const noexcept {
        return ((v4_number(address) ^ other) & mask()) == 0;
    }
    /// The address of all its hosts; a network of one or two has none (RFC 3021).
    [[nodiscard]] std::optional<std::uint32_t> broadcast() const noexcept {
        if (length > 30) return std::nullopt;
        return v4_number(address) | ~mask();
    }
    /// "10.0.0.1/24".
    [[nodiscard]] static std::optional<Ipv4Prefix> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Ipv4Prefix&, const Ipv4Prefix&) = default;
};

struct InterfaceOptions {
    MacAddress mac{};
    std::optional<Ipv4Prefix> address{};
};
struct Route {
    Ipv4Prefix to;
    IpAddress gateway;
    friend bool operator==(const Route&, const Route&) = default;
};
struct IpOptions {
    std::vector<InterfaceOptions> interfaces{};
    std::vector<Route> routes{};  ///< beside those to the interfaces' own networks
    bool forwards = false;        ///< a router
    std::uint8_t ttl = 64;
    ArpOptions arp{};
    wire::FragmentLimits fragments{};
};

/// An ICMP error about a datagram of ours (RFC 792), or the same found out here: nobody answers ARP, the
/// interface's MTU is too small, there is no route.
struct IcmpError {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t next_hop_mtu = 0;  ///< of "fragmentation needed" (RFC 1191)
    IpAddress from;                  ///< who says so; ourselves when family 0
    std::uint8_t protocol = 0;       ///< of the datagram that is quoted, as what follows
    Endpoint source;
    Endpoint destination;
    Seq32 seq;  ///< of TCP
};

class Ip {
  public:
    Ip(BoxId box, const IpOptions& options);

    struct Local {
        FrameId frame;  ///< holds an unfragmented Datagram; the caller's now
        std::uint16_t port = 0;
    };
    /// Takes the frame; gives back one with a whole datagram when that is for this box.
    [[nodiscard]] std::optional<Local> receive(Fabric& fabric, std::uint16_t port, FrameId frame);
    /// What its timers' arguments are, beside Arp's, for the box to tell them from others.
    static constexpr std::uint64_t kReassemblyTimer = std::uint64_t{5} << 56;
    /// A timer of Arp's, or one of these.
    void timer(Fabric& fabric, std::uint64_t argument);

    /// Fills in what is not set: source (family 0), identification, TTL (0). `port` for broadcasts before
    /// there is a route. What cannot be sent becomes an error of our own and is told to the observer as
    /// dropped.
    void send(Fabric& fabric, Datagram datagram, std::optional<std::uint16_t> port = std::nullopt);
    /// The same of a frame that holds a Datagram: nothing is moved.
    void send(Fabric& fabric, FrameId frame, std::optional<std::uint16_t> port = std::nullopt);
    /// "Destination unreachable" and its like about what `frame` holds, unless RFC 1122 section 3.2.2 forbids
    /// it.
    void complain(Fabric& fabric, std::uint16_t port, const Datagram& about, std::uint8_t type,
                  std::uint8_t code, std::uint32_t word = 0);
    [[nodiscard]] std::vector<IcmpError>& errors() noexcept { return errors_; }
    /// What an ICMP error message quotes, if it is about a datagram of ours.
    [[nodiscard]] std::optional<IcmpError> read_error(const Datagram& datagram) const;

    // ---- addresses
    [[nodiscard]] std::size_t interfaces() const noexcept { return interfaces_.size(); }
    [[nodiscard]] MacAddress mac(std::uint16_t port) const noexcept { return interfaces_[port].mac; }
    [[nodiscard]] std::optional<Ipv4Prefix> address(std::uint16_t port) const noexcept {
        return interfaces_[port].address;
    }
    void set_address(Fabric& fabric, std::uint16_t port, std::optional<Ipv4Prefix> address);
    void set_default_route(std::optional<IpAddress> gateway);
    [[nodiscard]] bool owns(const IpAddress& address) const noexcept;
    /// Where it would send from to reach `destination`.
    [[nodiscard]] std::optional<IpAddress> source_for(const IpAddress& destination) const;
    [[nodiscard]] ArpSelf self(std::uint16_t port) const noexcept;
    [[nodiscard]] Arp& arp() noexcept { return arp_; }
    [[nodiscard]] const Arp& arp() const noexcept { return arp_; }

  private:
    struct Hop {
        std::uint16_t port = 0;
        std::uint32_t next = 0;
        bool broadcast = false;
    };
    [[nodiscard]] std::optional<Hop> route(std::uint32_t destination) const;
    /// What is known of a destination; asked again when addresses or routes change.
    struct Destination {
        std::optional<std::uint32_t> address{};
        std::optional<Hop> hop{};
        bool one_host = false;
    };
    [[nodiscard]] const Destination& destination(std::uint32_t address);
    void forget_destinations();
    void addresses_changed();
    [[nodiscard]] std::optional<Hop> onto_link(std::uint32_t destination) const noexcept;
    [[nodiscard]] bool for_us(std::uint16_t port, const IpAddress& destination) const noexcept;
    [[nodiscard]] bool one_host(std::uint32_t address) const noexcept;
    [[nodiscard]] std::optional<Local> deliver(Fabric& fabric, std::uint16_t port, FrameId frame);
    /// A datagram for us of which fragments are missing.
    struct Incomplete {
        std::uint32_t number = 0;
        std::uint16_t port = 0;  ///< where its first fragment came to
        Instant since;
        std::uint32_t fragments = 0;  ///< that came
        Datagram latest;              ///< fragment 0 once that is here
        bool has_first = false;       ///< it is
        Scheduler::Handle timer;
    };
    void wait_for_the_rest(Fabric& fabric, std::uint16_t port, const Datagram& fragment);
    template <class Which>
    void forget_incomplete(Fabric& fabric, Which which);
    void give_up_reassembly(Fabric& fabric, std::uint32_t number);
    void forward(Fabric& fabric, std::uint16_t port, FrameId frame);
    void out(Fabric& fabric, const Hop& hop, FrameId frame, std::uint32_t bytes, std::uint32_t mtu);
    void fragment(Fabric& fabric, const Hop& hop, FrameId frame, std::uint32_t mtu);
    void put(Fabric& fabric, const Hop& hop, FrameId frame);
    void give_up(Fabric& fabric, std::uint16_t port, FrameId frame);
    void fail_locally(const Datagram& datagram, std::uint8_t code, std::uint16_t mtu = 0);
    void tell(Fabric& fabric, std::uint16_t port, std::optional<FrameId> frame, BoxAction action,
              const IpAddress& address, std::uint32_t number) const;

    BoxId box_;
    IpOptions options_;
    std::vector<InterfaceOptions> interfaces_;
    std::vector<std::uint32_t> own_;  ///< the addresses of all interfaces
    std::optional<IpAddress> default_route_;
    std::vector<Destination> destinations_;  ///< a place per hash, the last one asked for
    Arp arp_;
    wire::FragmentTable fragments_;
    std::vector<Incomplete> incomplete_;
    std::uint32_t incomplete_number_ = 0;
    std::vector<IcmpError> errors_;
    std::uint16_t identification_ = 0;
};

}  // namespace synscope::sim
