#pragma once
// What the models read of a trace, as an interface: the models stay pure (they link no store), and tests
// bring their own few events. ui/render/store_source.hpp puts a trace::Store behind it.
//
// Ownership: spans and views live as long as the source. Thread rule: one reader.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/base/bytes.hpp"
#include "net/base/event.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::model {

/// A packet as the models need it.
struct PacketBytes {
    wire::LinkType link = wire::LinkType::Ethernet;
    std::uint32_t original_length = 0;
    ByteSpan bytes;
};

class TraceSource {
  public:
    virtual ~TraceSource() = default;
    /// Events there are now; grows while recording. Arrival order is not time order.
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual Event event(EventId id) const = 0;
    [[nodiscard]] virtual PacketBytes packet(PacketId id) const = 0;
    /// As recorded, not escaped.
    [[nodiscard]] virtual std::string_view text(TextId id) const = 0;
};

}  // namespace synscope::model
