#pragma once
// Reading and writing integers in byte buffers, without casts to packed structs.
//
// Every function checks nothing: callers have validated the length (see the views in net/wire). All are
// constexpr, so wire formats are tested at compile time as well. Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>

namespace synscope {

/// Bytes that belong to somebody else; never outlives the store that owns them.
using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;

[[nodiscard]] constexpr std::uint8_t load_u8(ByteSpan bytes, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(bytes[at]);
}
[[nodiscard]] constexpr std::uint16_t load_be16(ByteSpan bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>((load_u8(bytes, at) << 8) | load_u8(bytes, at + 1));
}
[[nodiscard]] constexpr std::uint32_t load_be32(ByteSpan bytes, std::size_t at) noexcept {
    return (std::uint32_t{load_be16(bytes, at)} << 16) | load_be16(bytes, at + 2);
}
[[nodiscard]] constexpr std::uint64_t load_be64(ByteSpan bytes, std::size_t at) noexcept {
    return (std::uint64_t{load_be32(bytes, at)} << 32) | load_be32(bytes, at + 4);
}
[[nodiscard]] constexpr std::uint16_t load_le16(ByteSpan bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(load_u8(bytes, at) | (load_u8(bytes, at + 1) << 8));
}
[[nodiscard]] constexpr std::uint32_t load_le32(ByteSpan bytes, std::size_t at) noexcept {
    return load_le16(bytes, at) | (std::uint32_t{load_le16(bytes, at + 2)} << 16);
}
[[nodiscard]] constexpr std::uint64_t load_le64(ByteSpan bytes, std::size_t at) noexcept {
    return load_le32(bytes, at) | (std::uint64_t{load_le32(bytes, at + 4)} << 32);
}

constexpr void store_u8(MutableByteSpan bytes, std::size_t at, std::uint8_t value) noexcept {
    bytes[at] = static_cast<std::byte>(value);
}
constexpr void store_be16(MutableByteSpan bytes, std::size_t at, std::uint16_t value) noexcept {
    store_u8(bytes, at, static_cast<std::uint8_t>(value >> 8));
    store_u8(bytes, at + 1, static_cast<std::uint8_t>(value & 0xff));
}
constexpr void store_be32(MutableByteSpan bytes, std::size_t at, std::uint32_t value) noexcept {
    store_be16(bytes, at, static_cast<std::uint16_t>(value >> 16));
    store_be16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}
constexpr void store_le16(MutableByteSpan bytes, std::size_t at, std::uint16_t value) noexcept {
    store_u8(bytes, at, static_cast<std::uint8_t>(value & 0xff));
    store_u8(bytes, at + 1, static_cast<std::uint8_t>(value >> 8));
}
constexpr void store_le32(MutableByteSpan bytes, std::size_t at, std::uint32_t value) noexcept {
    store_le16(bytes, at, static_cast<std::uint16_t>(value & 0xffff));
    store_le16(bytes, at + 2, static_cast<std::uint16_t>(value >> 16));
}
constexpr void store_le64(MutableByteSpan bytes, std::size_t at, std::uint64_t value) noexcept {
    store_le32(bytes, at, static_cast<std::uint32_t>(value & 0xffffffff));
    store_le32(bytes, at + 4, static_cast<std::uint32_t>(value >> 32));
}

/// Half-open range of offsets, [begin, end). In a direction of a connection, offset 0 is the first byte after
/// SYN.
struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return end - begin; }
    [[nodiscard]] constexpr bool empty() const noexcept { return begin == end; }
    [[nodiscard]] constexpr bool contains(std::uint64_t offset) const noexcept {
        return begin <= offset && offset < end;
    }
    [[nodiscard]] constexpr bool overlaps(ByteRange other) const noexcept {
        return begin < other.end && other.begin < end;
    }
    [[nodiscard]] constexpr ByteRange intersection(ByteRange other) const noexcept {
        const std::uint64_t first = begin > other.begin ? begin : other.begin;
        const std::uint64_t last = end < other.end ? end : other.end;
        return first < last ? ByteRange{first, last} : ByteRange{first, first};
    }
    friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

}  // namespace synscope
