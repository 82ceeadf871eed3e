#include "net/base/sha256.hpp"

#include <algorithm>
#include <bit>

#include "net/base/text.hpp"

namespace synscope {

namespace {

// Section 4.2.2: of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRound{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// Section 6.2.2, step 1: the sixteen words of a block made 64.
std::array<std::uint32_t, 64> schedule(const std::byte* block) noexcept {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = load_be32({block, 64}, 4 * i);
    for (std::size_t i = 16; i < w.size(); ++i) {
        const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    return w;
}

}  // namespace

void Sha256::take(const std::byte* block) noexcept {
    const auto w = schedule(block);
    auto [a, b, c, d, e, f, g, h] = state_;
    for (std::size_t i = 0; i < w.size(); ++i) {
        const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
        const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> worked{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state_.size(); ++i)
        state_[i] += worked[i];
}

void Sha256::update(ByteSpan bytes) noexcept {
    bytes_ += bytes.size();
    while (!bytes.empty()) {
        if (rest_size_ == 0 && bytes.size() >= kBlock) {
            take(bytes.data());
            bytes = bytes.subspan(kBlock);
            continue;
        }
        const std::size_t n = std::min(bytes.size(), kBlock - rest_size_);
        std::copy_n(bytes.begin(), n, rest_.begin() + static_cast<std::ptrdiff_t>(rest_size_));
        bytes = bytes.subspan(n);
        rest_size_ += n;
        if (rest_size_ < kBlock) return;
        take(rest_.data());
        rest_size_ = 0;
    }
}

Sha256::Digest Sha256::finish() noexcept {
    // Section 5.1.1: one bit, zeros, and the length in bits at the end of a block.
    std::array<std::byte, 2 * kBlock> padding{std::byte{0x80}};
    const std::size_t zeros = rest_size_ < kBlock - 8 ? kBlock - 8 - rest_size_ : 2 * kBlock - 8 - rest_size_;
    store_be32(padding, zeros, static_cast<std::uint32_t>(bytes_ >> 29));
    store_be32(padding, zeros + 4, static_cast<std::uint32_t>(bytes_ << 3));
    update(ByteSpan{padding}.first(zeros + 8));
    Digest digest{};
    for (std::size_t i = 0; i < state_.size(); ++i)
        store_be32(digest, 4 * i, state_[i]);
    return digest;
}

std::string hex_text(const Sha256::Digest& digest) {
    std::string text;
    for (const std::byte b : digest)
        append(text, Hex{std::to_integer<std::uint64_t>(b), 2});
    return text;
}

}  // namespace synscope
