#pragma once
// The part of a stream that a decoder has been fed and not yet handed out. As long as whole messages lie in
// what was just read nothing is copied; the rest is kept when the decoder has to wait. A decoder that has
// lost its place does neither, and must not be fed again: what it was fed last is gone. Thread rule: pure.

#include <optional>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/framing/framing.hpp"

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

/// What decoders that hold back an unfinished message have in common: after an error nothing more is taken,
/// and a stream that ends inside a message is truncated.
class HoldingDecoder : public Decoder {
  public:
    void feed(ByteSpan bytes) override {
        if (!error_) held_.feed(bytes);
    }
    [[nodiscard]] std::optional<FrameError> at_end() const override {
        const std::size_t rest = held_.view().size();
        if (error_ || rest == 0) return error_;
        return FrameError{Fault::Truncated, offset_, static_cast<std::int64_t>(rest)};
    }

  protected:
    /// The first bytes held are a message: `header`, `body`, and `size` in all.
    const Message* take(std::size_t header, ByteSpan body, std::size_t size) {
        const ByteRange bytes{offset_, offset_ + size};
        offset_ = bytes.end;
        held_.use(size);
        const std::uint64_t begin = bytes.begin + header;
        found_ = {{index_++, bytes, {begin, begin + body.size()}}, body};
        return &found_;
    }

    std::uint64_t offset_ = 0;  ///< in the stream: where what is held begins
    std::uint32_t index_ = 0;   ///< of the next message
    Held held_;
};

}  // namespace synscope::framing
