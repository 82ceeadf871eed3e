#pragma once
// Numbers that an attacker must not guess: initial sequence numbers (RFC 6528), timestamp offsets, fast open
// cookies (RFC 7413 section 4.1.2), SYN cookies. All are SipHash-2-4 (Aumasson and Bernstein, "SipHash: a
// fast short-input PRF", 2012) under keys drawn from the seed. Thread rule: pure functions and values.

#include <array>
#include <cstdint>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"

namespace synscope::sim::tcp {

struct SipKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
    friend bool operator==(const SipKey&, const SipKey&) = default;
};
[[nodiscard]] std::uint64_t siphash(const SipKey& key, ByteSpan bytes) noexcept;
[[nodiscard]] SipKey derive_key(std::uint64_t seed, std::uint64_t purpose) noexcept;
/// One number for a connection and a purpose.
[[nodiscard]] std::uint64_t pair_hash(const SipKey& key, const Endpoint& local, const Endpoint& remote,
                                      std::uint64_t extra) noexcept;
/// RFC 6528 section 3: ISN = M + F(pair, key), M a clock of 4 microseconds... Linux's runs at 64 ns, so does
/// this.
[[nodiscard]] Seq32 initial_sequence(const SipKey& key, Instant now, const Endpoint& local,
                                     const Endpoint& remote) noexcept;
/// The eight bytes of a cookie for a client (RFC 7413), as Linux makes them from its key.
[[nodiscard]] std::array<std::byte, 8> fastopen_cookie(const SipKey& key, const IpAddress& client,
                                                       const IpAddress& server) noexcept;
[[nodiscard]] SipKey fastopen_key(const std::array<std::uint32_t, 4>& words) noexcept;

}  // namespace synscope::sim::tcp
