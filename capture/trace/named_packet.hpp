#pragma once
// Which packet an event speaks of. Thread rule: pure.

#include <variant>

#include "net/base/event.hpp"

namespace synscope::trace {

/// The packet that an event names, in its place; null when it names none.
[[nodiscard]] inline PacketId* named_packet(EventBody& body) {
    return std::visit(
        Overload{[](PacketCaptured& b) { return &b.packet; }, [](PacketSent& b) { return &b.packet; },
                 [](PacketDelivered& b) { return &b.packet; }, [](PacketDropped& b) { return &b.packet; },
                 [](BoxActed& b) { return b.has_packet ? &b.packet : nullptr; },
                 [](auto&) -> PacketId* { return nullptr; }},
        body);
}

}  // namespace synscope::trace
