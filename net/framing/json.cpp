// Framing `json`: a 4-byte length, a JSON header of that length, and the body, whose length is the header's
// `size`: what courses build when a message needs a name and a type besides its bytes. The encoder writes
// {"size": n} and nothing else; the decoder skips what else a header says, and checks that it is JSON.
#include <limits>

#include "net/base/text.hpp"
#include "net/framing/held.hpp"
#include "net/framing/json_header.hpp"

namespace synscope::framing {

namespace {

std::string_view text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class JsonEncoder final : public Encoder {
  public:
    explicit JsonEncoder(Limits limits) : max_(limits.max_body) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        if (body.size() > max_)
            return failure(FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(body.size())});
        const std::size_t begin = out.size();
        append_json_header(out, {json::Object{json::member("size", std::uint64_t{body.size()})}});
        const ByteRange head{offset_, offset_ + (out.size() - begin)};
        out.insert(out.end(), body.begin(), body.end());
        offset_ = head.end + body.size();
        return Placed{index_++, {head.begin, offset_}, {head.end, offset_}};
    }

  private:
    std::uint64_t max_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

class JsonDecoder final : public HoldingDecoder {
  public:
    explicit JsonDecoder(Limits limits) : max_(limits.max_body) {}

    const Message* next() override {
        if (error_ || !(head_ || read_head())) return nullptr;
        const ByteSpan view = held_.view();
        if (view.size() - *head_ < body_) {
            held_.wait();
            return nullptr;
        }
        const std::size_t head = *head_;
        head_.reset();
        return take(head, view.subspan(head, body_), head + body_);
    }

  private:
    /// Whether the next message's header is there and right.
    bool read_head() {
        const ByteSpan view = held_.view();
        if (view.size() >= kJsonLengthBytes) {
            const auto length = json_header_length(view);
            if (!length) return failed(length.error());
            if (view.size() - kJsonLengthBytes >= *length) {
                const auto header = read_json_header(text_of(view.subspan(kJsonLengthBytes, *length)), max_);
                if (!header) return failed(header.error());
                head_ = kJsonLengthBytes + *length;
                body_ = static_cast<std::size_t>(header->size);
                return true;
            }
        }
        held_.wait();
        return false;
    }
    bool failed(FrameError error) {
        error.offset = offset_;
        error_ = error;
        return false;
    }

    std::uint64_t max_;
    std::optional<std::size_t> head_;  ///< of the next message: bytes before its body
    std::size_t body_ = 0;
};

}  // namespace

Result<std::size_t, FrameError> json_header_length(ByteSpan bytes) {
    const auto length = static_cast<std::int32_t>(load_le32(bytes, 0));
    if (length < 0) return failure(FrameError{Fault::NegativeLength, 0, length});
    if (static_cast<std::uint64_t>(length) > kMostJsonHeader)
        return failure(FrameError{Fault::TooLong, 0, length});
    return static_cast<std::size_t>(length);
}

Result<JsonHeader, FrameError> read_json_header(std::string_view text, std::uint64_t max_body) {
    const auto malformed = [&text](std::string_view reason) {
        return failure(FrameError{Fault::Malformed, 0, static_cast<std::int64_t>(text.size()), reason});
    };
    auto fields = json::parse(text);
    if (!fields) return malformed("a header that is not JSON");
    if (!std::holds_alternative<json::Object>(fields->content))
        return malformed("a header that is JSON but no object");
    const json::Value* member = fields->find("size");
    const auto size = member != nullptr ? member->integer() : std::nullopt;
    if (!size) return malformed("a JSON header without a whole number 'size'");
    if (*size < 0) return failure(FrameError{Fault::NegativeLength, 0, *size});
    if (static_cast<std::uint64_t>(*size) > max_body) return failure(FrameError{Fault::TooLong, 0, *size});
    return JsonHeader{std::move(*fields), static_cast<std::uint64_t>(*size)};
}

void append_json_header(std::vector<std::byte>& out, const json::Value& fields) {
    const std::string text = json::text(fields);
    const std::size_t begin = out.size();
    out.resize(begin + kJsonLengthBytes);
    store_le32(MutableByteSpan{out}.subspan(begin), 0, static_cast<std::uint32_t>(text.size()));
    const ByteSpan bytes = std::as_bytes(std::span{text.data(), text.size()});
    out.insert(out.end(), bytes.begin(), bytes.end());
}

std::unique_ptr<Encoder> make_json_encoder(Limits limits) {
    return std::make_unique<JsonEncoder>(limits);
}
std::unique_ptr<Decoder> make_json_decoder(Limits limits) {
    return std::make_unique<JsonDecoder>(limits);
}

}  // namespace synscope::framing
