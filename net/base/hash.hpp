#pragma once
// A small hash for keys in hash maps (not for security): 64-bit FNV-1a over bytes, and a mixer for integers.
// Thread rule: pure.

#include <cstdint>

#include "net/base/bytes.hpp"

namespace synscope {

[[nodiscard]] constexpr std::uint64_t hash_bytes(ByteSpan bytes,
                                                 std::uint64_t seed = 0xcbf29ce484222325ULL) noexcept {
    for (const std::byte b : bytes)
        seed = (seed ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3ULL;
    return seed;
}

[[nodiscard]] constexpr std::uint64_t hash_mix(std::uint64_t x) noexcept {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    return x;
}

}  // namespace synscope
