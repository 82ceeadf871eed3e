#include "sim/tcp/congestion/reno.hpp"

#include <algorithm>

namespace synscope::sim::tcp {

std::uint32_t Reno::ssthresh_after_loss(const CongestionState& cc) {
    // RFC 5681 equation 4: max(FlightSize / 2, 2 * SMSS). Deviation, as Linux: of cwnd, which an application
    // that sends less than it may does not lower; congestion window validation does that.
    return std::max(cc.cwnd >> 1, 2u);
}

void Reno::sample(CongestionState& cc, const AckFacts& ack) {
    if (!hystart_on_ || !cc.slow_start()) return;
    hystart_.sample(ack);
    if (hystart_.ended()) cc.ssthresh = cc.cwnd;
}

void Reno::grow(CongestionState& cc, const AckFacts& ack) {
    std::uint32_t acked = ack.acked;
    if (cc.slow_start()) {
        acked = slow_start(cc, hystart_on_ ? hystart_.allowed(acked) : acked);
        if (acked == 0) return;
    }
    congestion_avoidance(cc, cc.cwnd, acked);
}

}  // namespace synscope::sim::tcp
