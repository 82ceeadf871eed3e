#include "sim/tcp/isn.hpp"

#include <cstddef>

namespace synscope::sim::tcp {
namespace {

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    static constexpr std::uint64_t rotated(std::uint64_t x, int by) noexcept {
        return x << by | x >> (64 - by);
    }
    constexpr void round() noexcept {
        v0 += v1;
        v2 += v3;
        v1 = rotated(v1, 13) ^ v0;
        v3 = rotated(v3, 16) ^ v2;
        v0 = rotated(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = rotated(v1, 17) ^ v2;
        v3 = rotated(v3, 21) ^ v0;
        v2 = rotated(v2, 32);
    }
    constexpr void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

void put(std::array<std::byte, 64>& out, std::size_t& size, std::uint64_t value, std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < bytes; ++i)
        out[size++] = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

std::size_t put_address(std::array<std::byte, 64>& out, std::size_t& size,
                        const IpAddress& address) noexcept {
    const std::size_t length = address.family == 6 ? 16 : 4;
    for (std::size_t i = 0; i < length; ++i)
        out[size++] = static_cast<std::byte>(address.octets[i]);
    return length;
}

}  // namespace

std::uint64_t siphash(const SipKey& key, ByteSpan bytes) noexcept {
    SipState s{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL, key.k0 ^ 0x6c7967656e657261ULL,
               key.k1 ^ 0x7465646279746573ULL};
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8)
        s.absorb(load_le64(bytes, at));
    std::uint64_t last = std::uint64_t{bytes.size() & 0xff} << 56;
    for (std::size_t i = 0; at + i < bytes.size(); ++i)
        last |= std::uint64_t{load_u8(bytes, at + i)} << (8 * i);
    s.absorb(last);
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i)
        s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

SipKey derive_key(std::uint64_t seed, std::uint64_t purpose) noexcept {
    const SipKey root{seed, ~seed};
    std::array<std::byte, 9> words{};
    store_le64(words, 0, purpose);
    const std::uint64_t k0 = siphash(root, words);
    words[8] = std::byte{1};
    return {k0, siphash(root, words)};
}

std::uint64_t pair_hash(const SipKey& key, const Endpoint& local, const Endpoint& remote,
                        std::uint64_t extra) noexcept {
    std::array<std::byte, 64> text{};
    std::size_t size = 0;
    put_address(text, size, local.address);
    put_address(text, size, remote.address);
    put(text, size, local.port, 2);
    put(text, size, remote.port, 2);
    put(text, size, extra, 8);
    return siphash(key, ByteSpan{text}.first(size));
}

Seq32 initial_sequence(const SipKey& key, Instant now, const Endpoint& local,
                       const Endpoint& remote) noexcept {
    const auto clock = static_cast<std::uint32_t>(static_cast<std::uint64_t>(now.ns) >> 6);
    return Seq32{static_cast<std::uint32_t>(pair_hash(key, local, remote, 0)) + clock};
}

std::array<std::byte, 8> fastopen_cookie(const SipKey& key, const IpAddress& client,
                                         const IpAddress& server) noexcept {
    std::array<std::byte, 64> text{};
    std::size_t size = 0;
    put_address(text, size, client);
    put_address(text, size, server);
    std::array<std::byte, 8> cookie{};
    store_le64(cookie, 0, siphash(key, ByteSpan{text}.first(size)));
    return cookie;
}

SipKey fastopen_key(const std::array<std::uint32_t, 4>& words) noexcept {
    return {words[0] | std::uint64_t{words[1]} << 32, words[2] | std::uint64_t{words[3]} << 32};
}

}  // namespace synscope::sim::tcp
