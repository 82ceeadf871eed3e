#include "capture/track/reassembly.hpp"

#include <algorithm>

namespace synscope::track {

namespace {

constexpr std::int64_t kFarthest = std::int64_t{1} << 30;  // RFC 7323 section 2.3
constexpr std::int64_t kNumbers = std::int64_t{1} << 32;

std::int64_t length_of(ByteSpan bytes) noexcept {
    return static_cast<std::int64_t>(bytes.size());
}

ByteSpan from(ByteSpan bytes, std::int64_t skip) noexcept {
    return bytes.subspan(static_cast<std::size_t>(std::clamp<std::int64_t>(skip, 0, length_of(bytes))));
}

ByteRange range(std::int64_t begin, std::int64_t end) noexcept {
    return {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end)};
}

}  // namespace

std::optional<std::uint64_t> StreamReassembler::fin() const noexcept {
    return fin_ ? std::optional(static_cast<std::uint64_t>(*fin_)) : std::nullopt;
}

bool StreamReassembler::untouched() const noexcept {
    return next_ == 0 && seen_ == 0 && waiting_.empty() && !fin_;
}

void StreamReassembler::start(const StreamSegment& segment) {
    const bool syn = segment.flags.has(wire::TcpFlags::kSyn);
    if (started_ && !(syn && untouched())) {
        // A connection joined at a keep-alive, whose number is one too low (RFC 9293 section 3.8.4).
        if (provisional_ && untouched() && segment.length > 0 && segment.seq == zero_ + 1) zero_ = zero_ + 1;
    } else {
        zero_ = syn ? segment.seq + 1 : segment.seq;
        acked_.reset();
        provisional_ = !syn;
        started_ = true;
    }
    if (segment.length > 0) provisional_ = false;
}

bool StreamReassembler::is_keep_alive(const StreamSegment& segment, std::int64_t begin) const noexcept {
    // One byte, of any value, that was acknowledged before. Where acknowledgements were not captured its
    // place alone has to tell.
    return segment.length == 1 && !segment.flags.has(wire::TcpFlags::kFin) && begin + 1 == seen_ &&
           begin + 1 <= next_ && (!acked_ || *acked_ >= begin + 1);
}

bool StreamReassembler::off_range(const StreamSegment& segment, std::int64_t begin, StreamSink& sink) {
    const std::int64_t distance = begin - next_;
    if (-kFarthest <= distance && distance <= kFarthest) return false;
    if (segment.length == 0) return true;
    if (stray_next_ == segment.seq) {
        stray_next_.reset();
        flush(sink);
        emit_gap(distance < 0 ? begin + kNumbers : begin, GapReason::Jump, sink);
        acked_.reset();
        fin_.reset();
        return false;
    }
    stray_next_ = segment.seq + segment.length;
    sink.notice({StreamOddity::OffRange, {0, segment.length}, 0});
    return true;
}

void StreamReassembler::note_fin(std::int64_t at) noexcept {
    if (at >= 0 && !fin_) fin_ = at;
}

