// Framing `len32`: struct.pack("i", len(body)) + body, the first thing every socket course teaches after
// `recv` returned two messages as one. The length is signed, so a negative one can be written, and is
// refused.
#include <algorithm>
#include <array>
#include <limits>

#include "net/framing/framing.hpp"

namespace synscope::framing {

namespace {

constexpr std::size_t kHeader = 4;
constexpr std::uint64_t kLargest = std::numeric_limits<std::int32_t>::max();

std::uint64_t allowed(Limits limits) {
    return std::min(limits.max_body, kLargest);
}

class Len32Encoder final : public Encoder {
  public:
    explicit Len32Encoder(Limits limits) : max_(allowed(limits)) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        if (body.size() > max_)
            return failure(FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(body.size())});
        std::array<std::byte, kHeader> header{};
        store_le32(header, 0, static_cast<std::uint32_t>(body.size()));
        out.insert(out.end(), header.begin(), header.end());
        out.insert(out.end(), body.begin(), body.end());
        const ByteRange bytes{offset_, offset_ + kHeader + body.size()};
        offset_ = bytes.end;
        return Placed{index_++, bytes, {bytes.begin + kHeader, bytes.end}};
    }

  private:
    std::uint64_t max_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

class Len32Decoder final : public Decoder {
  public:
    explicit Len32Decoder(Limits limits) : max_(allowed(limits)) {}

    void feed(ByteSpan bytes) override {
        // A caller that did not drain us first loses nothing: the rest moves behind what is held back.
        release();
        pending_.insert(pending_.end(), input_.begin(), input_.end());
        input_ = bytes;
    }

    std::optional<Message> next() override {
        release();
        if (error_) return std::nullopt;
        if (pending_.empty() && input_.size() >= kHeader) {
            // The common case, without a copy: header and body lie in what was just read.
            const auto length = checked_length(input_);
            if (!length) return std::nullopt;
            if (input_.size() - kHeader >= *length) {
                const ByteSpan body = input_.subspan(kHeader, *length);
                input_ = input_.subspan(kHeader + *length);
                return place(body);
            }
        }
        if (!top_up(kHeader)) return std::nullopt;
        const auto length = checked_length(pending_);
        if (!length || !top_up(kHeader + *length)) return std::nullopt;
        used_ = kHeader + *length;
        return place(ByteSpan{pending_}.subspan(kHeader, *length));
    }

    std::optional<FrameError> error() const override { return error_; }
    std::optional<FrameError> at_end() const override {
        if (error_) return error_;
        const std::size_t held = pending_.size() - used_ + input_.size();
        if (held == 0) return std::nullopt;
        return FrameError{Fault::Truncated, offset_, static_cast<std::int64_t>(held)};
    }

  private:
    /// The length in the header at the front of `bytes`, or an error noted.
    std::optional<std::size_t> checked_length(ByteSpan bytes) {
        const auto length = static_cast<std::int32_t>(load_le32(bytes, 0));
        if (length < 0)
            error_ = FrameError{Fault::NegativeLength, offset_, length};
        else if (static_cast<std::uint64_t>(length) > max_)
            error_ = FrameError{Fault::TooLong, offset_, length};
        if (error_) return std::nullopt;
        return static_cast<std::size_t>(length);
    }
    /// Moves input behind what is held back until `size` bytes are there; whether they are.
    bool top_up(std::size_t size) {
        if (pending_.size() < size) {
            const std::size_t take = std::min(size - pending_.size(), input_.size());
            pending_.insert(pending_.end(), input_.begin(),
                            input_.begin() + static_cast<std::ptrdiff_t>(take));
            input_ = input_.subspan(take);
        }
        return pending_.size() >= size;
    }
    /// Forgets the message that was handed out last.
    void release() {
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ = 0;
    }
    Message place(ByteSpan body) {
        const ByteRange bytes{offset_, offset_ + kHeader + body.size()};
        offset_ = bytes.end;
        return Message{{index_++, bytes, {bytes.begin + kHeader, bytes.end}}, body};
    }

    std::uint64_t max_;
    std::uint64_t offset_ = 0;  ///< of the next message
    std::uint32_t index_ = 0;
    ByteSpan input_;                  ///< fed, not yet looked at
    std::vector<std::byte> pending_;  ///< the beginning of a message whose rest has not come
    std::size_t used_ = 0;            ///< of pending_: the message handed out last
    std::optional<FrameError> error_;
};

}  // namespace

std::unique_ptr<Encoder> make_len32_encoder(Limits limits) {
    return std::make_unique<Len32Encoder>(limits);
}
std::unique_ptr<Decoder> make_len32_decoder(Limits limits) {
    return std::make_unique<Len32Decoder>(limits);
}

}  // namespace synscope::framing
