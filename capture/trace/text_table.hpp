#pragma once
// Strings by number: equal strings get equal numbers, and a string_view handed out stays valid.
// Thread rule: one writer interns; any thread reads the ids it learned of through the store.

#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "capture/trace/directory.hpp"
#include "net/base/ids.hpp"

namespace synscope::trace {

class TextTable {
  public:
    TextId intern(std::string_view text);
    [[nodiscard]] std::string_view text(TextId id) const noexcept {
        return chunks_[id.value / kChunk][id.value % kChunk];
    }
    [[nodiscard]] std::size_t bytes() const noexcept;

  private:
    static constexpr std::size_t kChunk = 256;
    static constexpr std::size_t kPieceBytes = std::size_t{16} << 10;

    std::string_view keep(std::string_view text);

    Directory<std::array<std::string_view, kChunk>> chunks_;
    std::unordered_map<std::string_view, TextId> ids_;
    std::vector<std::unique_ptr<char[]>> pieces_;
    std::size_t piece_size_ = 0;
    std::size_t piece_used_ = 0;
    std::size_t piece_bytes_ = 0;
};

}  // namespace synscope::trace
