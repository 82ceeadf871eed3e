#pragma once
// Ethernet inside UDP: VXLAN (RFC 7348 section 5) and Geneve (RFC 8926 section 3.4). Contract of the views:
// header.hpp. Thread rule: values.

#include "net/wire/header.hpp"

namespace synscope::wire {

/// Teredo, IPv6 inside UDP (RFC 4380).
inline constexpr std::uint16_t kTeredoPort = 3544;
/// Of the authentication and origin indications before the IPv6 header (RFC 4380 section 5.1.1), 0 without
/// any; more than there are bytes when they are cut short.
[[nodiscard]] constexpr std::size_t teredo_header_size(ByteSpan bytes) noexcept {
    std::size_t at = 0;
    if (bytes.size() >= 4 && load_be16(bytes, 0) == 1)
        at = std::size_t{13} + load_u8(bytes, 2) + load_u8(bytes, 3);
    if (bytes.size() >= at + 2 && load_be16(bytes, at) == 0) at += 8;
    return at;
}

class VxlanView {
  public:
    static constexpr std::size_t kSize = 8;
    static constexpr std::uint16_t kPort = 4789;

    [[nodiscard]] static constexpr Parsed<VxlanView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return VxlanView{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t flags() const noexcept { return load_be16(bytes_, 0); }
    /// The I flag: without it the network's number means nothing.
    [[nodiscard]] constexpr bool valid() const noexcept { return (flags() & 0x0800) != 0; }
    [[nodiscard]] constexpr std::uint32_t vni() const noexcept { return load_be32(bytes_, 4) >> 8; }

  private:
    constexpr explicit VxlanView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

class GeneveView {
  public:
    static constexpr std::size_t kMinSize = 8;
    static constexpr std::size_t kTypeAt = 2;
    static constexpr std::uint16_t kPort = 6081;

    [[nodiscard]] static constexpr Parsed<GeneveView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kMinSize) return failure(HeaderError::Truncated);
        const GeneveView view{bytes};
        if (load_u8(bytes, 0) >> 6 != 0) return failure(HeaderError::WrongVersion);
        if (view.size() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    /// EtherType of what is inside.
    [[nodiscard]] constexpr std::uint16_t type() const noexcept { return load_be16(bytes_, kTypeAt); }
    [[nodiscard]] constexpr std::uint32_t vni() const noexcept { return load_be32(bytes_, 4) >> 8; }
    /// Options included.
    [[nodiscard]] constexpr std::size_t size() const noexcept {
        return kMinSize + (load_u8(bytes_, 0) & 0x3fu) * std::size_t{4};
    }

  private:
    constexpr explicit GeneveView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

}  // namespace synscope::wire
