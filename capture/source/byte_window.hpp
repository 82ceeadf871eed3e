#pragma once
// The part of a stream that is being looked at: bytes are added behind and taken away in front. Thread rule:
// one thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::source {

class ByteWindow {
  public:
    [[nodiscard]] ByteSpan bytes() const noexcept { return ByteSpan(buffer_).subspan(begin_, end_ - begin_); }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    void skip(std::size_t count) noexcept {
        count = std::min(count, end_ - begin_);
        begin_ += count;
        offset_ += count;
    }
    /// Space behind, at least kLeastRoom; moves what is left to the front. Grows in steps of what comes,
    /// never by what a header claims.
    [[nodiscard]] MutableByteSpan room() {
        if (begin_ == end_) begin_ = end_ = 0;
        if (buffer_.size() - end_ < kLeastRoom) {
            std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                      buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        if (buffer_.size() - end_ < kLeastRoom) buffer_.resize(std::max(kFirstBuffer, buffer_.size() * 2));
        return MutableByteSpan(buffer_).subspan(end_);
    }
    /// So many bytes of room() were filled.
    void filled(std::size_t count) noexcept { end_ += count; }

  private:
    static constexpr std::size_t kFirstBuffer = 256 * 1024;
    static constexpr std::size_t kLeastRoom = 64 * 1024;  // what a pipe holds

    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t offset_ = 0;
};

}  // namespace synscope::source
