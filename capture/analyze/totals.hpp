#pragma once
// Counts over the packets of a capture: how many, how long, of which protocols. Thread rule: values.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "capture/source/packet_source.hpp"
#include "net/base/instant.hpp"

namespace synscope::analyze {

/// A protocol and how many packets carry it.
struct ProtocolCount {
    std::string name;  ///< "TCP over IPv4", "ARP", "ethertype 0x88cc"; a literal or a number
    std::uint64_t packets = 0;
};

class Totals {
  public:
    /// `tcp`: a whole TCP header was found in it.
    void add(const source::RawPacket& packet, bool tcp);

    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    /// On the wire, and of these captured.
    [[nodiscard]] std::uint64_t original_bytes() const noexcept { return original_bytes_; }
    [[nodiscard]] std::uint64_t captured_bytes() const noexcept { return captured_bytes_; }
    /// Earliest and latest time; both 0 without packets.
    [[nodiscard]] Instant first_at() const noexcept { return first_at_; }
    [[nodiscard]] Instant last_at() const noexcept { return last_at_; }
    /// Whether some packet is earlier than the one before it.
    [[nodiscard]] bool out_of_order() const noexcept { return out_of_order_; }
    /// By what lies in the outermost network layer; most frequent first.
    [[nodiscard]] std::vector<ProtocolCount> protocols() const;

  private:
    void add_other(const source::RawPacket& packet);

    std::uint64_t packets_ = 0;
    std::uint64_t original_bytes_ = 0;
    std::uint64_t captured_bytes_ = 0;
    Instant first_at_;
    Instant last_at_;
    Instant previous_;
    bool out_of_order_ = false;
    std::uint64_t segments_ = 0;
    /// Without a whole TCP header, by IP protocol: of IPv4, then of IPv6.
    std::array<std::array<std::uint64_t, 256>, 2> by_protocol_{};
    struct TypeCount {
        std::uint16_t type = 0;
        std::uint64_t packets = 0;
    };
    /// Other network layers by EtherType, at most kMaxTypes of them.
    std::vector<TypeCount> by_type_;
    std::uint64_t not_dissected_ = 0;
};

}  // namespace synscope::analyze
