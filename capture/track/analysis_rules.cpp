#include "capture/track/analysis_rules.hpp"

namespace synscope::track {

namespace {

using wire::TcpFlags;

/// SYN, FIN and RST are about the connection, not about windows or liveness.
bool steers(const Sight& s) noexcept {
    return s.segment.flags.any(TcpFlags::kSyn | TcpFlags::kFin | TcpFlags::kRst);
}

Seq32 end_of_payload(const Sight& s) noexcept {
    return s.segment.seq + s.segment.payload_length;
}

/// SYN and FIN take a sequence number; an observer counts one for both.
Seq32 end_of_numbers(const Sight& s) noexcept {
    return end_of_payload(s) + (s.segment.flags.any(TcpFlags::kSyn | TcpFlags::kFin) ? 1u : 0u);
}

/// No payload, at the next number, acknowledging what its sender's latest segment did.
bool repeats_ack(const Sight& s) noexcept {
    return s.segment.payload_length == 0 && s.mine.next.is(s.segment.seq) &&
           s.mine.last_ack == s.segment.ack && !steers(s);
}

bool same_window(const Sight& s) noexcept {
    return s.mine.window_seen && s.segment.window == s.mine.window;
}

// ---- what the sender's own numbers and windows say

/// docs/ANALYSIS.md, zero_window_probe
bool is_zero_window_probe(const Sight& s) noexcept {
    return s.segment.payload_length == 1 && s.mine.next.is(s.segment.seq) && s.theirs.window_seen &&
           s.theirs.window == 0;
}

/// docs/ANALYSIS.md, zero_window
bool is_zero_window(const Sight& s) noexcept {
    return s.segment.window == 0 && !steers(s);
}

/// docs/ANALYSIS.md, lost_segment
bool is_behind_a_gap(const Sight& s) noexcept {
    return s.mine.next.known() && Seq32::after(s.segment.seq, s.mine.next.value()) &&
           !s.segment.flags.has(TcpFlags::kRst);
}

/// docs/ANALYSIS.md, keep_alive
bool is_keep_alive(const Sight& s) noexcept {
    return s.segment.payload_length <= 1 && s.mine.next.is(s.segment.seq + 1) && !steers(s);
}

/// docs/ANALYSIS.md, window_update
bool is_window_update(const Sight& s) noexcept {
    return repeats_ack(s) && s.segment.window != 0 && !same_window(s);
}

/// docs/ANALYSIS.md, window_full
bool is_window_full(const Sight& s) noexcept {
    if (s.segment.payload_length == 0 || steers(s) || s.theirs.scale.unknown()) return false;
    if (!s.theirs.window_seen) return false;
    const std::uint32_t shift = s.theirs.window_of_syn ? 0 : s.theirs.scale.shift();
    return end_of_payload(s) == s.theirs.last_ack + (std::uint32_t{s.theirs.window} << shift);
}

// ---- what answers the other side

/// docs/ANALYSIS.md, keep_alive_ack
bool is_keep_alive_ack(const Sight& s) noexcept {
    return repeats_ack(s) && s.segment.window != 0 && same_window(s) &&
           s.theirs.last_flags.has(AnalysisFlag::KeepAlive);
}

/// docs/ANALYSIS.md, zero_window_probe_ack
bool is_zero_window_probe_ack(const Sight& s) noexcept {
    return repeats_ack(s) && s.segment.window == 0 && same_window(s) &&
           s.theirs.last_flags.has(AnalysisFlag::ZeroWindowProbe);
}

/// docs/ANALYSIS.md, duplicate_ack
bool is_duplicate_ack(const Sight& s) noexcept {
    return repeats_ack(s) && s.segment.window != 0 && same_window(s);
}

/// docs/ANALYSIS.md, ack_lost_segment
bool acknowledges_unseen(const Sight& s) noexcept {
    if (!s.segment.flags.has(TcpFlags::kAck) || !s.theirs.contiguous.known()) return false;
    if (!Seq32::after(s.segment.ack, s.theirs.contiguous.value())) return false;
    // Into a gap that was seen; or beyond everything seen, which is told once.
    return s.theirs.contiguous.value() != s.theirs.next.value() ||
           (s.theirs.duplicate_acks == 0 && !s.theirs.missed);
}

// ---- numbers that were passed already

/// docs/ANALYSIS.md, spurious_retransmission
bool is_acknowledged_already(const Sight& s) noexcept {
    return s.segment.payload_length > 0 && s.theirs.last_ack != Seq32{} &&
           !Seq32::after(end_of_payload(s), s.theirs.last_ack);
}

/// docs/ANALYSIS.md, fast_retransmission
bool is_fast_retransmission(const Sight& s) noexcept {
    const Duration behind = s.at - s.theirs.last_ack_at;
    // The ACKs of a receiver that was not seen whole may be among what was missed.
    const bool asked = s.theirs.duplicate_acks >= kFastRetransmissionAcks || s.theirs.missed;
    return asked && s.theirs.last_ack == s.segment.seq && behind >= Duration{} &&
           behind < kFastRetransmissionTime;
}

/// docs/ANALYSIS.md, out_of_order
bool is_out_of_order(const Sight& s) noexcept {
    const Duration limit = s.initial_rtt.value_or(kReorderingTime);
    const Duration behind = s.at - s.mine.next_at;
    // A capture whose times go back says nothing about order.
    return behind >= Duration{} && behind < limit && end_of_numbers(s) != s.mine.next.value();
}

constexpr AnalysisFlags kSpurious =
    AnalysisFlags{AnalysisFlag::SpuriousRetransmission} | AnalysisFlag::Retransmission;
constexpr AnalysisFlags kFast =
    AnalysisFlags{AnalysisFlag::FastRetransmission} | AnalysisFlag::Retransmission;

/// A segment that takes sequence numbers: does it bring any that were not sent before?
AnalysisFlags judge_numbers(const Sight& s) noexcept {
    if (is_acknowledged_already(s)) return kSpurious;
    if (!s.mine.next.known() || !Seq32::before(s.segment.seq, s.mine.next.value())) return {};
    // The byte of a zero window probe comes again at the head of new data: nothing was lost.
    if (s.segment.payload_length > 1 && s.mine.next.is(s.segment.seq + 1)) return {};
    if (is_fast_retransmission(s)) return kFast;
    if (is_out_of_order(s)) return AnalysisFlag::OutOfOrder;
    return AnalysisFlag::Retransmission;
}

AnalysisFlags judge_own_side(const Sight& s) noexcept {
    if (is_zero_window_probe(s)) return AnalysisFlag::ZeroWindowProbe;
    AnalysisFlags flags;
    if (is_zero_window(s)) flags.add(AnalysisFlag::ZeroWindow);
    if (is_behind_a_gap(s)) flags.add(AnalysisFlag::LostSegment);
    if (is_keep_alive(s)) flags.add(AnalysisFlag::KeepAlive);
    if (is_window_update(s)) flags.add(AnalysisFlag::WindowUpdate);
    if (is_window_full(s)) flags.add(AnalysisFlag::WindowFull);
    if (is_keep_alive_ack(s))
        flags.add(AnalysisFlag::KeepAliveAck);
    else if (is_zero_window_probe_ack(s))
        flags.add(AnalysisFlag::ZeroWindowProbeAck);
    else if (is_duplicate_ack(s))
        flags.add(AnalysisFlag::DuplicateAck);
    return flags;
}

}  // namespace

AnalysisFlags judge(const Sight& s) noexcept {
    AnalysisFlags flags = judge_own_side(s);
    if (acknowledges_unseen(s)) flags.add(AnalysisFlag::AckLostSegment);
    const bool takes_numbers =
        s.segment.payload_length > 0 || s.segment.flags.any(TcpFlags::kSyn | TcpFlags::kFin);
    if (takes_numbers && !flags.has(AnalysisFlag::KeepAlive)) flags.add(judge_numbers(s));
    return flags;
}

}  // namespace synscope::track
