#pragma once
// An 802.1Q tag (IEEE 802.1Q section 9.6), as it follows a tag's EtherType. Contract of the types:
// header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

/// More tags than this in a row are taken for nonsense: a frame has at most two in practice.
inline constexpr std::size_t kMaxVlanTags = 8;

class VlanView {
  public:
    static constexpr std::size_t kSize = 4;
    static constexpr std::size_t kTagAt = 0;
    static constexpr std::size_t kTypeAt = 2;

    [[nodiscard]] static constexpr Parsed<VlanView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return VlanView{bytes};
    }
    [[nodiscard]] constexpr std::uint8_t priority() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, kTagAt) >> 5);
    }
    [[nodiscard]] constexpr bool drop_eligible() const noexcept {
        return (load_u8(bytes_, kTagAt) & 0x10) != 0;
    }
    [[nodiscard]] constexpr std::uint16_t vlan() const noexcept { return load_be16(bytes_, kTagAt) & 0x0fff; }
    /// EtherType of what follows.
    [[nodiscard]] constexpr std::uint16_t type() const noexcept { return load_be16(bytes_, kTypeAt); }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit VlanView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct VlanHeader {
    std::uint8_t priority = 0;  ///< 0 to 7
    bool drop_eligible = false;
    std::uint16_t vlan = 0;  ///< 0 to 4095
    std::uint16_t type = 0;

    [[nodiscard]] static constexpr VlanHeader from(const VlanView& view) noexcept {
        return {view.priority(), view.drop_eligible(), view.vlan(), view.type()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return VlanView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        const unsigned tag = (priority & 7u) << 13 | (drop_eligible ? 0x1000u : 0u) | (vlan & 0x0fffu);
        store_be16(out, VlanView::kTagAt, static_cast<std::uint16_t>(tag));
        store_be16(out, VlanView::kTypeAt, type);
    }
    /// "vlan 5, p 3, DEI".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const VlanHeader&, const VlanHeader&) = default;
};

}  // namespace synscope::wire
