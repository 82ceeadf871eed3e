#include "sim/tcp/scoreboard.hpp"

#include <algorithm>

#include "sim/tcp/chrono.hpp"
#include "sim/tcp/recovery/rack_tlp.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/timestamps.hpp"

namespace synscope::sim::tcp {
namespace {

/// RFC 2018 section 5.1 and RFC 2883 section 5: blocks that cannot be true are passed over.
bool block_valid(const Tcb& t, bool dsack, SequenceRange block) noexcept {
    if (after(block.end, t.snd.nxt) || !before(block.begin, block.end)) return false;
    if (!before(block.begin, t.snd.nxt)) return false;
    if (after(block.begin, t.snd.una)) return true;
    if (!dsack || !t.rec.undo_marker) return false;
    if (after(block.end, t.snd.una)) return false;
    return !before(block.begin, *t.rec.undo_marker) || after(block.end, *t.rec.undo_marker);
}

/// RFC 2883 section 5: the first block lies below the ACK, or within the second.
bool first_is_dsack(const Incoming& in) noexcept {
    const auto& o = in.options;
    if (before(o.sacks[0].begin, in.ack)) return true;
    return o.sack_count > 1 && !after(o.sacks[0].end, o.sacks[1].end) &&
           !before(o.sacks[0].begin, o.sacks[1].begin);
}

void dsack_arrived(Core& core, Tcb& t, SequenceRange block, AckWork& work) {
    const std::uint32_t length = span(block.begin, block.end);
    if (!before(block.begin, block.end) || length > t.snd.max_wnd) return;
    const std::uint32_t mss = std::max(t.mss_cache, 1u);
    const std::uint32_t segments = length > mss ? (length + mss - 1) / mss : 1;
    t.rec.dsack_dups += segments;
    // More duplicates than retransmissions: the network made them, they say nothing about us.
    if (t.rec.dsack_dups > t.rec.total_retrans) return;
    work.dsacking = true;
    if (t.rec.tlp_high_seq && *t.rec.tlp_high_seq == block.end) {
        work.dsack_of_probe = true;
    } else {
        t.rec.rack.dsack_seen = true;
    }
    if (t.rec.undo_marker && t.rec.undo_retrans > 0 && !after(block.end, work.prior_una) &&
        after(block.end, *t.rec.undo_marker))
        t.rec.undo_retrans = std::max<std::int64_t>(0, t.rec.undo_retrans - segments);
    core.note(&t, "D-SACK (RFC 2883)");
}

void dsack_of_segment(Tcb& t, SentSegment& s) noexcept {
    if (s.ever_retransmitted && t.rec.undo_marker && t.rec.undo_retrans > 0 &&
        after(s.end(), *t.rec.undo_marker))
        --t.rec.undo_retrans;
    if (s.retransmitted && s.sacked) {
        s.retransmitted = false;
        --t.rec.retrans_out;
    }
}

void sack_segment(const Core& core, Tcb& t, SentSegment& s, AckWork& work) noexcept {
    rack_advance(core, t, s);
    if (s.retransmitted) {
        s.retransmitted = false;
        --t.rec.retrans_out;
        if (s.lost) {
            s.lost = false;
            --t.rec.lost_out;
        }
    } else {
        if (!s.ever_retransmitted) {
            // An original that arrives behind what was sent after it: reordering.
            if (t.rec.sacked_out != 0 && before(s.seq, t.rec.highest_sack) &&
                before(s.seq, work.lowest_reordered))
                work.lowest_reordered = s.seq;
            if (!after(s.end(), t.rec.high_seq)) work.original_acked = true;
            if (!work.first_sacked) work.first_sacked = s.sent;
            work.last_sacked = s.sent;
        }
        if (s.lost) {
            s.lost = false;
            --t.rec.lost_out;
        }
    }
    s.sacked = true;
    work.data_sacked = true;
    if (t.rec.sacked_out == 0 || after(s.end(), t.rec.highest_sack)) t.rec.highest_sack = s.end();
    ++t.rec.sacked_out;
    ++t.rec.delivered;
}

/// Marks the segments that lie in the block whole. `from`: what lies before it was marked by an earlier ACK.
void mark_block(const Core& core, Tcb& t, SequenceRange block, Seq32 from, AckWork& work) noexcept {
    for (std::size_t i = t.sent.find(from); i < t.sent.size(); ++i) {
        SentSegment& s = t.sent[i];
        if (!before(s.seq, block.end)) break;
        if (before(s.seq, block.begin) || after(s.end(), block.end)) continue;
        if (!s.sacked) sack_segment(core, t, s, work);
    }
}

/// Where the new part of a block begins, given the blocks of the last ACK.
Seq32 new_part(const Tcb& t, SequenceRange block) noexcept {
    for (std::size_t i = 0; i < t.rec.seen_sack_count; ++i) {
        const SequenceRange& seen = t.rec.seen_sacks[i];
        if (!after(seen.begin, block.begin) && before(block.begin, seen.end))
            return before(seen.end, block.end) ? seen.end : block.end;
    }
    return block.begin;
}

}  // namespace

void apply_sacks(Core& core, Tcb& t, const Incoming& in, AckWork& work) {
    const auto& o = in.options;
    if (o.sack_count == 0 || !t.agreed.sack) return;
    std::array<SequenceRange, 4> blocks{};
    std::uint8_t count = 0;
    const bool dsack = first_is_dsack(in);
    if (dsack) {
        dsack_arrived(core, t, o.sacks[0], work);
        if (!before(o.sacks[0].begin, t.snd.una)) {
            // A duplicate above the ACK: its segments are in the queue.
            for (std::size_t i = t.sent.find(o.sacks[0].begin); i < t.sent.size(); ++i) {
                if (!before(t.sent[i].seq, o.sacks[0].end)) break;
                if (!before(t.sent[i].seq, o.sacks[0].begin) && !after(t.sent[i].end(), o.sacks[0].end))
                    dsack_of_segment(t, t.sent[i]);
            }
        }
    }
    for (std::size_t i = 0; i < o.sack_count; ++i) {
        if (!block_valid(t, dsack && i == 0, o.sacks[i])) continue;
        if (!after(o.sacks[i].end, work.prior_una)) continue;
        // In the order of the sequence space.
        std::uint8_t at = count++;
        for (; at > 0 && before(o.sacks[i].begin, blocks[at - 1].begin); --at)
            blocks[at] = blocks[at - 1];
        blocks[at] = o.sacks[i];
    }
    if (t.rec.packets_out == 0) return;
    work.lowest_reordered = t.snd.nxt;
    for (std::size_t i = 0; i < count; ++i)
        mark_block(core, t, blocks[i], new_part(t, blocks[i]), work);
    t.rec.seen_sacks = blocks;
    t.rec.seen_sack_count = count;
    if (t.rec.state != Recovery::Loss || t.rec.undo_marker) note_reordering(core, t, work.lowest_reordered);
}

namespace {

/// The copy's ACK came for the original: the echo is older than the copy.
bool spurious(const Core& core, const Tcb& t, const SentSegment& s) noexcept {
    return s.ever_retransmitted && echo_before(core, t, s.sent);
}

void account_acknowledged(const Core& core, Tcb& t, SentSegment& s, AckWork& work) noexcept {
    if (s.ever_retransmitted) {
        if (s.retransmitted) --t.rec.retrans_out;
        work.retransmitted_acked = true;
    } else if (!s.sacked) {
        work.last_acked = s.sent;
        if (!work.first_acked) work.first_acked = s.sent;
        if (before(s.seq, work.lowest_reordered)) work.lowest_reordered = s.seq;
        if (!after(s.end(), t.rec.high_seq)) work.original_acked = true;
    }
    if (s.sacked) {
        --t.rec.sacked_out;
    } else if (t.agreed.sack) {
        ++t.rec.delivered;
        if (!spurious(core, t, s)) rack_advance(core, t, s);
    }
    if (s.lost) --t.rec.lost_out;
    --t.rec.packets_out;
    if (s.syn) {
        work.syn_acked = true;
        t.rec.retrans_stamp.reset();
    }
    if (!s.syn || s.length > 1) work.data_acked = true;
    t.bytes_acked += s.payload.size();
}

/// RFC 6298 §3 (Karn): a sample only of what was sent once, or by the timestamp's echo. True when there was
/// one.
bool take_rtt(Core& core, Tcb& t, AckWork& work) {
    std::optional<std::uint32_t> rtt;
    const auto since = [&](Instant sent) { return static_cast<std::uint32_t>((core.now - sent).ns / 1000); };
    if (work.first_acked && !work.retransmitted_acked) {
        rtt = since(*work.first_acked);
        work.rtt_us = std::max(since(*work.last_acked), 1u);
    }
    if (work.first_sacked) {
        if (!rtt) rtt = since(*work.first_sacked);
        work.rtt_us = std::max(since(*work.last_sacked), 1u);
    }
    if (!rtt && (work.data_acked || work.syn_acked)) rtt = echo_rtt_us(core, t);
    if (!rtt) return false;
    if (work.rtt_us == 0) work.rtt_us = std::max(*rtt, 1u);
    t.rto.sample_min(core.now, std::max(work.rtt_us, 1u), core.p.min_rtt_window);
    const bool round = after_eq(t.snd.una, t.rec.rtt_seq);
    if (round) t.rec.rtt_seq = t.snd.nxt;
    t.rto.sample(*rtt, round, core.p.rto_min);
    t.rto.reset_backoff(core.p.rto_max);
    t.rec.backoff = 0;
    if (core.observer != nullptr) core.observer->rtt_sample(core.now, t, Duration::microseconds(*rtt));
    return true;
}

}  // namespace

void remove_acknowledged(Core& core, Tcb& t, AckWork& work) {
    const Seq32 highest_before = t.rec.sacked_out != 0 ? t.rec.highest_sack : work.prior_una;
    if (!work.data_sacked) work.lowest_reordered = t.snd.nxt;
    std::uint32_t removed = 0;
    while (!t.sent.empty() && !after(t.sent.front().end(), t.snd.una)) {
        account_acknowledged(core, t, t.sent.front(), work);
        t.sent.pop_front();
        ++removed;
    }
    if (t.sent.empty()) chrono_stop(core, t, Activity::Busy);
    if (!t.sent.empty() && t.sent.front().sacked && removed != 0) t.rec.sack_reneging = true;
    const bool sampled = take_rtt(core, t, work);
    if (removed != 0) {
        work.set_timer = true;
        if (!t.agreed.sack) {
            remove_reno_sacks(core, t, removed);
            // Without SACK nobody knows which of several the ACK was for.
            if (work.retransmitted_acked) work.original_acked = false;
        } else if (before(work.lowest_reordered, work.prior_highest_sack) &&
                   before(work.lowest_reordered, t.snd.una)) {
            const Seq32 now = t.rec.highest_sack;
            const std::uint32_t count = t.rec.sacked_out;
            t.rec.highest_sack = highest_before;
            t.rec.sacked_out = std::max(count, 1u);
            note_reordering(core, t, work.lowest_reordered);
            t.rec.highest_sack = now;
            t.rec.sacked_out = count;
        }
    } else if (!t.sent.empty() && sampled && work.first_sacked &&
               core.now - *work.first_sacked > core.now - t.sent.front().sent) {
        work.set_timer = true;
    }
    if (work.rtt_us != 0) {
        const AckFacts facts{
            core.now,  removed,   work.rtt_us, t.rto.srtt_us >> 3, t.rto.min_rtt_us().value_or(work.rtt_us),
            t.snd.una, t.snd.nxt, true};
        t.congestion->sample(t.cc, facts);
    }
}

}  // namespace synscope::sim::tcp
