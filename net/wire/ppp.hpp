#pragma once
// PPP (RFC 1661 section 2; framing bytes of RFC 1662), as LINKTYPE_PPP carries it: with or without address
// and control bytes, the protocol number in two bytes or, compressed (RFC 1661 section 6.5), in one. Thread
// rule: values.

#include "net/wire/header.hpp"

namespace synscope::wire {

class PppView {
  public:
    static constexpr std::uint16_t kIpv4 = 0x0021;
    static constexpr std::uint16_t kIpv6 = 0x0057;
    static constexpr std::uint16_t kMpls = 0x0281;
    static constexpr std::uint16_t kMplsMulticast = 0x0283;

    [[nodiscard]] static constexpr Parsed<PppView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < 2) return failure(HeaderError::Truncated);
        const PppView view{bytes};
        // The byte at protocol_at() says whether another one follows.
        if (view.protocol_at() >= bytes.size() || view.size() > bytes.size())
            return failure(HeaderError::Truncated);
        return view;
    }
    [[nodiscard]] constexpr bool has_address() const noexcept { return load_be16(bytes_, 0) == 0xff03; }
    [[nodiscard]] constexpr std::size_t protocol_at() const noexcept { return has_address() ? 2 : 0; }
    /// The low bit is set in the last byte of a protocol number only.
    [[nodiscard]] constexpr std::size_t protocol_size() const noexcept {
        return (load_u8(bytes_, protocol_at()) & 1) != 0 ? 1 : 2;
    }
    [[nodiscard]] constexpr std::uint16_t protocol() const noexcept {
        return protocol_size() == 1 ? load_u8(bytes_, protocol_at()) : load_be16(bytes_, protocol_at());
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return protocol_at() + protocol_size(); }
    /// 4, 6, or 0 for other protocols.
    [[nodiscard]] constexpr std::uint8_t ip_version() const noexcept {
        return protocol() == kIpv4   ? std::uint8_t{4}
               : protocol() == kIpv6 ? std::uint8_t{6}
                                     : std::uint8_t{0};
    }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(size()); }

  private:
    constexpr explicit PppView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

}  // namespace synscope::wire
