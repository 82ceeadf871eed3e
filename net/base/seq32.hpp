#pragma once
// TCP sequence numbers (RFC 9293 section 3.4): modulo 2^32, so "less than" is not an order.
//
// Seq32 has no operator< on purpose: sorting sequence numbers across the wrap is a bug that cannot be written
// here. Reassembly, tracking and pictures use 64-bit stream offsets made by unwrap(). Thread rule: values.

#include <cstdint>

namespace synscope {

class Seq32 {
  public:
    constexpr Seq32() = default;
    constexpr explicit Seq32(std::uint32_t raw) noexcept : raw_(raw) {}

    [[nodiscard]] constexpr std::uint32_t raw() const noexcept { return raw_; }

    friend constexpr bool operator==(Seq32, Seq32) = default;
    friend constexpr Seq32 operator+(Seq32 s, std::uint32_t n) noexcept { return Seq32{s.raw_ + n}; }
    friend constexpr Seq32 operator-(Seq32 s, std::uint32_t n) noexcept { return Seq32{s.raw_ - n}; }

    /// How far `to` lies after `from`; negative when before. Exact for distances below 2^31.
    [[nodiscard]] static constexpr std::int32_t distance(Seq32 from, Seq32 to) noexcept {
        return static_cast<std::int32_t>(to.raw_ - from.raw_);
    }
    [[nodiscard]] static constexpr bool before(Seq32 a, Seq32 b) noexcept { return distance(b, a) < 0; }
    [[nodiscard]] static constexpr bool after(Seq32 a, Seq32 b) noexcept { return distance(b, a) > 0; }
    /// Whether x is one of the `length` numbers that start at `first`.
    [[nodiscard]] static constexpr bool in_window(Seq32 x, Seq32 first, std::uint32_t length) noexcept {
        return x.raw_ - first.raw_ < length;
    }
    /// The 64-bit offset from `zero` that has this sequence number and lies nearest to `checkpoint`.
    /// Negative when it lies before `zero` (a keep-alive, or an old duplicate).
    [[nodiscard]] static constexpr std::int64_t unwrap(Seq32 seq, Seq32 zero,
                                                       std::int64_t checkpoint) noexcept {
        const auto near = zero + static_cast<std::uint32_t>(static_cast<std::uint64_t>(checkpoint));
        return checkpoint + distance(near, seq);
    }

  private:
    std::uint32_t raw_ = 0;
};

}  // namespace synscope
