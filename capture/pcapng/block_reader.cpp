#include "capture/pcapng/block_reader.hpp"

namespace synscope::pcapng {

void BlockReader::feed(ByteSpan bytes) {
    if (consumed_ > 0 && (consumed_ == buffer_.size() || consumed_ > (1u << 16))) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
        consumed_ = 0;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Item>, BlockError> BlockReader::next() {
    if (error_) return failure(*error_);
    const auto fail = [this](BlockFault fault) {
        error_ = BlockError{fault, offset_};
        return failure(*error_);
    };
    const ByteSpan rest = (mapped_ ? view_ : ByteSpan{buffer_}).subspan(consumed_);
    auto item = parser_.next(rest);
    if (!item) return fail(item.error());
    if (!*item) {
        if (!ended_ || rest.empty()) return std::optional<Item>{};
        return fail(parser_.in_section() ? BlockFault::Truncated : BlockFault::NotPcapng);
    }
    (*item)->offset = offset_;
    const std::size_t size = (*item)->block.size();
    consumed_ += size;
    offset_ += size;
    return std::move(*item);
}

}  // namespace synscope::pcapng
