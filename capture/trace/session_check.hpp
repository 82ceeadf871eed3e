#pragma once
// What a user should hear of a session, found out while its blocks pass by: the counts of SessionDecoder
// without a store.
//
// Memory: identifiers of packets as runs, of which a session has few; a stream with more of them than are
// kept is no session of ours, and its missing packets are not counted any further. Thread rule: one thread.

#include <cstdint>
#include <optional>

#include "capture/trace/id_map.hpp"
#include "capture/trace/remarks.hpp"
#include "capture/trace/session.hpp"
#include "net/base/bytes.hpp"

namespace synscope::pcapng {
struct Item;
}  // namespace synscope::pcapng

namespace synscope::trace {

class SessionCheck {
  public:
    /// A block that is no packet, in its place among the packets.
    void block(const pcapng::Item& item);
    /// A packet's whole block; a custom block, listed like a packet, is none.
    void packet(ByteSpan block, bool big_endian);
    /// `whole`: the file was not cut off, so that an event without its packet lost it to another program.
    void end(bool whole);
    [[nodiscard]] const SessionSummary& summary() const noexcept { return summary_; }
    /// Comments on sections, and on packets.
    [[nodiscard]] const Remarks& section_comments() const noexcept { return section_comments_; }
    [[nodiscard]] const Remarks& packet_comments() const noexcept { return packet_comments_; }

  private:
    void event(ByteSpan body);
    void give_up_waiting();

    SessionSummary summary_;
    Remarks section_comments_;
    Remarks packet_comments_;
    IdMap packets_;                         ///< of this section; each mapped to itself
    bool forgetful_ = false;                ///< there are more identifiers in this section than are kept
    std::optional<std::uint64_t> waiting_;  ///< the packet that the last event names and that comes next
};

}  // namespace synscope::trace
