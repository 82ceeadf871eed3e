#include "sim/tcp/queues.hpp"

#include <algorithm>

#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {

// ---- UnsentQueue

void UnsentQueue::append(Payload bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (size == 0) return;
    runs_.back().length += size;
    bytes_ += size;
    pieces_.push_back(std::move(bytes));
}

Payload UnsentQueue::peek(std::uint32_t length) const {
    if (length == 0) return {};
    if (pieces_.front().size() >= length) return pieces_.front().slice(0, length);
    return Payload::made_by(length, [&](MutableByteSpan out) {
        std::size_t at = 0;
        for (std::size_t i = 0; at < out.size(); ++i) {
            const Payload part = pieces_[i].slice(0, out.size() - at);
            std::copy(part.span().begin(), part.span().end(), out.begin() + static_cast<std::ptrdiff_t>(at));
            at += part.size();
        }
    });
}

Payload UnsentQueue::take(std::uint32_t length) {
    Payload taken = peek(length);
    for (std::size_t left = length; left > 0;) {
        Payload& piece = pieces_.front();
        if (piece.size() > left) {
            piece = piece.from(left);
            break;
        }
        left -= piece.size();
        pieces_.pop_front();
    }
    bytes_ -= length;
    Run& run = runs_.front();
    run.length -= length;
    if (run.length == 0 && !run.fin) runs_.pop_front();
    return taken;
}

void UnsentQueue::take_fin() noexcept {
    runs_.front().fin = false;
    if (runs_.front().length == 0) runs_.pop_front();
}

void UnsentQueue::split_head(std::uint32_t length) {
    Run rest = runs_.front();
    if (length > rest.length || (length == rest.length && !rest.fin)) return;
    rest.length -= length;
    runs_.front() = Run{length, false, false, false};
    runs_.insert(1, rest);
}

void UnsentQueue::clear() noexcept {
    runs_.clear();
    pieces_.clear();
    bytes_ = 0;
}

// ---- RetransmitQueue

std::size_t RetransmitQueue::find(Seq32 seq) const noexcept {
    std::size_t low = 0;
    std::size_t high = segments_.size();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (after(segments_[middle].end(), seq)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void RetransmitQueue::split(std::size_t i, std::uint32_t length) {
    SentSegment rest = segments_[i];
    SentSegment& first = segments_[i];
    const std::uint32_t taken = length - (first.syn ? 1u : 0u);
    rest.seq = first.seq + length;
    rest.length = first.length - length;
    rest.payload = first.payload.from(taken);
    rest.syn = false;
    first.length = length;
    first.payload = first.payload.slice(0, taken);
    first.fin = false;
    first.push = false;
    first.ends_burst = false;
    first.end_of_record = false;
    segments_.insert(i + 1, std::move(rest));
}

// ---- OutOfOrderQueue

OutOfOrderQueue::Added OutOfOrderQueue::add(Seq32 seq, Payload payload, bool fin) {
    Block fresh{seq, std::move(payload), fin};
    const Seq32 end = fresh.end();
    Added added{seq, end, std::nullopt, false};
    const auto begins_before = [](const Block& block, Seq32 s) { return before(block.seq, s); };
    auto at = std::lower_bound(blocks_.begin(), blocks_.end(), seq, begins_before);
    // The block before may hold the start of the segment, or all of it.
    if (at != blocks_.begin() && after((at - 1)->end(), seq)) {
        const Seq32 known = (at - 1)->end();
        added.duplicate = std::pair{seq, before(known, end) ? known : end};
        if (!before(known, end)) {
            added.nothing_new = true;
        } else {
            fresh.payload = fresh.payload.from(span(fresh.seq, known));
            fresh.seq = known;
        }
    }
    // Blocks that lie within it give way; one that reaches beyond keeps its place and the segment is cut.
    // What arrived first is kept where both hold a byte: a later copy must not change it.
    while (!added.nothing_new && at != blocks_.end() && before(at->seq, end)) {
        if (!added.duplicate) added.duplicate = std::pair{at->seq, before(at->end(), end) ? at->end() : end};
        if (before(end, at->end()) || (end == at->end() && at->seq == fresh.seq)) {
            if (at->seq == fresh.seq) {
                added.nothing_new = true;
                added.duplicate = std::pair{fresh.seq, end};
            } else {
                fresh.payload = fresh.payload.slice(0, span(fresh.seq, at->seq));
                fresh.fin = false;
            }
            break;
        }
        bytes_ -= at->payload.size();
        at = blocks_.erase(at);
    }
    if (!added.nothing_new) {
        bytes_ += fresh.payload.size();
        at = blocks_.insert(at, std::move(fresh)) + 1;
    }
    // The run of neighbours around the segment.
    for (auto it = blocks_.begin(); it != blocks_.end(); ++it) {
        auto last = it;
        while (last + 1 != blocks_.end() && last->end() == (last + 1)->seq)
            ++last;
        if (before_eq(it->seq, seq) && after_eq(last->end(), end)) {
            added.run_begin = it->seq;
            added.run_end = last->end();
            break;
        }
        it = last;
    }
    return added;
}

std::optional<OutOfOrderQueue::Block> OutOfOrderQueue::take(Seq32 next) {
    if (blocks_.empty() || after(blocks_.front().seq, next)) return std::nullopt;
    Block block = std::move(blocks_.front());
    blocks_.erase(blocks_.begin());
    bytes_ -= block.payload.size();
    return block;
}

// ---- ReceiveQueue

void ReceiveQueue::push(Payload piece) {
    if (piece.empty()) return;
    bytes_ += piece.size();
    pieces_.push_back(std::move(piece));
}

std::size_t ReceiveQueue::peek(std::size_t skip, MutableByteSpan out) const noexcept {
    std::size_t copied = 0;
    for (std::size_t i = 0; i < pieces_.size() && copied < out.size(); ++i) {
        const ByteSpan piece = pieces_[i].span();
        if (skip >= piece.size()) {
            skip -= piece.size();
            continue;
        }
        const std::size_t count = std::min(piece.size() - skip, out.size() - copied);
        const auto from = piece.begin() + static_cast<std::ptrdiff_t>(skip);
        std::copy(from, from + static_cast<std::ptrdiff_t>(count),
                  out.begin() + static_cast<std::ptrdiff_t>(copied));
        copied += count;
        skip = 0;
    }
    return copied;
}

void ReceiveQueue::drop(std::size_t count) noexcept {
    while (count > 0 && !pieces_.empty()) {
        Payload& piece = pieces_.front();
        if (piece.size() > count) {
            piece = piece.from(count);
            bytes_ -= count;
            return;
        }
        count -= piece.size();
        bytes_ -= piece.size();
        pieces_.pop_front();
    }
}

Payload ReceiveQueue::take(std::size_t most) {
    if (pieces_.empty() || most == 0) return {};
    Payload taken = pieces_.front().slice(0, most);
    drop(taken.size());
    return taken;
}

}  // namespace synscope::sim::tcp
