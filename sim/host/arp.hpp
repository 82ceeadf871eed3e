#pragma once
// ARP of one box (RFC 826; cache and queue of RFC 1122 section 2.3.2; announcements and probes of RFC 5227):
// from the IP address of the next hop to its link address.
//
//   arp.send(fabric, self, next_hop, frame);    // on the wire now, or when the answer is here
//   arp.receive(fabric, self, header, frame);   // answers, learns, and sends what was waiting
//   for (FrameId lost : arp.retry(fabric, self, ip)) ...   // its timer; nobody answered for these
//
// Entries grow old by the clock and are asked for anew at their next use. Addresses are kept as numbers in
// host order. Ownership: the frames that wait are the table's. Thread rule: one world, one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/address.hpp"
#include "sim/host/fabric.hpp"

namespace synscope::sim {

struct ArpOptions {
    Duration lifetime = Duration::seconds(60);  ///< of an entry (RFC 1122 section 2.3.2.1)
    Duration retry = Duration::seconds(1);      ///< no faster than once a second (ibid.)
    std::uint32_t attempts = 3;
    std::size_t waiting = 32;    ///< frames per address; the oldest goes first (section 2.3.2.2)
    std::size_t entries = 1024;  ///< addresses; the one that was used longest ago goes first
};

[[nodiscard]] constexpr std::uint32_t v4_number(const IpAddress& address) noexcept {
    return std::uint32_t{address.octets[0]} << 24 | std::uint32_t{address.octets[1]} << 16 |
           std::uint32_t{address.octets[2]} << 8 | address.octets[3];
}

/// The interface that asks and answers.
struct ArpSelf {
    BoxId box;
    std::uint16_t port = 0;
    MacAddress mac;
    IpAddress address;  ///< family 0: none yet
};

class Arp {
  public:
    explicit Arp(const ArpOptions& options = {}) : options_(options) {}

    /// What a timer's argument is, for the box to tell it from others.
    static constexpr std::uint64_t kTimer = std::uint64_t{1} << 56;

    void send(Fabric& fabric, const ArpSelf& self, const IpAddress& next_hop, FrameId frame);
    /// Consumes `frame`, which brought `header`.
    void receive(Fabric& fabric, const ArpSelf& self, const wire::ArpHeader& header, FrameId frame);
    /// The timer of this address is due: asks again, or gives up and returns the frames that waited.
    [[nodiscard]] std::vector<FrameId> retry(Fabric& fabric, const ArpSelf& self, std::uint32_t address);
    /// Which port the entry belongs to, while it is asked for.
    [[nodiscard]] std::optional<std::uint16_t> port_of(std::uint32_t address) const noexcept;

    /// "Who has `address`?", from nobody: it is to find out whether it is in use (RFC 5227 section 2.1.1).
    static void probe(Fabric& fabric, const ArpSelf& self, const IpAddress& address);
    /// "I have it", to everybody (section 2.3).
    static void announce(Fabric& fabric, const ArpSelf& self);

    [[nodiscard]] std::optional<MacAddress> find(Instant now, const IpAddress& address) const noexcept;

  private:
    struct Entry {
        std::uint32_t address = 0;
        std::uint16_t port = 0;
        bool known = false;
        MacAddress mac;
        Instant expires;  ///< when known
        Instant used;
        std::uint32_t asked = 0;
        std::vector<FrameId> waiting;
        Scheduler::Handle timer;
    };
    [[nodiscard]] std::vector<Entry>::iterator place(std::uint32_t address) noexcept;
    [[nodiscard]] Entry* lookup(std::uint32_t address) noexcept;
    [[nodiscard]] Entry& insert(Fabric& fabric, BoxId box, std::uint32_t address, std::uint16_t port);
    void ask(Fabric& fabric, const ArpSelf& self, Entry& entry);
    void learn(Fabric& fabric, const ArpSelf& self, Entry& entry, const MacAddress& mac, FrameId from);
    void wait(Fabric& fabric, const ArpSelf& self, Entry& entry, FrameId frame);
    void make_room(Fabric& fabric, BoxId box);
    static void tell(Fabric& fabric, const ArpSelf& self, BoxAction action, std::uint32_t address,
                     std::optional<FrameId> frame, const MacAddress& mac = {});

    ArpOptions options_;
    std::vector<Entry> entries_;  ///< by address
};

}  // namespace synscope::sim
