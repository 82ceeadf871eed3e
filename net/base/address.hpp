#pragma once
// Internet addresses and the endpoints of a conversation, as values. Text forms follow RFC 5952 for IPv6.
// Thread rule: values; the text functions are pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/bytes.hpp"

namespace synscope {

/// An IPv4 or IPv6 address, or none (family 0).
struct IpAddress {
    std::uint8_t family = 0;                ///< 4, 6, or 0 for none
    std::array<std::uint8_t, 16> octets{};  ///< network order; IPv4 uses the first four, the rest stay 0

    [[nodiscard]] static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
        IpAddress a;
        a.family = 4;
        for (std::size_t i = 0; i < 4; ++i)
            a.octets[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
        return a;
    }
    /// `bytes` holds 4 or 16 octets; any other length gives no address.
    [[nodiscard]] static IpAddress from_bytes(ByteSpan bytes) noexcept;
    /// Dotted quad or RFC 4291 text form; nothing when it is neither.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};
/// Total order (family, then octets), for keys of a normalised flow.
[[nodiscard]] bool address_less(const IpAddress& a, const IpAddress& b) noexcept;

/// An address with a TCP or UDP port.
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    /// "127.0.0.1:80" or "[::1]:80".
    [[nodiscard]] std::string text() const;
    /// The reverse of text().
    [[nodiscard]] static std::optional<Endpoint> parse(std::string_view text);
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace synscope
