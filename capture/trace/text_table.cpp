#include "capture/trace/text_table.hpp"

#include <algorithm>
#include <cstring>

namespace synscope::trace {

std::string_view TextTable::keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > piece_size_ - piece_used_) {
        piece_size_ = std::max(kPieceBytes, text.size());
        pieces_.push_back(std::make_unique<char[]>(piece_size_));
        piece_bytes_ += piece_size_;
        piece_used_ = 0;
    }
    char* place = pieces_.back().get() + piece_used_;
    std::memcpy(place, text.data(), text.size());
    piece_used_ += text.size();
    return {place, text.size()};
}

TextId TextTable::intern(std::string_view text) {
    if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
    const TextId id{static_cast<std::uint32_t>(ids_.size())};
    const std::string_view kept = keep(text);
    chunks_.ensure(id.value / kChunk)[id.value % kChunk] = kept;
    ids_.emplace(kept, id);
    return id;
}

std::size_t TextTable::bytes() const noexcept {
    constexpr std::size_t kNode = sizeof(void*) * 2 + sizeof(std::pair<std::string_view, TextId>);
    return chunks_.bytes() + piece_bytes_ + ids_.size() * kNode + ids_.bucket_count() * sizeof(void*);
}

}  // namespace synscope::trace
