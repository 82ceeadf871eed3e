// A delimiter behind each message: see Delimiter.
#include <algorithm>

#include "net/framing/declared.hpp"
#include "net/framing/held.hpp"

namespace synscope::framing {

namespace {

constexpr std::byte kCr{'\r'};

class DelimiterEncoder final : public Encoder {
  public:
    DelimiterEncoder(const Delimiter& delimiter, Limits limits)
        : delimiter_(delimiter), max_(limits.max_body) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        if (body.size() > max_)
            return failure(FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(body.size())});
        const ByteSpan end = delimiter_.view();
        const std::size_t begin = out.size();
        out.insert(out.end(), body.begin(), body.end());
        out.insert(out.end(), end.begin(), end.end());
        // The receiver takes the first delimiter that it sees, also one that a body's end and the delimiter
        // make together ("xa" behind a body "x" that ends in "xa"), and the carriage return before it.
        const auto written = out.begin() + static_cast<std::ptrdiff_t>(begin);
        const bool early = std::search(written, out.end(), end.begin(), end.end()) !=
                           out.end() - static_cast<std::ptrdiff_t>(end.size());
        const bool loses_cr = delimiter_.drop_cr && !body.empty() && body.back() == kCr;
        if (early || loses_cr) {
            out.resize(begin);
            return failure(FrameError{Fault::Malformed, offset_, static_cast<std::int64_t>(body.size()),
                                      "a message with its own delimiter in it"});
        }
        const ByteRange bytes{offset_, offset_ + body.size() + end.size()};
        offset_ = bytes.end;
        return Placed{index_++, bytes, {bytes.begin, bytes.begin + body.size()}};
    }

  private:
    Delimiter delimiter_;
    std::uint64_t max_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

class DelimiterDecoder final : public HoldingDecoder {
  public:
    DelimiterDecoder(const Delimiter& delimiter, Limits limits)
        : delimiter_(delimiter), max_(limits.max_body) {}

    const Message* next() override {
        if (error_) return nullptr;
        const ByteSpan view = held_.view();
        const ByteSpan end = delimiter_.view();
        const auto found = std::search(view.begin() + static_cast<std::ptrdiff_t>(searched_), view.end(),
                                       end.begin(), end.end());
        const auto at = static_cast<std::size_t>(found - view.begin());
        const std::size_t body = at - (drops_cr(view.first(at)) ? 1 : 0);
        if (body > max_ && (found != view.end() || view.size() >= longest())) {
            error_ = FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(max_ + 1)};
        } else if (found != view.end()) {
            searched_ = 0;
            return take(0, view.first(body), at + end.size());
        } else {
            // A delimiter may have begun.
            searched_ = view.size() - std::min(view.size(), end.size() - 1);
            held_.wait();
        }
        return nullptr;
    }

  private:
    bool drops_cr(ByteSpan before) const {
        return delimiter_.drop_cr && !before.empty() && before.back() == kCr;
    }
    /// So many bytes without a whole delimiter are too many, whatever follows.
    std::uint64_t longest() const { return max_ + (delimiter_.drop_cr ? 1 : 0) + delimiter_.size; }

    Delimiter delimiter_;
    std::uint64_t max_;
    std::size_t searched_ = 0;  ///< of what is held: no delimiter begins before
};

}  // namespace

std::unique_ptr<Encoder> make_delimiter_encoder(const Delimiter& delimiter, Limits limits) {
    return std::make_unique<DelimiterEncoder>(delimiter, limits);
}
std::unique_ptr<Decoder> make_delimiter_decoder(const Delimiter& delimiter, Limits limits) {
    return std::make_unique<DelimiterDecoder>(delimiter, limits);
}

}  // namespace synscope::framing
