#pragma once
// Through the link layer: where the network header starts and which one it is. Thread rule: pure functions.

#include <cstdint>
#include <optional>

#include "net/base/bytes.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::wire {

struct NetworkStart {
    std::uint16_t type = 0;  ///< EtherType, also for link layers that say it in another way
    std::size_t at = 0;      ///< in the frame, behind any 802.1Q tags; may be the frame's end
};
/// Nothing when the link header is cut short, says no protocol that has an EtherType, or is of an unknown
/// type.
[[nodiscard]] std::optional<NetworkStart> find_network(LinkType link, ByteSpan frame) noexcept;

}  // namespace synscope::wire
