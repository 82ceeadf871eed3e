#include "sim/tcp/timestamps.hpp"

#include <algorithm>

#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {
constexpr Duration kTwentyFourDays = Duration::seconds(60LL * 60 * 24 * 24);
}  // namespace

std::uint32_t timestamp_at(const Core& core, const Tcb& t, Instant at) noexcept {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(at.ns / core.p.timestamp_tick.ns)) +
           t.ts.offset;
}

bool paws_rejects(const Core& core, const Tcb& t, const Incoming& in) noexcept {
    if (!t.agreed.timestamps || !in.options.timestamps || !t.ts.has_recent) return false;
    const auto age = static_cast<std::int32_t>(t.ts.recent - in.options.ts_value);
    if (age <= 0) return false;
    // RFC 7323 §5.5: an idle connection's TS.Recent is no witness any more.
    if (core.now - t.ts.recent_at >= kTwentyFourDays) return false;
    // Deviation, as Linux: a pure ACK that was overtaken on the way is let through; it moves nothing.
    const bool pure_ack = in.has_ack && in.payload.empty() && !in.fin && !in.syn;
    if (pure_ack && in.seq == t.rcv.nxt && in.ack == t.snd.una && in.wnd << t.snd.scale == t.snd.wnd &&
        age <= static_cast<std::int32_t>(t.rto.value.ns / core.p.timestamp_tick.ns))
        return false;
    return true;
}

void update_recent(const Core& core, Tcb& t, const Incoming& in) noexcept {
    if (!t.agreed.timestamps || !in.options.timestamps) return;
    // RFC 7323 §4.3 (2): SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent.
    if (after(in.seq, t.rcv.wup)) return;
    if (t.ts.has_recent && static_cast<std::int32_t>(in.options.ts_value - t.ts.recent) < 0 &&
        core.now - t.ts.recent_at < kTwentyFourDays)
        return;
    t.ts.recent = in.options.ts_value;
    t.ts.has_recent = true;
    t.ts.recent_at = core.now;
}

bool echo_before(const Core& core, const Tcb& t, Instant sent) noexcept {
    if (!t.agreed.timestamps || !t.ts.in_segment || t.ts.last_echo == 0) return false;
    return static_cast<std::int32_t>(t.ts.last_echo - timestamp_at(core, t, sent)) < 0;
}

std::optional<std::uint32_t> echo_rtt_us(const Core& core, const Tcb& t) noexcept {
    if (!t.agreed.timestamps || !t.ts.in_segment || t.ts.last_echo == 0) return std::nullopt;
    const std::uint32_t ticks = timestamp_at(core, t, core.now) - t.ts.last_echo;
    const std::int64_t us = std::int64_t{ticks} * (core.p.timestamp_tick.ns / 1000);
    if (us > 2'000'000'000) return std::nullopt;
    return static_cast<std::uint32_t>(std::max<std::int64_t>(us, core.p.timestamp_tick.ns / 1000));
}

}  // namespace synscope::sim::tcp
