#pragma once
// Framings by description: a length at a fixed place of a header, or a delimiter behind each message. As
// text, which stands wherever a framing's name may: "length:size=2,endian=big", "delimiter:0d0a". Thread
// rule: values and pure functions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace synscope::framing {

/// A header of fixed size with the length in it, then the body. When encoding, the header's other bytes are
/// 0.
struct LengthField {
    std::uint32_t offset = 0;  ///< of the length, in the header
    std::uint32_t size = 4;    ///< bytes of the length: 1, 2, 3, 4 or 8
    std::uint32_t header = 4;  ///< bytes of the header: at least offset + size
    bool big_endian = false;
    bool is_signed = false;
    bool includes_header = false;  ///< the length counts the header too
    friend bool operator==(const LengthField&, const LengthField&) = default;
};

/// Bytes that stand behind every message and nowhere in one.
struct Delimiter {
    static constexpr std::size_t kLongest = 16;
    std::array<std::byte, kLongest> bytes{};
    std::size_t size = 0;  ///< of them, at least 1
    bool drop_cr = false;  ///< a carriage return before it belongs to it

    [[nodiscard]] std::span<const std::byte> view() const noexcept { return std::span{bytes}.first(size); }
};

using Declaration = std::variant<LengthField, Delimiter>;
inline constexpr std::uint32_t kMostHeader = 1024;

/// "length:" and any of offset=N, size=N, header=N, endian=big|little, signed, includes_header; or
/// "delimiter:" and the bytes in hexadecimal, and drop_cr; parts are separated by commas. Nothing when it is
/// neither, or describes what cannot be.
[[nodiscard]] std::optional<Declaration> parse_declaration(std::string_view text);

}  // namespace synscope::framing
