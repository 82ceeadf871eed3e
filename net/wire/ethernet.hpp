#pragma once
// Ethernet II (IEEE 802.3 section 3, RFC 894). Contract of the types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

/// The numbers this program knows in an EtherType field (IEEE 802 Numbers, IANA).
namespace ethertype {
inline constexpr std::uint16_t kIpv4 = 0x0800;
inline constexpr std::uint16_t kArp = 0x0806;
inline constexpr std::uint16_t kVlan = 0x8100;
inline constexpr std::uint16_t kIpv6 = 0x86dd;
inline constexpr std::uint16_t kServiceVlan = 0x88a8;  ///< 802.1ad, "QinQ"
inline constexpr std::uint16_t kOldQinq = 0x9100;
inline constexpr std::uint16_t kErspan3 = 0x22eb;  ///< inside GRE
inline constexpr std::uint16_t kBridged = 0x6558;  ///< a whole Ethernet frame, inside GRE or Geneve
inline constexpr std::uint16_t kPpp = 0x880b;      ///< inside GRE
inline constexpr std::uint16_t kMpls = 0x8847;
inline constexpr std::uint16_t kMplsMulticast = 0x8848;
inline constexpr std::uint16_t kPppoeDiscovery = 0x8863;
inline constexpr std::uint16_t kPppoeSession = 0x8864;
inline constexpr std::uint16_t kFabricPath = 0x8903;     ///< 2 bytes, then an Ethernet frame
inline constexpr std::uint16_t kCiscoMetadata = 0x8909;  ///< 6 bytes, then an EtherType
inline constexpr std::uint16_t kVnTag = 0x8926;          ///< 4 bytes, then an EtherType
inline constexpr std::uint16_t kErspan2 = 0x88be;        ///< inside GRE; also ERSPAN type I
inline constexpr std::uint16_t kSmallest = 0x0600;       ///< below it the field is a length (802.3)

[[nodiscard]] constexpr bool is_vlan(std::uint16_t type) noexcept {
    return type == kVlan || type == kServiceVlan || type == kOldQinq;
}
/// "IPv4", "ARP", ...; empty for one that is not known.
[[nodiscard]] std::string_view name(std::uint16_t type) noexcept;
[[nodiscard]] constexpr bool is_mpls(std::uint16_t type) noexcept {
    return type == kMpls || type == kMplsMulticast;
}
}  // namespace ethertype

struct MacAddress {
    std::array<std::uint8_t, 6> octets{};

    [[nodiscard]] static constexpr MacAddress load(ByteSpan bytes, std::size_t at) noexcept {
        MacAddress mac;
        for (std::size_t i = 0; i < 6; ++i)
            mac.octets[i] = load_u8(bytes, at + i);
        return mac;
    }
    constexpr void store(MutableByteSpan bytes, std::size_t at) const noexcept {
        for (std::size_t i = 0; i < 6; ++i)
            store_u8(bytes, at + i, octets[i]);
    }
    [[nodiscard]] constexpr bool multicast() const noexcept { return (octets[0] & 1) != 0; }
    /// Not burnt in by a maker but chosen by software (the U/L bit).
    [[nodiscard]] constexpr bool local() const noexcept { return (octets[0] & 2) != 0; }
    [[nodiscard]] constexpr bool broadcast() const noexcept {
        for (const std::uint8_t octet : octets)
            if (octet != 0xff) return false;
        return true;
    }
    /// "02:00:00:00:00:01".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const MacAddress&, const MacAddress&) = default;
};

class EthernetView {
  public:
    static constexpr std::size_t kSize = 14;
    static constexpr std::size_t kDestinationAt = 0;
    static constexpr std::size_t kSourceAt = 6;
    static constexpr std::size_t kTypeAt = 12;

    [[nodiscard]] static constexpr Parsed<EthernetView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return EthernetView{bytes};
    }
    [[nodiscard]] constexpr MacAddress destination() const noexcept {
        return MacAddress::load(bytes_, kDestinationAt);
    }
    [[nodiscard]] constexpr MacAddress source() const noexcept { return MacAddress::load(bytes_, kSourceAt); }
    /// EtherType, or the length of an 802.3 frame when below ethertype::kSmallest.
    [[nodiscard]] constexpr std::uint16_t type() const noexcept { return load_be16(bytes_, kTypeAt); }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit EthernetView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct EthernetHeader {
    MacAddress destination;
    MacAddress source;
    std::uint16_t type = 0;

    [[nodiscard]] static constexpr EthernetHeader from(const EthernetView& view) noexcept {
        return {view.destination(), view.source(), view.type()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return EthernetView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        destination.store(out, EthernetView::kDestinationAt);
        source.store(out, EthernetView::kSourceAt);
        store_be16(out, EthernetView::kTypeAt, type);
    }
    /// "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806)".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const EthernetHeader&, const EthernetHeader&) = default;
};

}  // namespace synscope::wire
