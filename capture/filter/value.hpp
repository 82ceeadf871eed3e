#pragma once
// The kinds of values a filter compares, and the values. Thread rule: values and pure functions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/bytes.hpp"

namespace synscope::filter {

enum class Kind : std::uint8_t {
    Label,     ///< is there or not; has no value
    Protocol,  ///< a layer: its bytes
    Boolean,
    Unsigned,
    Signed,
    Time,  ///< a duration, or seconds since the Unix epoch; in nanoseconds
    Ipv4,
    Ipv6,
    Mac,
    Bytes,
    Text,
};
/// "an unsigned number".
[[nodiscard]] std::string_view name(Kind kind) noexcept;
[[nodiscard]] constexpr bool is_number(Kind kind) noexcept {
    return kind == Kind::Unsigned || kind == Kind::Signed;
}
/// Kinds that are compared, searched and sliced as bytes.
[[nodiscard]] constexpr bool is_bytes(Kind kind) noexcept {
    return kind == Kind::Protocol || kind == Kind::Mac || kind == Kind::Bytes;
}
[[nodiscard]] constexpr bool is_address(Kind kind) noexcept {
    return kind == Kind::Ipv4 || kind == Kind::Ipv6;
}
/// Whether values of the two may stand on both sides of a comparison.
[[nodiscard]] bool comparable(Kind a, Kind b) noexcept;

struct Value {
    Kind kind = Kind::Label;
    std::uint8_t prefix = 128;  ///< addresses: how many bits count
    std::uint64_t number = 0;   ///< Boolean, Unsigned; Signed and Time as two's complement
    std::string bytes;          ///< addresses and MAC addresses in network order, Bytes, Protocol, Text
    /// Protocol: the layer's own size; `bytes` goes on to the packet's end, as searches do.
    std::size_t own_size = 0;

    [[nodiscard]] static Value of_number(Kind kind, std::uint64_t number);
    [[nodiscard]] static Value of_signed(Kind kind, std::int64_t number);
    [[nodiscard]] static Value of_bytes(Kind kind, std::string bytes);
    [[nodiscard]] static Value of_span(Kind kind, ByteSpan bytes);
};

/// Below 0, 0 or above 0, for kinds that are comparable. Addresses by the bits that count on both sides.
[[nodiscard]] int compare(const Value& a, const Value& b) noexcept;
/// The bits both have: numbers, addresses, bytes (as many as the shorter one has).
[[nodiscard]] Value masked(const Value& value, const Value& mask);
/// Whether any bit is set.
[[nodiscard]] bool any_bit(const Value& value) noexcept;

/// Part of a slice: `[offset:length]`, `[first-last]`, `[offset]`, `[offset:]`. A negative offset counts from
/// the end.
struct SliceRange {
    std::int64_t begin = 0;
    std::optional<std::uint64_t> length;  ///< nothing: to the end
    std::optional<std::int64_t> last;     ///< for first-last, inclusive; may be negative too
};

}  // namespace synscope::filter
