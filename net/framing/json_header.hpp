#pragma once
// The header of framing `json`, for its codec and for services that take such messages piece by piece: a
// 4-byte length as struct.pack("i") writes it, then that many bytes of JSON, an object with at least `size`,
// the number of bytes of the body behind it. Thread rule: pure functions.

#include <string_view>
#include <vector>

#include "net/base/json.hpp"
#include "net/framing/framing.hpp"

namespace synscope::framing {

inline constexpr std::size_t kJsonLengthBytes = 4;
inline constexpr std::uint64_t kMostJsonHeader = std::uint64_t{64} << 10;

struct JsonHeader {
    json::Value fields;
    std::uint64_t size = 0;  ///< bytes of the body
};
/// The header's length from the first 4 bytes at `bytes`. Errors: NegativeLength, TooLong.
[[nodiscard]] Result<std::size_t, FrameError> json_header_length(ByteSpan bytes);
/// Errors: Malformed, NegativeLength, TooLong (`size` above `max_body`).
[[nodiscard]] Result<JsonHeader, FrameError> read_json_header(std::string_view text, std::uint64_t max_body);
/// Appends the length and the header.
void append_json_header(std::vector<std::byte>& out, const json::Value& fields);

}  // namespace synscope::framing
