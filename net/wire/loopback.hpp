#pragma once
// The 4-byte header of BSD loopback captures: LINKTYPE_NULL (byte order of whoever wrote the file) and
// LINKTYPE_LOOP (network order). Contract of the types: header.hpp. Thread rule: values.

#include <optional>
#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

class LoopbackView {
  public:
    static constexpr std::size_t kSize = 4;

    [[nodiscard]] static constexpr Parsed<LoopbackView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return LoopbackView{bytes};
    }
    /// The address family. All known ones fit in 16 bits, so the half that holds the number tells the byte
    /// order.
    [[nodiscard]] constexpr std::uint32_t family() const noexcept {
        return big_endian() ? load_be32(bytes_, 0) : load_le32(bytes_, 0);
    }
    [[nodiscard]] constexpr bool big_endian() const noexcept { return (load_le32(bytes_, 0) >> 16) != 0; }
    /// 4 or 6 by the family number; AF_INET6 differs between systems. Nothing for other families.
    [[nodiscard]] constexpr std::optional<std::uint8_t> ip_version() const noexcept {
        switch (family()) {
            case 2:
                return std::uint8_t{4};
            case 10:  // Linux
            case 23:  // Windows
            case 24:  // NetBSD, OpenBSD
            case 28:  // FreeBSD
            case 30:  // macOS
                return std::uint8_t{6};
            default:
                return std::nullopt;
        }
    }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit LoopbackView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct LoopbackHeader {
    std::uint32_t family = 2;
    bool big_endian = true;

    [[nodiscard]] static constexpr LoopbackHeader from(const LoopbackView& view) noexcept {
        return {view.family(), view.big_endian()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return LoopbackView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        if (big_endian)
            store_be32(out, 0, family);
        else
            store_le32(out, 0, family);
    }
    /// "AF IPv4 (2)".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const LoopbackHeader&, const LoopbackHeader&) = default;
};

}  // namespace synscope::wire
