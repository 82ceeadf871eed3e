// Recovery without SACK (RFC 5681, 6582): duplicate ACKs are counted as if each were a SACK of one segment.
#include <algorithm>

#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {
namespace {

/// More duplicates than segments out: some were duplicated or reordered on the way.
void check_reno_reordering(const Core& core, Tcb& t, std::uint32_t extra) noexcept {
    const std::uint32_t holes = std::min(std::max(t.rec.lost_out, 1u), t.rec.packets_out);
    if (t.rec.sacked_out + holes <= t.rec.packets_out) return;
    t.rec.sacked_out = t.rec.packets_out - holes;
    t.rec.reordering = std::min(t.rec.packets_out + extra, core.p.max_reordering);
    ++t.rec.reord_seen;
}

}  // namespace

void add_reno_sack(const Core& core, Tcb& t, std::uint32_t duplicates) noexcept {
    if (duplicates == 0) return;
    const std::uint32_t prior = t.rec.sacked_out;
    t.rec.sacked_out += duplicates;
    check_reno_reordering(core, t, 0);
    if (t.rec.sacked_out > prior) t.rec.delivered += t.rec.sacked_out - prior;
}

void remove_reno_sacks(const Core& core, Tcb& t, std::uint32_t acked) noexcept {
    if (acked != 0) {
        t.rec.delivered += acked > t.rec.sacked_out ? std::max(acked - t.rec.sacked_out, 1u) : 1u;
        t.rec.sacked_out = acked - 1 >= t.rec.sacked_out ? 0 : t.rec.sacked_out - (acked - 1);
    }
    check_reno_reordering(core, t, acked);
}

void reset_reno_sack(Tcb& t) noexcept {
    t.rec.sacked_out = 0;
}

void note_reordering(const Core& core, Tcb& t, Seq32 low) noexcept {
    const Seq32 high = t.rec.sacked_out != 0 ? t.rec.highest_sack : t.snd.una;
    if (!before(low, high)) return;
    const std::uint32_t distance = span(low, high);
    const std::uint32_t mss = std::max(t.mss_cache, 1u);
    if (distance > t.rec.reordering * mss)
        t.rec.reordering = std::min((distance + mss - 1) / mss, core.p.max_reordering);
    ++t.rec.reord_seen;
}

}  // namespace synscope::sim::tcp
