#pragma once
// IP payload compression (RFC 3173): four bytes, then the compressed rest of the datagram. The compression
// parameter index names an algorithm or, negotiated, anything; everybody means DEFLATE (RFC 2394), and
// whether it was shows when the bytes are inflated. Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::wire {

struct IpComp {
    static constexpr std::uint8_t kProtocol = 108;  ///< in IP headers
    static constexpr std::size_t kHeaderSize = 4;

    std::uint8_t next_header = 0;  ///< protocol of what was compressed
    std::uint8_t flags = 0;
    std::uint16_t parameter_index = 0;
    ByteSpan compressed;
};
/// Nothing when the header is not whole.
[[nodiscard]] std::optional<IpComp> read_ipcomp(ByteSpan payload) noexcept;

/// Inflates a raw DEFLATE stream into `out`. False when it is none, is not whole, or becomes longer than an
/// IP datagram can be (65,535 bytes); `out` then holds nothing.
[[nodiscard]] bool inflate_datagram(ByteSpan compressed, std::vector<std::byte>& out);

}  // namespace synscope::wire
