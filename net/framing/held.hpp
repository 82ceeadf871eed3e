#pragma once
// The part of a stream that a decoder has been fed and not yet handed out. As long as whole messages lie in
// what was just read nothing is copied; the rest is kept when the decoder has to wait. A decoder that has
// lost its place does neither, and must not be fed again: what it was fed last is gone. Thread rule: pure.

#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::framing {

class Held {
  public:
    void feed(ByteSpan bytes) {
        wait();
        kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
        if (kept_.empty())
            fed_ = bytes;
        else
            kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    }
    /// Everything held; holds until the next feed() or wait().
    [[nodiscard]] ByteSpan view() const noexcept {
        return kept_.empty() ? fed_ : ByteSpan{kept_}.subspan(begin_);
    }
    /// The first `bytes` have been dealt with; they stay where they are until the next feed() or wait().
    void use(std::size_t bytes) noexcept {
        if (kept_.empty())
            fed_ = fed_.subspan(bytes);
        else
            begin_ += bytes;
    }
    /// Nothing can be done before more is fed: what was fed may change from here on, so it is kept.
    void wait() {
        if (!kept_.empty()) return;
        kept_.assign(fed_.begin(), fed_.end());
        fed_ = {};
    }

  private:
    ByteSpan fed_;                 ///< while nothing is kept
    std::vector<std::byte> kept_;  ///< from begin_ on
    std::size_t begin_ = 0;
};

}  // namespace synscope::framing
