#include "capture/source/record_source.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::source {

std::string place_in(const ByteFeed& feed, std::uint64_t offset) {
    return concat(", byte ", offset, feed.unpacked() ? " of what it unpacks to" : "");
}

wire::LinkType RecordSource::link_type() const {
    if (last_link_type_) return *last_link_type_;
    return interface_count() > 0 ? interface(0).link_type : wire::LinkType::Ethernet;
}

/// `window_end` is the end of the bytes that were looked at.
UserError RecordSource::damaged(std::string what, std::uint64_t offset, std::uint64_t window_end) {
    // What looks like damage may be the zeros that stand for bytes that went away.
    const std::uint64_t intact = feed_->intact();
    if (intact < window_end) {
        what = "the file was cut off while it was read";
        offset = intact;
    }
    damage_ = UserError{std::move(what), name_ + place_in(*feed_, offset), "what came before it is kept"};
    return *damage_;
}

Result<std::optional<RawPacket>, UserError> RecordSource::next() {
    if (ahead_at_ == ahead_end_) {
        const auto count = fill(ahead_);
        if (!count) return failure(count.error());
        ahead_at_ = 0;
        ahead_end_ = *count;
        if (*count == 0) return std::optional<RawPacket>{};
    }
    ++handed_out_;
    const RawPacket& packet = ahead_[ahead_at_++];
    last_link_type_ = packet.link_type;
    return std::optional<RawPacket>{packet};
}

Result<std::size_t, UserError> RecordSource::next_batch(std::span<RawPacket> batch) {
    if (ahead_at_ < ahead_end_) {
        const std::size_t count = std::min(batch.size(), ahead_end_ - ahead_at_);
        std::copy_n(ahead_.begin() + static_cast<std::ptrdiff_t>(ahead_at_), count, batch.begin());
        ahead_at_ += count;
        handed_out_ += count;
        return count;
    }
    auto count = fill(batch);
    if (count && *count > 0) {
        handed_out_ += *count;
        last_link_type_ = batch[*count - 1].link_type;
    }
    return count;
}

/// The packets that end where the file still is whole.
Result<std::size_t, UserError> RecordSource::whole_ones(std::span<const RawPacket> found) {
    const std::uint64_t intact = feed_->intact();
    if (feed_->offset() + pending_ <= intact) return found.size();
    std::size_t whole = 0;
    while (whole + 1 < found.size() && found[whole + 1].offset <= intact)
        ++whole;
    (void)damaged("", intact, feed_->offset() + pending_);
    if (whole == 0) return failure(*damage_);
    return whole;
}

Result<std::size_t, UserError> RecordSource::fill(std::span<RawPacket> batch) {
    if (batch.empty()) return std::size_t{0};
    if (damage_) return failure(*damage_);
    feed_->skip(std::exchange(pending_, 0));
    for (std::size_t needed = 1;;) {
        const auto window = feed_->peek(needed);
        if (!window) {
            damage_ = window.error();
            return failure(*damage_);
        }
        const Found found = find(*window, feed_->offset(), batch);
        if (found.packets > 0) {
            pending_ = found.consumed;
            return whole_ones(batch.first(found.packets));
        }
        if (found.damage != nullptr)
            return failure(
                damaged(found.damage, feed_->offset() + found.consumed, feed_->offset() + window->size()));
        if (found.consumed > 0) {
            feed_->skip(found.consumed);
            needed = 1;
            continue;
        }
        if (window->empty()) return std::size_t{0};
        if (window->size() < needed)
            return failure(damaged("the capture ends inside a record: cut off, or still being written",
                                   feed_->offset(), feed_->offset() + window->size()));
        needed = std::max(found.needed, window->size() + 1);
    }
}

}  // namespace synscope::source
