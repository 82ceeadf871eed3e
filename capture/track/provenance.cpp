#include "capture/track/provenance.hpp"

#include <algorithm>

namespace synscope::track {

namespace {

/// An item of one of the lists: its bytes, and its index there.
struct Span {
    ByteRange bytes;
    std::size_t index;
};

bool earlier(const Span& a, const Span& b) {
    return a.bytes.begin < b.bytes.begin;
}

template <class Item, class Wanted>
std::vector<Span> spans(const std::vector<Item>& items, Wanted wanted) {
    std::vector<Span> list;
    for (std::size_t i = 0; i < items.size(); ++i)
        if (wanted(items[i]) && !items[i].bytes.empty()) list.push_back({items[i].bytes, i});
    std::stable_sort(list.begin(), list.end(), earlier);
    return list;
}

/// The lists of one direction, each sorted by its first byte.
struct Lists {
    std::vector<Span> writes;
    std::vector<Span> reads;
    std::vector<Span> sent_messages;
    std::vector<Span> received_messages;
    std::vector<Span> segments;
    std::vector<Span> acks;  ///< [what was acknowledged before, now), in order
    std::uint64_t end = 0;

    Lists(const Connection& connection, Direction direction);
};

Lists::Lists(const Connection& connection, Direction direction) {
    const Side sender = sender_of(direction);
    const Side receiver = other(sender);
    writes = spans(connection.calls, [&](const StreamCall& c) { return c.writes && c.side == sender; });
    reads = spans(connection.calls, [&](const StreamCall& c) { return !c.writes && c.side == receiver; });
    sent_messages =
        spans(connection.messages, [&](const Message& m) { return m.outgoing && m.side == sender; });
    received_messages =
        spans(connection.messages, [&](const Message& m) { return !m.outgoing && m.side == receiver; });
    for (std::size_t i = 0; i < connection.segments.size(); ++i) {
        const Segment& segment = connection.segments[i];
        const ByteRange bytes = segment.bytes();
        if (segment.direction == direction && !bytes.empty()) segments.push_back({bytes, i});
    }
    std::stable_sort(segments.begin(), segments.end(), earlier);
    for (const auto* list : {&writes, &reads, &sent_messages, &received_messages, &segments})
        for (const Span& span : *list)
            end = std::max(end, span.bytes.end);
    // ACKs may reach one further (the FIN), or beyond what was captured: only bytes that somebody speaks of
    // count.
    std::uint64_t acked = 0;
    for (std::size_t i = 0; i < connection.segments.size(); ++i) {
        const Segment& segment = connection.segments[i];
        if (segment.direction == direction || segment.ack.value_or(0) <= 1) continue;
        const std::uint64_t upto = std::min(static_cast<std::uint64_t>(*segment.ack - 1), end);
        if (upto > acked) acks.push_back({{acked, upto}, i});
        acked = std::max(acked, upto);
    }
}

std::vector<std::uint64_t> boundaries(const Lists& lists) {
    std::vector<std::uint64_t> cuts{0, lists.end};
    for (const auto* list : {&lists.writes, &lists.reads, &lists.sent_messages, &lists.received_messages,
                             &lists.segments, &lists.acks})
        for (const Span& span : *list) {
            cuts.push_back(span.bytes.begin);
            cuts.push_back(span.bytes.end);
        }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

/// Walks one list along the axis; ranges of one list that should not overlap may, in a damaged session: the
/// later one then wins where they do.
class Cursor {
  public:
    explicit Cursor(const std::vector<Span>& list) : list_(&list) {}
    /// The item that covers `offset`; offsets must not go down.
    std::optional<std::size_t> at(std::uint64_t offset) {
        while (next_ < list_->size() && (*list_)[next_].bytes.begin <= offset)
            current_ = next_++;
        if (!current_ || !(*list_)[*current_].bytes.contains(offset)) return {};
        return (*list_)[*current_].index;
    }

  private:
    const std::vector<Span>* list_;
    std::size_t next_ = 0;
    std::optional<std::size_t> current_;
};

/// The same for segments, which do overlap: all that cover an offset, in time order.
class SegmentCursor {
  public:
    explicit SegmentCursor(const std::vector<Span>& list) : list_(&list) {}
    std::vector<std::size_t> at(std::uint64_t offset) {
        active_.erase(std::remove_if(active_.begin(), active_.end(),
                                     [&](const Span& s) { return s.bytes.end <= offset; }),
                      active_.end());
        for (; next_ < list_->size() && (*list_)[next_].bytes.begin <= offset; ++next_) {
            const Span& span = (*list_)[next_];
            if (span.bytes.end <= offset) continue;
            // Indexes are in time order, whatever the order of their bytes.
            const auto place =
                std::upper_bound(active_.begin(), active_.end(), span,
                                 [](const Span& a, const Span& b) { return a.index < b.index; });
            active_.insert(place, span);
            if (active_.size() > kMaxTransmissions) active_.pop_back();
        }
        std::vector<std::size_t> indexes;
        indexes.reserve(active_.size());
        for (const Span& span : active_)
            indexes.push_back(span.index);
        return indexes;
    }

  private:
    const std::vector<Span>* list_;
    std::size_t next_ = 0;
    std::vector<Span> active_;
};

}  // namespace

std::vector<ByteRun> provenance(const Connection& connection, Direction direction) {
    const Lists lists(connection, direction);
    if (lists.end == 0) return {};
    Cursor writes(lists.writes);
    Cursor reads(lists.reads);
    Cursor sent(lists.sent_messages);
    Cursor received(lists.received_messages);
    Cursor acks(lists.acks);
    SegmentCursor segments(lists.segments);
    std::vector<ByteRun> runs;
    const auto cuts = boundaries(lists);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const std::uint64_t begin = cuts[i];
        ByteRun run;
        run.bytes = {begin, cuts[i + 1]};
        run.write = writes.at(begin);
        run.segments = segments.at(begin);
        run.acknowledged = acks.at(begin);
        run.read = reads.at(begin);
        run.sent_message = sent.at(begin);
        run.received_message = received.at(begin);
        runs.push_back(std::move(run));
    }
    return runs;
}

std::string_view verdict_text(FateVerdict verdict) noexcept {
    switch (verdict) {
        case FateVerdict::Whole:
            return "whole";
        case FateVerdict::MergedAtSender:
            return "merged with its neighbour at the sender";
        case FateVerdict::MergedAtReceiver:
            return "merged at the receiver";
        case FateVerdict::SplitOverSegments:
            return "split over segments";
        case FateVerdict::SplitOverReads:
            return "split over reads";
        case FateVerdict::NotYetRead:
            return "not yet read";
    }
    return {};
}

namespace {

void sort_once(std::vector<std::size_t>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// What carried the bytes of one unit: first transmissions, all transmissions, reads.
struct Carriers {
    std::vector<std::size_t> first;
    std::vector<std::size_t> reads;
    bool all_read = true;
};

std::vector<FateVerdict> judge(const Carriers& carriers, bool merged_sender, bool merged_receiver) {
    std::vector<FateVerdict> verdicts;
    const bool whole = carriers.first.size() == 1 && carriers.reads.size() == 1 && carriers.all_read &&
                       !merged_sender && !merged_receiver;
    if (whole) verdicts.push_back(FateVerdict::Whole);
    if (merged_sender) verdicts.push_back(FateVerdict::MergedAtSender);
    if (merged_receiver) verdicts.push_back(FateVerdict::MergedAtReceiver);
    if (carriers.first.size() > 1) verdicts.push_back(FateVerdict::SplitOverSegments);
    if (carriers.reads.size() > 1) verdicts.push_back(FateVerdict::SplitOverReads);
    if (!carriers.all_read) verdicts.push_back(FateVerdict::NotYetRead);
    return verdicts;
}

/// Which unit each run belongs to, and for each carrier whether it served more than one unit.
class Sharing {
  public:
    void note(std::size_t carrier, std::size_t unit) {
        if (carrier >= first_unit_.size()) {
            first_unit_.resize(carrier + 1);
            shared_.resize(carrier + 1, false);
        }
        if (!first_unit_[carrier]) first_unit_[carrier] = unit;
        if (*first_unit_[carrier] != unit) shared_[carrier] = true;
    }
    [[nodiscard]] bool any_shared(const std::vector<std::size_t>& carriers) const {
        return std::any_of(carriers.begin(), carriers.end(), [&](std::size_t c) { return shared_[c]; });
    }

  private:
    std::vector<std::optional<std::size_t>> first_unit_;
    std::vector<bool> shared_;
};

}  // namespace

std::vector<Fate> fates(const Connection& connection, Direction direction) {
    const auto runs = provenance(connection, direction);
    const bool by_message = std::any_of(runs.begin(), runs.end(),
                                        [](const ByteRun& run) { return run.sent_message.has_value(); });
    std::vector<Fate> units;
    std::vector<Carriers> carriers;
    Sharing segments;
    Sharing reads;
    for (const ByteRun& run : runs) {
        const auto unit = by_message ? run.sent_message : run.write;
        if (!unit) continue;
        if (units.empty() || (by_message ? units.back().message : units.back().write) != unit) {
            units.emplace_back();
            carriers.emplace_back();
            (by_message ? units.back().message : units.back().write) = unit;
            units.back().bytes =
                by_message ? connection.messages[*unit].bytes : connection.calls[*unit].bytes;
        }
        units.back().segments.insert(units.back().segments.end(), run.segments.begin(), run.segments.end());
        if (!run.segments.empty()) {
            carriers.back().first.push_back(run.segments.front());
            segments.note(run.segments.front(), units.size());
        }
        if (run.read) {
            carriers.back().reads.push_back(*run.read);
            reads.note(*run.read, units.size());
        } else {
            carriers.back().all_read = false;
        }
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
        sort_once(units[i].segments);
        sort_once(carriers[i].first);
        sort_once(carriers[i].reads);
        units[i].reads = carriers[i].reads;
        units[i].verdicts =
            judge(carriers[i], segments.any_shared(carriers[i].first), reads.any_shared(carriers[i].reads));
    }
    return units;
}

}  // namespace synscope::track
