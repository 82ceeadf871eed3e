#pragma once
// The Internet checksum (RFC 1071) and the pseudo headers that TCP, UDP and ICMPv6 put in front of it (RFC
// 9293 section 3.1, RFC 768, RFC 8200 section 8.1). Thread rule: pure functions.

#include <cstdint>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"

namespace synscope::wire {

/// Sum of 16-bit big-endian words, an odd last byte taken as the high half. Sums of pieces add up when every
/// piece but the last has even length.
[[nodiscard]] constexpr std::uint64_t internet_sum(ByteSpan bytes, std::uint64_t sum = 0) noexcept {
    std::size_t at = 0;
    for (; at + 1 < bytes.size(); at += 2)
        sum += load_be16(bytes, at);
    if (at < bytes.size()) sum += static_cast<std::uint64_t>(load_u8(bytes, at)) << 8;
    return sum;
}
/// Ones' complement: carries are added back in.
[[nodiscard]] constexpr std::uint16_t fold_sum(std::uint64_t sum) noexcept {
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}
/// The checksum to store, of bytes whose checksum field is 0. Over bytes that hold their right checksum it is
/// 0.
[[nodiscard]] constexpr std::uint16_t internet_checksum(ByteSpan bytes, std::uint64_t sum = 0) noexcept {
    return static_cast<std::uint16_t>(~fold_sum(internet_sum(bytes, sum)));
}

/// Sum of the pseudo header; both addresses of one family.
[[nodiscard]] constexpr std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                                        std::uint8_t protocol,
                                                        std::uint32_t length) noexcept {
    std::uint64_t sum = protocol + (length >> 16) + (length & 0xffff);
    // IPv4 leaves the other twelve octets 0, which add nothing.
    for (std::size_t i = 0; i < 16; i += 2) {
        sum += static_cast<std::uint64_t>(source.octets[i] << 8 | source.octets[i + 1]);
        sum += static_cast<std::uint64_t>(destination.octets[i] << 8 | destination.octets[i + 1]);
    }
    return sum;
}
/// Of a whole TCP or UDP segment (or ICMPv6 message), header and payload. A UDP sender stores 0xffff for 0.
[[nodiscard]] constexpr std::uint16_t transport_checksum(const IpAddress& source,
                                                         const IpAddress& destination, std::uint8_t protocol,
                                                         ByteSpan segment) noexcept {
    return internet_checksum(segment, pseudo_header_sum(source, destination, protocol,
                                                        static_cast<std::uint32_t>(segment.size())));
}

enum class ChecksumVerdict : std::uint8_t {
    Correct,
    Wrong,
    /// It holds what a kernel leaves for the network card to complete: the pseudo header's sum, or nothing.
    Offloaded,
};
/// Judges the checksum field at `field_at` of a whole segment. Do not ask for a UDP datagram whose field is 0
/// over IPv4 (the sender computed none), nor for one that was cut by the capture.
[[nodiscard]] ChecksumVerdict judge_transport_checksum(const IpAddress& source, const IpAddress& destination,
                                                       std::uint8_t protocol, ByteSpan segment,
                                                       std::size_t field_at) noexcept;

}  // namespace synscope::wire
