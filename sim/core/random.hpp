#pragma once
// Chance that can be repeated: one stream of numbers per decision, all drawn from the scenario's seed.
//
//   Random loss{seed, "link client>server loss"};
//   if (loss.chance(0.01)) ...
//
// A stream of its own for each decision means that one more draw in one place changes nothing anywhere else.
// The generator is xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
// 2021), its state filled by splitmix64 (Steele, Lea and Flood, 2014) from the seed and the stream's name.
// Only integer arithmetic and exactly rounded floating point: the same numbers on every platform. Not for
// secrets. Thread rule: values.

#include <array>
#include <cstdint>
#include <string_view>

#include "net/base/instant.hpp"

namespace synscope::sim {

/// The output function of splitmix64: a bijection of 64 bits.
[[nodiscard]] constexpr std::uint64_t splitmix64_mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}
/// The next number of the splitmix64 sequence whose state this is.
constexpr std::uint64_t splitmix64_next(std::uint64_t& state) noexcept {
    state += 0x9e3779b97f4a7c15ULL;
    return splitmix64_mix(state);
}

class Random {
  public:
    constexpr explicit Random(std::uint64_t seed) noexcept {
        for (std::uint64_t& word : state_)
            word = splitmix64_next(seed);
    }
    /// The stream of this name: other names under the same seed give streams that have nothing to do with it.
    constexpr Random(std::uint64_t seed, std::string_view name) noexcept
        : Random(splitmix64_mix(seed) ^ name_hash(name)) {}

    /// Not all zero. For comparison with published numbers.
    constexpr explicit Random(const std::array<std::uint64_t, 4>& state) noexcept : state_(state) {}

    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        const std::uint64_t result = rotated(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotated(state_[3], 45);
        return result;
    }
    /// 0 to `count` - 1, each as likely as any other; `count` is not 0.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t count) noexcept {
        // Of as few of the high bits as hold the range: on average less than two draws.
        int spare = 0;
        while (spare < 63 && ((count - 1) << spare >> 63) == 0)
            ++spare;
        for (;;)
            if (const std::uint64_t drawn = next() >> spare; drawn < count) return drawn;
    }
    /// In [0, 1): a multiple of 2^-53.
    [[nodiscard]] constexpr double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    /// True with probability `p`; draws nothing where the answer is certain.
    [[nodiscard]] constexpr bool chance(double p) noexcept {
        if (p <= 0) return false;
        return p >= 1 || unit() < p;
    }
    /// From 0 to `most`, both included.
    [[nodiscard]] constexpr Duration up_to(Duration most) noexcept {
        if (most.ns <= 0) return {};
        return {static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most.ns) + 1))};
    }
    /// Exponentially distributed with mean 1, by von Neumann's comparison of uniform numbers ("Various
    /// techniques used in connection with random digits", 1951): no logarithm, whose last bit differs between
    /// libraries.
    [[nodiscard]] constexpr double exponential() noexcept {
        for (double whole = 0;; whole += 1) {
            const double first = unit();
            double last = first;
            bool odd = true;  // length of the falling run so far
            for (double drawn = unit(); drawn < last; drawn = unit()) {
                last = drawn;
                odd = !odd;
            }
            if (odd) return whole + first;
        }
    }
    [[nodiscard]] constexpr Duration exponential(Duration mean) noexcept {
        return {static_cast<std::int64_t>(static_cast<double>(mean.ns) * exponential())};
    }

  private:
    [[nodiscard]] static constexpr std::uint64_t rotated(std::uint64_t x, int by) noexcept {
        return x << by | x >> (64 - by);
    }
    [[nodiscard]] static constexpr std::uint64_t name_hash(std::string_view name) noexcept {
        std::uint64_t hash = 0xcbf29ce484222325ULL;
        for (const char c : name)
            hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
        return splitmix64_mix(hash);
    }

    std::array<std::uint64_t, 4> state_{};
};

}  // namespace synscope::sim
