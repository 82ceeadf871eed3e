#pragma once
// Integers in as few bytes as they need: seven bits a byte, low ones first, the top bit says that more follow
// (LEB128); signed ones with their sign in the lowest bit. Thread rule: pure.

#include <bit>
#include <cstdint>
#include <optional>

#include "net/base/bytes.hpp"

namespace synscope::pcapng {

inline constexpr std::size_t kMostVarintBytes = 10;
/// The low 56 bits, seven to a byte.
[[nodiscard]] constexpr std::uint64_t spread_by_sevens(std::uint64_t value) noexcept {
    value = (value & 0x00fffffff0000000) << 4 | (value & 0x000000000fffffff);
    value = (value & 0x0fffc0000fffc000) << 2 | (value & 0x00003fff00003fff);
    return (value & 0x3f803f803f803f80) << 1 | (value & 0x007f007f007f007f);
}
/// Writes at `out`, which must have room for kMostVarintBytes; behind what was written. Without a loop: how
/// long numbers are cannot be foretold, and a watched server writes millions of them a second.
[[nodiscard]] inline std::byte* put_varint(std::byte* out, std::uint64_t value) noexcept {
    constexpr std::uint64_t kMore = 0x8080808080808080;
    if (value < 0x80) {
        *out = static_cast<std::byte>(value);
        return out + 1;
    }
    const MutableByteSpan eight{out, 8};
    if (value >> 56 == 0) {
        const auto bytes = static_cast<unsigned>(std::bit_width(value) + 6) / 7;
        store_le64(eight, 0, spread_by_sevens(value) | (kMore >> (8 * (9 - bytes))));
        return out + bytes;
    }
    store_le64(eight, 0, spread_by_sevens(value) | kMore);
    const std::uint64_t rest = value >> 56;
    out[8] = static_cast<std::byte>(rest < 0x80 ? rest : rest | 0x80);
    out[9] = std::byte{1};  // the 64th bit, if it is one
    return out + (rest < 0x80 ? 9 : 10);
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
