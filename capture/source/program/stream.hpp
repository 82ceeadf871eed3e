#pragma once
// What synscope-capture writes: section header, interface, "armed", packets, counters, interface statistics.
// Thread rule: one thread.

#include <cstdint>
#include <vector>

#include "capture/source/live.hpp"
#include "net/base/bytes.hpp"
#include "net/base/event.hpp"

namespace synscope::source {

class CaptureStream {
  public:
    CaptureStream(const LiveOptions& options, wire::LinkType link_type, bool no_payload);

    /// Section header, interface, the capture as an actor, and the note kArmedNote.
    void begin(Instant now, std::uint32_t process);
    void packet(const RawPacket& packet);
    void counters(Instant now, const CaptureCounters& counters);
    /// The last blocks: counters as an event, and as pcapng's interface statistics for everybody else.
    void end(Instant now, const CaptureCounters& counters);

    /// Bytes not yet taken away by clear().
    [[nodiscard]] ByteSpan bytes() const noexcept { return bytes_; }
    void clear() noexcept { bytes_.clear(); }
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }

  private:
    void event(Instant now, const EventBody& body);

    LiveOptions options_;
    wire::LinkType link_type_;
    bool no_payload_;
    std::uint64_t packets_ = 0;
    std::uint32_t events_ = 0;
    std::vector<std::byte> bytes_;
};

}  // namespace synscope::source
