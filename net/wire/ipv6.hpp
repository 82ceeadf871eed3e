#pragma once
// IPv6 and its extension headers (RFC 8200 sections 3 and 4; AH of RFC 4302). Contract of the types:
// header.hpp. Thread rule: values.

#include <string>

#include "net/base/address.hpp"
#include "net/wire/header.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::wire {

[[nodiscard]] constexpr IpAddress load_ipv6_address(ByteSpan bytes, std::size_t at) noexcept {
    IpAddress address;
    address.family = 6;
    for (std::size_t i = 0; i < 16; ++i)
        address.octets[i] = load_u8(bytes, at + i);
    return address;
}

class Ipv6View {
  public:
    static constexpr std::size_t kSize = 40;
    static constexpr std::size_t kPayloadLengthAt = 4;
    static constexpr std::size_t kNextHeaderAt = 6;
    static constexpr std::size_t kHopLimitAt = 7;
    static constexpr std::size_t kSourceAt = 8;
    static constexpr std::size_t kDestinationAt = 24;

    [[nodiscard]] static constexpr Parsed<Ipv6View> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        const Ipv6View view{bytes};
        if (view.version() != 6) return failure(HeaderError::WrongVersion);
        return view;
    }
    [[nodiscard]] constexpr std::uint8_t version() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, 0) >> 4);
    }
    [[nodiscard]] constexpr std::uint8_t traffic_class() const noexcept {
        return static_cast<std::uint8_t>(load_be16(bytes_, 0) >> 4 & 0xff);
    }
    [[nodiscard]] constexpr std::uint32_t flow_label() const noexcept {
        return load_be32(bytes_, 0) & 0xfffff;
    }
    /// Extension headers included; 0 for a jumbogram, or before segmentation offload filled it in.
    [[nodiscard]] constexpr std::uint16_t payload_length() const noexcept {
        return load_be16(bytes_, kPayloadLengthAt);
    }
    [[nodiscard]] constexpr std::uint8_t next_header() const noexcept {
        return load_u8(bytes_, kNextHeaderAt);
    }
    [[nodiscard]] constexpr std::uint8_t hop_limit() const noexcept { return load_u8(bytes_, kHopLimitAt); }
    [[nodiscard]] constexpr IpAddress source() const noexcept { return load_ipv6_address(bytes_, kSourceAt); }
    [[nodiscard]] constexpr IpAddress destination() const noexcept {
        return load_ipv6_address(bytes_, kDestinationAt);
    }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit Ipv6View(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct Ipv6Header {
    std::uint8_t traffic_class = 0;
    std::uint32_t flow_label = 0;  ///< 20 bits
    std::uint16_t payload_length = 0;
    std::uint8_t next_header = 0;
    std::uint8_t hop_limit = 64;
    IpAddress source;
    IpAddress destination;

    [[nodiscard]] static constexpr Ipv6Header from(const Ipv6View& view) noexcept {
        return {view.traffic_class(), view.flow_label(), view.payload_length(), view.next_header(),
                view.hop_limit(),     view.source(),     view.destination()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return Ipv6View::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_be32(out, 0, 0x60000000u | std::uint32_t{traffic_class} << 20 | (flow_label & 0xfffffu));
        store_be16(out, Ipv6View::kPayloadLengthAt, payload_length);
        store_u8(out, Ipv6View::kNextHeaderAt, next_header);
        store_u8(out, Ipv6View::kHopLimitAt, hop_limit);
        for (std::size_t i = 0; i < 16; ++i) {
            store_u8(out, Ipv6View::kSourceAt + i, source.octets[i]);
            store_u8(out, Ipv6View::kDestinationAt + i, destination.octets[i]);
        }
    }
    /// "IP6 ::1 > ::1: hlim 64, next-header TCP (6), payload length 32".
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Ipv6Header&, const Ipv6Header&) = default;
};

/// One extension header, of the kinds that carry the number of the next one.
class Ipv6ExtensionView {
  public:
    /// `kind` is the number that announced it; see is_ipv6_extension().
    [[nodiscard]] static constexpr Parsed<Ipv6ExtensionView> parse(std::uint8_t kind,
                                                                   ByteSpan bytes) noexcept {
        if (bytes.size() < 8) return failure(HeaderError::Truncated);
        const Ipv6ExtensionView view{kind, bytes};
        if (view.size() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    [[nodiscard]] constexpr std::uint8_t kind() const noexcept { return kind_; }
    [[nodiscard]] constexpr std::uint8_t next_header() const noexcept { return load_u8(bytes_, 0); }
    /// AH counts in units of 4 bytes (RFC 4302 section 2.2), the fragment header has one size, the others
    /// count in units of 8.
    [[nodiscard]] constexpr std::size_t size() const noexcept {
        if (kind_ == ip_protocol::kFragment) return 8;
        const std::size_t units = load_u8(bytes_, 1);
        if (kind_ == ip_protocol::kAuthentication) return (units + 2) * 4;
        return (units + 1) * 8;
    }
    /// Of a fragment header (RFC 8200 section 4.5).
    [[nodiscard]] constexpr std::uint32_t fragment_offset() const noexcept {
        return load_be16(bytes_, 2) & 0xfff8u;
    }
    [[nodiscard]] constexpr bool more_fragments() const noexcept { return (load_u8(bytes_, 3) & 1) != 0; }
    [[nodiscard]] constexpr std::uint32_t identification() const noexcept { return load_be32(bytes_, 4); }
    /// A whole datagram that carries a fragment header all the same (RFC 6946) is none.
    [[nodiscard]] constexpr bool fragment() const noexcept {
        return kind_ == ip_protocol::kFragment && (fragment_offset() != 0 || more_fragments());
    }
    [[nodiscard]] constexpr ByteSpan header() const noexcept { return bytes_.first(size()); }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(size()); }

  private:
    constexpr Ipv6ExtensionView(std::uint8_t kind, ByteSpan bytes) noexcept : bytes_(bytes), kind_(kind) {}
    ByteSpan bytes_;
    std::uint8_t kind_;
};

}  // namespace synscope::wire
