#pragma once
// IPv4 (RFC 791 section 3.1; DSCP and ECN of RFC 2474, RFC 3168). Contract of the types: header.hpp.
// Thread rule: values.

#include <string>

#include "net/base/address.hpp"
#include "net/wire/header.hpp"

namespace synscope::wire {

class Ipv4View {
  public:
    static constexpr std::size_t kMinSize = 20;
    static constexpr std::size_t kVersionAt = 0;
    static constexpr std::size_t kTrafficClassAt = 1;
    static constexpr std::size_t kTotalLengthAt = 2;
    static constexpr std::size_t kIdentificationAt = 4;
    static constexpr std::size_t kFragmentAt = 6;
    static constexpr std::size_t kTtlAt = 8;
    static constexpr std::size_t kProtocolAt = 9;
    static constexpr std::size_t kChecksumAt = 10;
    static constexpr std::size_t kSourceAt = 12;
    static constexpr std::size_t kDestinationAt = 16;
    static constexpr std::uint16_t kDontFragment = 0x4000;
    static constexpr std::uint16_t kMoreFragments = 0x2000;

    [[nodiscard]] static constexpr Parsed<Ipv4View> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kMinSize) return failure(HeaderError::Truncated);
        const Ipv4View view{bytes};
        if (view.version() != 4) return failure(HeaderError::WrongVersion);
        if (view.header_length() < kMinSize) return failure(HeaderError::HeaderLength);
        if (view.header_length() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    [[nodiscard]] constexpr std::uint8_t version() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, kVersionAt) >> 4);
    }
    [[nodiscard]] constexpr std::size_t header_length() const noexcept {
        return (load_u8(bytes_, kVersionAt) & 0x0fu) * std::size_t{4};
    }
    [[nodiscard]] constexpr std::uint8_t dscp() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, kTrafficClassAt) >> 2);
    }
    [[nodiscard]] constexpr std::uint8_t ecn() const noexcept { return load_u8(bytes_, kTrafficClassAt) & 3; }
    /// Header and payload; 0 in packets captured before segmentation offload filled it in.
    [[nodiscard]] constexpr std::uint16_t total_length() const noexcept {
        return load_be16(bytes_, kTotalLengthAt);
    }
    [[nodiscard]] constexpr std::uint16_t identification() const noexcept {
        return load_be16(bytes_, kIdentificationAt);
    }
    [[nodiscard]] constexpr bool reserved_flag() const noexcept {
        return (load_u8(bytes_, kFragmentAt) & 0x80) != 0;
    }
    [[nodiscard]] constexpr bool dont_fragment() const noexcept {
        return (load_u8(bytes_, kFragmentAt) & 0x40) != 0;
    }
    [[nodiscard]] constexpr bool more_fragments() const noexcept {
        return (load_u8(bytes_, kFragmentAt) & 0x20) != 0;
    }
    /// In bytes.
    [[nodiscard]] constexpr std::uint32_t fragment_offset() const noexcept {
        return (load_be16(bytes_, kFragmentAt) & 0x1fffu) * 8;
    }
    [[nodiscard]] constexpr std::uint8_t ttl() const noexcept { return load_u8(bytes_, kTtlAt); }
    [[nodiscard]] constexpr std::uint8_t protocol() const noexcept { return load_u8(bytes_, kProtocolAt); }
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept { return load_be16(bytes_, kChecksumAt); }
    [[nodiscard]] constexpr IpAddress source() const noexcept {
        return IpAddress::v4(load_be32(bytes_, kSourceAt));
    }
    [[nodiscard]] constexpr IpAddress destination() const noexcept {
        return IpAddress::v4(load_be32(bytes_, kDestinationAt));
    }
    [[nodiscard]] constexpr ByteSpan header() const noexcept { return bytes_.first(header_length()); }
    [[nodiscard]] constexpr ByteSpan options() const noexcept { return header().subspan(kMinSize); }
    /// Everything behind the header that was given to parse(): total_length() may say less (padding) or more
    /// (cut).
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(header_length()); }

  private:
    constexpr explicit Ipv4View(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct Ipv4Header {
    std::uint8_t dscp = 0;
    std::uint8_t ecn = 0;
    std::uint16_t total_length = 0;
    std::uint16_t identification = 0;
    bool reserved_flag = false;
    bool dont_fragment = false;
    bool more_fragments = false;
    std::uint32_t fragment_offset = 0;  ///< in bytes, a multiple of 8
    std::uint8_t ttl = 64;
    std::uint8_t protocol = 0;
    std::uint16_t checksum = 0;
    IpAddress source;
    IpAddress destination;
    OptionBytes options;

    [[nodiscard]] static constexpr Ipv4Header from(const Ipv4View& view) noexcept {
        return {view.dscp(),
                view.ecn(),
                view.total_length(),
                view.identification(),
                view.reserved_flag(),
                view.dont_fragment(),
                view.more_fragments(),
                view.fragment_offset(),
                view.ttl(),
                view.protocol(),
                view.checksum(),
                view.source(),
                view.destination(),
                OptionBytes{view.options()}};
    }
    [[nodiscard]] constexpr std::size_t encoded_size() const noexcept {
        return Ipv4View::kMinSize + options.padded_size();
    }
    constexpr void emit(MutableByteSpan out) const noexcept {
        const unsigned fragment = (reserved_flag ? 0x8000u : 0u) | (dont_fragment ? 0x4000u : 0u) |
                                  (more_fragments ? 0x2000u : 0u) | ((fragment_offset / 8) & 0x1fffu);
        for (std::size_t i = 0; i < encoded_size(); ++i)
            out[i] = std::byte{0};
        store_u8(out, Ipv4View::kVersionAt, static_cast<std::uint8_t>(0x40u | encoded_size() / 4));
        store_u8(out, Ipv4View::kTrafficClassAt, static_cast<std::uint8_t>(dscp << 2 | (ecn & 3)));
        store_be16(out, Ipv4View::kTotalLengthAt, total_length);
        store_be16(out, Ipv4View::kIdentificationAt, identification);
        store_be16(out, Ipv4View::kFragmentAt, static_cast<std::uint16_t>(fragment));
        store_u8(out, Ipv4View::kTtlAt, ttl);
        store_u8(out, Ipv4View::kProtocolAt, protocol);
        store_be16(out, Ipv4View::kChecksumAt, checksum);
        for (std::size_t i = 0; i < 4; ++i) {
            store_u8(out, Ipv4View::kSourceAt + i, source.octets[i]);
            store_u8(out, Ipv4View::kDestinationAt + i, destination.octets[i]);
        }
        copy_bytes(options.span(), out.subspan(Ipv4View::kMinSize));
    }
    /// "IP 10.0.0.1 > 10.0.0.2: ttl 64, id 1, DF, proto TCP (6), length 60".
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Ipv4Header&, const Ipv4Header&) = default;
};

}  // namespace synscope::wire