void StreamReassembler::segment(const StreamSegment& segment, StreamSink& sink) {
    if (segment.flags.has(wire::TcpFlags::kRst)) {
        if (segment.length > 0) sink.notice({StreamOddity::ResetText, {0, segment.length}, 0});
        return;
    }
    start(segment);
    const Seq32 first = segment.seq + (segment.flags.has(wire::TcpFlags::kSyn) ? 1u : 0u);
    std::int64_t begin = Seq32::unwrap(first, zero_, next_);
    if (off_range(segment, begin, sink) || is_keep_alive(segment, begin)) return;
    begin = Seq32::unwrap(first, zero_, next_);
    const std::int64_t end = begin + segment.length;
    if (segment.flags.has(wire::TcpFlags::kFin)) note_fin(end);
    if (segment.length > 0) {
        ByteSpan bytes = segment.payload.first(std::min<std::size_t>(segment.payload.size(), segment.length));
        if (begin < 0) {
            sink.notice(
                {StreamOddity::BeforeStart, range(0, std::min<std::int64_t>(-begin, end - begin)), 0});
            bytes = from(bytes, -begin);
            begin = 0;
        }
        seen_ = std::max(seen_, end);
        const std::int64_t captured_end = begin + length_of(bytes);
        if (begin < next_) {
            compare_past(begin, bytes, sink);
            bytes = from(bytes, next_ - begin);
            begin = std::max(begin, std::min(next_, captured_end));
        }
        if (begin == next_ && waiting_.empty()) {
            emit(bytes, sink);
        } else {
            keep(begin, bytes, sink);
        }
        if (captured_end < end) claim(captured_end, end);
    }
    drain(sink);
    while (waiting_bytes_ > limits_.waiting) {
        emit_gap(waiting_.begin()->first, GapReason::Limit, sink);
        drain(sink);
    }
}

void StreamReassembler::compare_past(std::int64_t begin, ByteSpan bytes, StreamSink& sink) {
    for (const StreamHistory::Part& part : history_.compare(begin, bytes, next_)) {
        const Difference& d = part.difference;
        if (part.gap) sink.notice({StreamOddity::Late, range(part.begin, part.end), 0});
        if (d.count > 0) sink.notice({StreamOddity::Conflict, range(d.begin, d.end), d.count});
    }
}

void StreamReassembler::compare_waiting(std::int64_t at, ByteSpan kept, ByteSpan again, StreamSink& sink) {
    Difference d;
    for (std::size_t i = 0; i < again.size(); ++i)
        if (kept[i] != again[i]) d.note(at + static_cast<std::int64_t>(i));
    if (d.count > 0) sink.notice({StreamOddity::Conflict, range(d.begin, d.end), d.count});
}

void StreamReassembler::keep(std::int64_t begin, ByteSpan bytes, StreamSink& sink) {
    const std::int64_t end = begin + length_of(bytes);
    auto piece = waiting_.upper_bound(begin);
    if (piece != waiting_.begin()) --piece;
    for (std::int64_t at = begin; at < end;) {
        const ByteSpan rest = from(bytes, at - begin);
        while (piece != waiting_.end() && piece->first + length_of(piece->second.bytes) <= at)
            ++piece;
        if (piece != waiting_.end() && piece->first <= at) {
            const ByteSpan kept = from(piece->second.bytes, at - piece->first);
            const std::size_t count = std::min(kept.size(), rest.size());
            compare_waiting(at, kept, rest.first(count), sink);
            at += static_cast<std::int64_t>(count);
        } else {
            const std::int64_t stop = piece == waiting_.end() ? end : std::min(end, piece->first);
            fill(at, rest.first(static_cast<std::size_t>(stop - at)));
            at = stop;
        }
    }
}

void StreamReassembler::fill(std::int64_t at, ByteSpan bytes) {
    const auto [piece, fresh] = waiting_.try_emplace(at);
    piece->second.bytes.assign(bytes.begin(), bytes.end());
    piece->second.claimed = std::max(piece->second.claimed, at + length_of(bytes));
    waiting_bytes_ += bytes.size() + (fresh ? kPieceCost : 0);
}

void StreamReassembler::claim(std::int64_t from_offset, std::int64_t end) {
    if (from_offset <= next_) {
        cut_to_ = std::max(cut_to_, end);
        return;
    }
    auto piece = waiting_.upper_bound(from_offset);
    if (piece != waiting_.begin()) {
        --piece;
        if (piece->first + length_of(piece->second.bytes) >= from_offset) {
            piece->second.claimed = std::max(piece->second.claimed, end);
            return;
        }
    }
    waiting_.try_emplace(from_offset).first->second.claimed = end;
    waiting_bytes_ += kPieceCost;
}

