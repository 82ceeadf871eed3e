#pragma once
// Packets as they come, a line each: "0.000123 127.0.0.1:41000 > 127.0.0.1:7000  S 0:0(0) win 65495 <...>".
// TCP in the notation of the design, everything else by its layers, innermost first. Escaped for a terminal.
//
// For captures without an end: no packet is kept. What is known of connections, their first sequence numbers
// and window scales, is forgotten with kMostConnections of them, and numbers begin anew. Thread rule: one
// thread.

#include <cstdint>
#include <optional>
#include <string>

#include "capture/track/analysis.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::render {

class PacketLines {
  public:
    static constexpr std::size_t kMostConnections = 100'000;

    /// Appends the line of the next packet.
    void append(std::string& out, Instant at, wire::LinkType link, ByteSpan bytes,
                std::uint32_t original_length);

  private:
    track::Analyzer analyzer_;
    std::optional<Instant> first_;
};

}  // namespace synscope::render
