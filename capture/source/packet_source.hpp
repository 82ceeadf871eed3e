#pragma once
// Where packets come from, one at a time: a live interface, a capture file, standard input.
//
//     while (auto packet = source.next()) { if (!*packet) break; use(**packet); }
//
// Timestamps are converted to nanoseconds here and nowhere else. A source does not interpret what it hands
// out. Thread rule: one thread per source.

#include <cstdint>
#include <optional>
#include <string>

#include "net/base/bytes.hpp"
#include "net/base/event.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::source {

/// A packet as its source hands it out. `bytes` stay valid until the source is asked again, unless it
/// promises more.
struct RawPacket {
    Instant at;                         ///< since the Unix epoch
    std::uint32_t original_length = 0;  ///< on the wire; `bytes` may be fewer
    std::uint16_t interface = 0;        ///< of the source, from 0
    std::uint64_t offset = 0;           ///< where its record begins in the file, for messages; 0 when live
    ByteSpan bytes;
};

class PacketSource {
  public:
    virtual ~PacketSource() = default;
    /// The next packet. Nothing at the end of a file, and on a live source when none is waiting. After an
    /// error only the same error follows.
    [[nodiscard]] virtual Result<std::optional<RawPacket>, UserError> next() = 0;
    /// Of the packet last returned; before the first, of the first interface known.
    [[nodiscard]] virtual wire::LinkType link_type() const = 0;
    /// Counted so far.
    [[nodiscard]] virtual CaptureCounters stats() const = 0;
};

/// One line for a terminal: "PROGRAM: what: where; hint", every part escaped, empty parts left out.
[[nodiscard]] std::string error_line(std::string_view program, const UserError& error);

}  // namespace synscope::source
