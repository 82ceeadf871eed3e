#pragma once
// Headers without payload (--no-payload). Thread rule: pure.

#include <cstddef>
#include <cstdint>

#include "net/base/bytes.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::source {

/// How many bytes of `frame` are headers, at most its size. Behind the TCP header with its options, the UDP
/// header, the first 8 bytes of ICMP. When in doubt less: of a transport that is not known, or a later
/// fragment, nothing behind the IP header; of a frame that is not IP, the link header (ARP is kept whole).
[[nodiscard]] std::size_t headers_length(wire::LinkType link, ByteSpan frame,
                                         std::uint32_t original_length) noexcept;

}  // namespace synscope::source
