#pragma once
// Link types, by the numbers that pcap and pcapng files carry (LINKTYPE_ values of the tcpdump registry).
// Thread rule: values.

#include <cstdint>
#include <string_view>

namespace synscope::wire {

/// Any 16-bit value may occur in a file; the named ones are dissected.
enum class LinkType : std::uint16_t {
    Null = 0,  ///< BSD loopback: 4-byte address family in the writer's byte order
    Ethernet = 1,
    Ppp = 9,
    RawBsd = 12,      ///< as Raw, by the number that programs wrote before Raw was registered
    RawOpenBsd = 14,  ///< the same on OpenBSD
    PppSerial = 50,   ///< PPP in HDLC-like framing, or Cisco's HDLC: the first byte tells
    PppEther = 51,    ///< a PPPoE session without its Ethernet header
    Raw = 101,        ///< IPv4 or IPv6 by the version nibble
    CiscoHdlc = 104,  ///< address, control, EtherType; or PPP in HDLC-like framing
    Loop = 108,       ///< OpenBSD loopback: 4-byte address family in network order
    LinuxSll = 113,   ///< Linux cooked, v1
    Ipv4 = 228,
    Ipv6 = 229,
    LinuxSll2 = 276,  ///< Linux cooked, v2
};

/// "Ethernet"; "link type 147" for one that is not dissected is the caller's business when empty.
[[nodiscard]] std::string_view link_type_name(LinkType type) noexcept;

}  // namespace synscope::wire