void StreamReassembler::emit(ByteSpan bytes, StreamSink& sink) {
    if (bytes.empty()) return;
    const std::int64_t end = next_ + length_of(bytes);
    if (fin_ && end > *fin_) sink.notice({StreamOddity::AfterFin, range(std::max(next_, *fin_), end), 0});
    sink.bytes(position(), bytes);
    history_.add(next_, bytes);
    next_ = end;
}

void StreamReassembler::emit_gap(std::int64_t end, GapReason reason, StreamSink& sink) {
    if (end <= next_) return;
    sink.gap({range(next_, end), reason});
    next_ = end;
}

void StreamReassembler::drain(StreamSink& sink) {
    for (;;) {
        while (!waiting_.empty() && waiting_.begin()->first <= next_) {
            const auto piece = waiting_.extract(waiting_.begin());
            waiting_bytes_ -= piece.mapped().bytes.size() + kPieceCost;
            emit(piece.mapped().bytes, sink);
            cut_to_ = std::max(cut_to_, piece.mapped().claimed);
        }
        const std::int64_t first = waiting_.empty() ? cut_to_ : waiting_.begin()->first;
        if (fin_ == next_ && first == next_ + 1) {
            next_ = first;  // the number that the FIN took, not a byte
            continue;
        }
        if (std::min(first, cut_to_) <= next_) return;
        emit_gap(std::min(first, cut_to_), GapReason::NotCaptured, sink);
    }
}

void StreamReassembler::acknowledged(Seq32 ack, bool with_syn, StreamSink& sink) {
    if (!started_ && with_syn) {
        zero_ = ack;
        started_ = true;
    }
    if (!started_) {
        if (!first_ack_) first_ack_ = last_ack_ = ack;
        if (Seq32::after(ack, last_ack_)) last_ack_ = ack;
        return;
    }
    std::int64_t offset = Seq32::unwrap(ack, zero_, next_);
    if (untouched() && (offset < -kFarthest || offset > kFarthest)) {
        // Two answers to one SYN, with different numbers: what the receiver accepted is the one that counts.
        zero_ = ack;
        offset = 0;
    }
    if (offset < 0 || offset > next_ + kFarthest) return;
    acked_ = std::max(acked_.value_or(offset), offset);
    give_up_proven(sink);
}

void StreamReassembler::give_up_proven(StreamSink& sink) {
    while (acked_) {
        std::optional<std::int64_t> behind = fin_;
        if (!waiting_.empty()) behind = waiting_.begin()->first;
        // The acknowledgement must cover something captured: one that ends before it may have overtaken the
        // missing packet in the capture.
        if (!behind || *behind <= next_ || *acked_ <= *behind) return;
        emit_gap(*behind, GapReason::Acknowledged, sink);
        drain(sink);
    }
}

void StreamReassembler::flush(StreamSink& sink) {
    const auto reason = [&](std::int64_t end) {
        return acked_ && *acked_ >= end ? GapReason::Acknowledged : GapReason::NeverSeen;
    };
    while (!waiting_.empty()) {
        const std::int64_t first = waiting_.begin()->first;
        emit_gap(first, reason(first), sink);
        drain(sink);
    }
    if (fin_) emit_gap(*fin_, reason(*fin_), sink);
}

void StreamReassembler::finish(StreamSink& sink) {
    if (!started_) {
        if (first_ack_ && Seq32::after(last_ack_, *first_ack_))
            emit_gap(Seq32::distance(*first_ack_, last_ack_), GapReason::Acknowledged, sink);
        return;
    }
    flush(sink);
    if (!acked_) return;
    // One number more than was seen is the FIN's: seen, or lost with nothing else missing.
    const std::int64_t lost = *acked_ - next_;
    if (lost > 1) emit_gap(*acked_ - (fin_ == next_ ? 1 : 0), GapReason::Acknowledged, sink);
}

}  // namespace synscope::track
