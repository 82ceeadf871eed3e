// Framing `ready`: the length as in len32, then a wait for the peer's "ready", then the body. A course's
// first repair of stuck-together messages, and a slow one: every message costs a round trip. What it buys is
// that the receiver can make room before the body comes.
//
// "ready" stands between messages of the direction that says it, never between a header and its body. When
// both sides announce a message at once, each would wait for the other's "ready" and never say its own; so a
// header that crosses ours counts as its "ready", and neither is said. Both sides see that alike: each gets
// the other's header while its own waits. In a stream the two cannot be confused: as a length, "read" would
// be 1,684,104,562 bytes, more than is ever allowed.
#include <algorithm>

#include "net/framing/framing.hpp"
#include "net/framing/held.hpp"

namespace synscope::framing {

namespace {

constexpr std::size_t kHeader = 4;
constexpr std::string_view kReady{"ready"};
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::uint64_t allowed(Limits limits) {
    return std::min(limits.max_body, kLargest);
}

class ReadyEncoder final : public Encoder {
  public:
    explicit ReadyEncoder(Limits limits) : max_(allowed(limits)) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        if (body.size() > max_)
            return failure(FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(body.size())});
        const std::size_t begin = out.size();
        out.resize(begin + kHeader);
        store_le32(MutableByteSpan{out}.subspan(begin), 0, static_cast<std::uint32_t>(body.size()));
        body_.assign(body.begin(), body.end());
        waiting_ = true;
        const ByteRange bytes{offset_, offset_ + kHeader + body.size()};
        offset_ = bytes.end;
        return Placed{index_++, bytes, {bytes.begin + kHeader, bytes.end}};
    }
    bool waiting() const override { return waiting_; }
    void hear(Signal signal, std::vector<std::byte>& out) override {
        if (waiting_) {
            out.insert(out.end(), body_.begin(), body_.end());
            body_.clear();
            waiting_ = false;
        } else if (signal == Signal::Asked) {
            const ByteSpan ready = bytes_of(kReady);
            out.insert(out.end(), ready.begin(), ready.end());
            offset_ += ready.size();
        }
    }

  private:
    std::uint64_t max_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
    std::vector<std::byte> body_;
    bool waiting_ = false;
};

class ReadyDecoder final : public HoldingDecoder {
  public:
    explicit ReadyDecoder(Limits limits) : max_(allowed(limits)) {}

    void feed(ByteSpan bytes) override {
        HoldingDecoder::feed(bytes);
        signals_.clear();
        told_ = 0;
    }

    const Message* next() override {
        while (!error_) {
            const ByteSpan view = held_.view();
            if (view.size() < kHeader) break;
            if (!asked_ && begins_ready(view)) {
                if (view.size() < kReady.size()) break;
                pass_ready(view);
                continue;
            }
            const auto length = checked_length(view);
            if (!length) break;
            if (!asked_) signals_.push_back(Signal::Asked);
            asked_ = true;
            if (view.size() - kHeader < *length) break;
            asked_ = false;
            return take(kHeader, view.subspan(kHeader, *length), kHeader + *length);
        }
        if (!error_) held_.wait();
        return nullptr;
    }

    std::optional<Signal> signal() override {
        if (told_ == signals_.size()) return std::nullopt;
        return signals_[told_++];
    }

  private:
    static bool begins_ready(ByteSpan view) {
        const ByteSpan ready = bytes_of(kReady).first(kHeader);
        return std::equal(ready.begin(), ready.end(), view.begin());
    }
    void pass_ready(ByteSpan view) {
        if (view[kHeader] != bytes_of(kReady)[kHeader]) {
            error_ = FrameError{Fault::Malformed, offset_, 0, "neither a length nor \"ready\""};
            return;
        }
        signals_.push_back(Signal::GoAhead);
        held_.use(kReady.size());
        offset_ += kReady.size();
    }
    std::optional<std::size_t> checked_length(ByteSpan bytes) {
        const auto length = static_cast<std::int32_t>(load_le32(bytes, 0));
        if (length < 0)
            error_ = FrameError{Fault::NegativeLength, offset_, length};
        else if (static_cast<std::uint64_t>(length) > max_)
            error_ = FrameError{Fault::TooLong, offset_, length};
        if (error_) return std::nullopt;
        return static_cast<std::size_t>(length);
    }

    std::uint64_t max_;
    bool asked_ = false;  ///< the next message's header has been told
    std::vector<Signal> signals_;
    std::size_t told_ = 0;  ///< of signals_
};

}  // namespace

std::unique_ptr<Encoder> make_ready_encoder(Limits limits) {
    return std::make_unique<ReadyEncoder>(limits);
}
std::unique_ptr<Decoder> make_ready_decoder(Limits limits) {
    return std::make_unique<ReadyDecoder>(limits);
}

}  // namespace synscope::framing
