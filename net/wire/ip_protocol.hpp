#pragma once
// Protocol numbers of the IP headers (IANA "Protocol Numbers"). Thread rule: values.

#include <cstdint>
#include <string_view>

namespace synscope::wire::ip_protocol {

inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kIgmp = 2;
inline constexpr std::uint8_t kIpv4 = 4;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIpv6 = 41;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kGre = 47;
inline constexpr std::uint8_t kEsp = 50;
inline constexpr std::uint8_t kAuthentication = 51;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kNoNextHeader = 59;
inline constexpr std::uint8_t kDestinationOptions = 60;
inline constexpr std::uint8_t kEtherIp = 97;    ///< RFC 3378
inline constexpr std::uint8_t kMplsInIp = 137;  ///< RFC 4023
inline constexpr std::uint8_t kMobility = 135;
inline constexpr std::uint8_t kSctp = 132;

/// The IPv6 extension headers that are passed over on the way to the transport header (RFC 8200 section 4).
[[nodiscard]] constexpr bool is_ipv6_extension(std::uint8_t number) noexcept {
    return number == kHopByHop || number == kRouting || number == kFragment || number == kAuthentication ||
           number == kDestinationOptions || number == kMobility;
}
/// A chain longer than this is taken for nonsense.
inline constexpr int kMaxExtensions = 16;

/// "TCP", "ICMP", ...; empty for one that is not known.
[[nodiscard]] std::string_view name(std::uint8_t number) noexcept;

}  // namespace synscope::wire::ip_protocol
