#pragma once
// Integers in as few bytes as they need: seven bits a byte, low ones first, the top bit says that more follow
// (LEB128); signed ones with their sign in the lowest bit. Thread rule: pure.

#include <cstdint>
#include <optional>

#include "net/base/bytes.hpp"

namespace synscope::pcapng {

inline constexpr std::size_t kMostVarintBytes = 10;
/// Writes at `out`, which must have room for kMostVarintBytes; behind what was written.
[[nodiscard]] inline std::byte* put_varint(std::byte* out, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7)
        *out++ = static_cast<std::byte>(value | 0x80);
    *out++ = static_cast<std::byte>(value);
    return out;
}

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Takes one from the front of `bytes`; nothing when it is cut short or longer than 64 bits.
[[nodiscard]] inline std::optional<std::uint64_t> take_varint(ByteSpan& bytes) noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const std::uint64_t part = load_u8(bytes, 0);
        bytes = bytes.subspan(1);
        if (shift == 63 && part > 1) return std::nullopt;
        value |= (part & 0x7f) << shift;
        if (part < 0x80) return value;
    }
    return std::nullopt;
}

}  // namespace synscope::pcapng
