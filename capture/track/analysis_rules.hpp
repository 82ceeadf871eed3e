#pragma once
// The rules of docs/ANALYSIS.md: what one segment is, given what both directions did before. Each flag's
// section there names the function here. Thread rule: pure functions.

#include "capture/track/analysis_state.hpp"

namespace synscope::track {

/// A segment and what it is judged by, before anything is noted.
struct Sight {
    const wire::TcpSegment& segment;
    Instant at;
    const Half& mine;    ///< of the sender
    const Half& theirs;  ///< of the receiver
    std::optional<Duration> initial_rtt;
};

/// Within this time behind the highest number sent, what fills a gap was overtaken rather than sent again;
/// where the handshake was seen its round trip takes this one's place.
inline constexpr Duration kReorderingTime = Duration::milliseconds(3);
/// A fast retransmission answers its duplicate ACKs within this time.
inline constexpr Duration kFastRetransmissionTime = Duration::milliseconds(20);
/// RFC 5681 section 3.2 asks for three duplicate ACKs; an observer may have missed one.
inline constexpr std::uint32_t kFastRetransmissionAcks = 2;

/// Everything but ReusedPorts, which is decided where connections are told apart.
[[nodiscard]] AnalysisFlags judge(const Sight& sight) noexcept;

}  // namespace synscope::track
