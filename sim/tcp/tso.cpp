#include "sim/tcp/tso.hpp"

#include <algorithm>

#include "sim/tcp/nagle.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr std::uint64_t kLargestPacket = 65536;
constexpr std::uint32_t kPacingShift = 10;    // sk_pacing_shift: about a millisecond
constexpr std::uint32_t kRoundTripShift = 9;  // tcp_tso_rtt_log

/// Bytes a second: the window per round trip, with headroom for its growth (tcp_pacing_ss_ratio,
/// ..._ca_ratio).
std::uint64_t pacing_rate(const Core& core, const Tcb& t, std::uint32_t mss) noexcept {
    if (t.rto.srtt_us == 0) return ~std::uint64_t{0};
    const std::uint64_t percent =
        t.cc.cwnd < t.cc.ssthresh / 2 ? core.p.pacing_ss_ratio : core.p.pacing_ca_ratio;
    const std::uint64_t window = std::max(t.cc.cwnd, t.rec.packets_out);
    return mss * window * percent * 80'000 / t.rto.srtt_us;
}

}  // namespace

std::uint32_t largest_burst(const Core& core, const Tcb& t, std::uint32_t mss) noexcept {
    if (!core.p.tso) return 1;
    std::uint64_t bytes = std::min(pacing_rate(core, t, mss) >> kPacingShift, kLargestPacket);
    const std::uint32_t round_trip = t.rto.min_rtt_us().value_or(~0u) >> kRoundTripShift;
    if (round_trip < 32) bytes = std::min(bytes + (kLargestPacket >> round_trip), kLargestPacket);
    return std::max(static_cast<std::uint32_t>(bytes / mss), core.p.min_tso_segs);
}

std::uint32_t burst_bytes(const Core& core, const Tcb& t, std::uint32_t mss, std::uint32_t quota,
                          Hold hold) noexcept {
    const Run& head = t.unsent.head();
    if (head.length <= mss || !core.p.tso || t.snd.urgent) return std::min(head.length, mss);
    const std::uint32_t window = span(t.snd.nxt, t.window_end());
    const std::uint32_t most = mss * std::min(quota, largest_burst(core, t, mss));
    const bool last = t.unsent.run_count() == 1;
    if (most <= window && !last) return std::min(head.length, most);
    const std::uint32_t wanted = std::min(head.length, window);
    if (most <= wanted) return most;
    const std::uint32_t partial = wanted % mss;
    // The small rest rides along where Nagle would let it go; else the burst ends before it.
    const bool holds = partial != 0 && last && nagle_holds(core, t, partial, head.fin, hold);
    return holds ? wanted - partial : wanted;
}

}  // namespace synscope::sim::tcp
