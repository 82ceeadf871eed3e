#pragma once
// SHA-256 (FIPS 180-4): the digest that names a file's content, fed in pieces of any size.
//
//   Sha256 sum;
//   sum.update(bytes);
//   const std::string text = hex_text(sum.finish());
//
// Thread rule: values.

#include <array>
#include <cstdint>
#include <string>

#include "net/base/bytes.hpp"

namespace synscope {

class Sha256 {
  public:
    using Digest = std::array<std::byte, 32>;

    void update(ByteSpan bytes) noexcept;
    /// What was fed so far; the object is of no use after that.
    [[nodiscard]] Digest finish() noexcept;

  private:
    static constexpr std::size_t kBlock = 64;
    void take(const std::byte* block) noexcept;

    // The first 32 bits of the fractional parts of the square roots of the first eight primes
    // (section 5.3.3).
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, kBlock> rest_{};
    std::size_t rest_size_ = 0;
    std::uint64_t bytes_ = 0;
};

/// 64 digits, lower case, as sha256sum prints it.
[[nodiscard]] std::string hex_text(const Sha256::Digest& digest);

}  // namespace synscope
