#include "sim/tcp/congestion/congestion.hpp"

#include <algorithm>

#include "sim/tcp/congestion/cubic.hpp"
#include "sim/tcp/congestion/none.hpp"
#include "sim/tcp/congestion/reno.hpp"

namespace synscope::sim::tcp {

std::uint32_t slow_start(CongestionState& cc, std::uint32_t acked) noexcept {
    const std::uint32_t cwnd = std::min(cc.cwnd + acked, cc.ssthresh);
    const std::uint32_t left = acked - (cwnd - cc.cwnd);
    cc.cwnd = std::min(cwnd, cc.clamp);
    return left;
}

void congestion_avoidance(CongestionState& cc, std::uint32_t window, std::uint32_t acked) noexcept {
    // Credits kept from a larger window are worth one step, not a leap.
    if (cc.cwnd_count >= window) {
        cc.cwnd_count = 0;
        ++cc.cwnd;
    }
    cc.cwnd_count += acked;
    if (cc.cwnd_count >= window) {
        const std::uint32_t steps = cc.cwnd_count / window;
        cc.cwnd_count -= steps * window;
        cc.cwnd += steps;
    }
    cc.cwnd = std::min(cc.cwnd, cc.clamp);
}

std::unique_ptr<Congestion> make_congestion(CongestionAlgorithm algorithm, SlowStartExit exit) {
    switch (algorithm) {
        case CongestionAlgorithm::None:
            return std::make_unique<NoCongestionControl>();
        case CongestionAlgorithm::Reno:
            return std::make_unique<Reno>(exit);
        case CongestionAlgorithm::Cubic:
            break;
    }
    return std::make_unique<Cubic>(exit);
}

std::string_view congestion_name(CongestionAlgorithm algorithm) noexcept {
    switch (algorithm) {
        case CongestionAlgorithm::None:
            return "none";
        case CongestionAlgorithm::Reno:
            return "reno";
        case CongestionAlgorithm::Cubic:
            break;
    }
    return "cubic";
}

}  // namespace synscope::sim::tcp
