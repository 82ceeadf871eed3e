#include <algorithm>

#include "capture/track/tracker.hpp"

namespace synscope::track {

ByteRange Segment::bytes() const noexcept {
    const std::int64_t first = seq - (flags.has(wire::TcpFlags::kSyn) ? 0 : 1);
    const std::int64_t last = first + length;
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(first, 0)),
            static_cast<std::uint64_t>(std::max<std::int64_t>(last, 0))};
}

std::optional<StateChange> Connection::state_at(Side side, Evidence evidence, Instant at) const {
    for (auto it = states.rbegin(); it != states.rend(); ++it)
        if (it->at <= at && it->side == side && it->evidence == evidence) return *it;
    return {};
}

std::optional<std::size_t> Connection::segment_of(PacketId packet) const {
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (segments[i].packet == packet) return i;
    return {};
}

}  // namespace synscope::track
