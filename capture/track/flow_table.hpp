#pragma once
// Which connection a segment belongs to: an open-addressing table from addresses and ports, packed and in one
// order, to a number. Linear probing, at most half full; nothing is ever removed. Thread rule: one thread.

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/hash.hpp"

namespace synscope::track {

/// Both ends of a conversation as plain words, the lower one first, so that both directions give the same.
struct PackedFlow {
    std::array<std::uint64_t, 2> low{};
    std::array<std::uint64_t, 2> high{};
    std::uint32_t ports = 0;   ///< of the low end in the upper half
    std::uint32_t family = 0;  ///< of the low end in the upper half
    /// Word by word: compilers make a call of a comparison of arrays.
    friend bool operator==(const PackedFlow& a, const PackedFlow& b) noexcept {
        return ((a.low[0] ^ b.low[0]) | (a.low[1] ^ b.low[1]) | (a.high[0] ^ b.high[0]) |
                (a.high[1] ^ b.high[1]) | (a.ports ^ b.ports) | (a.family ^ b.family)) == 0;
    }

    [[nodiscard]] Endpoint low_end() const noexcept { return unpacked(low, ports >> 16, family >> 16); }
    [[nodiscard]] Endpoint high_end() const noexcept { return unpacked(high, ports, family); }
    [[nodiscard]] std::uint32_t hash() const noexcept {
        const std::uint64_t ends = (low[0] * 0x9e3779b97f4a7c15ULL) ^ (high[0] * 0xc2b2ae3d27d4eb4fULL) ^
                                   ((low[1] ^ (high[1] << 1)) * 0x165667b19e3779f9ULL);
        const std::uint64_t mixed = hash_mix(ends ^ (std::uint64_t{ports} << 32 | family));
        return static_cast<std::uint32_t>(mixed ^ (mixed >> 32));
    }

  private:
    static Endpoint unpacked(const std::array<std::uint64_t, 2>& words, std::uint32_t port,
                             std::uint32_t family) noexcept {
        Endpoint end;
        end.address.family = static_cast<std::uint8_t>(family);
        std::memcpy(end.address.octets.data(), words.data(), sizeof(words));
        end.port = static_cast<std::uint16_t>(port);
        return end;
    }
};

/// A flow and on which end of it a segment was sent.
struct OrientedFlow {
    PackedFlow flow;
    bool from_high = false;  ///< a segment from an endpoint to itself is from the low end
    [[nodiscard]] static OrientedFlow of(const Endpoint& source, const Endpoint& destination) noexcept;
};

class FlowTable {
  public:
    FlowTable();

    /// Asks the memory for the place where `hash` will be looked for.
    [[gnu::always_inline]] void prefetch(std::uint32_t hash) const noexcept {
        __builtin_prefetch(&slots_[hash & mask_]);
    }

    /// The number stored under `hash` for which `is_it` holds: hashes alone do not tell flows apart.
    template <class IsIt>
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, IsIt is_it) const {
        for (std::size_t at = hash & mask_; slots_[at].number != kEmpty; at = (at + 1) & mask_)
            if (slots_[at].hash == hash && is_it(slots_[at].number)) return slots_[at].number;
        return std::nullopt;
    }
    /// A first guess that costs no comparison of flows: for prefetching only.
    [[nodiscard]] std::optional<std::uint32_t> likely(std::uint32_t hash) const noexcept {
        return find(hash, [](std::uint32_t) { return true; });
    }
    void insert(std::uint32_t hash, std::uint32_t number);
    /// `number`, stored under `hash`, becomes `newer`.
    void replace(std::uint32_t hash, std::uint32_t number, std::uint32_t newer) noexcept;

  private:
    static constexpr std::uint32_t kEmpty = 0xffffffff;
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = kEmpty;
    };
    void grow();

    std::vector<Slot> slots_;
    std::size_t mask_;
    std::size_t used_ = 0;
};

}  // namespace synscope::track
