// A length in a header, then the body: see LengthField.
#include <algorithm>
#include <limits>

#include "net/framing/declared.hpp"
#include "net/framing/held.hpp"

namespace synscope::framing {

namespace {

/// The longest body that both the limit and the field allow.
std::uint64_t allowed(const LengthField& field, Limits limits) {
    const std::uint32_t bits = field.size * 8 - (field.is_signed ? 1 : 0);
    const std::uint64_t largest =
        bits >= 63 ? std::numeric_limits<std::int64_t>::max() : (std::uint64_t{1} << bits) - 1;
    const std::uint64_t own = field.includes_header ? field.header : 0;
    return std::min(limits.max_body, largest - std::min(largest, own));
}

std::uint64_t load(const LengthField& field, ByteSpan header) {
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < field.size; ++i) {
        const std::uint32_t at = field.big_endian ? i : field.size - 1 - i;
        value = value << 8 | load_u8(header, field.offset + at);
    }
    return value;
}
void store(const LengthField& field, MutableByteSpan header, std::uint64_t value) {
    for (std::uint32_t i = 0; i < field.size; ++i, value >>= 8) {
        const std::uint32_t at = field.big_endian ? field.size - 1 - i : i;
        store_u8(header, field.offset + at, static_cast<std::uint8_t>(value & 0xff));
    }
}

class LengthEncoder final : public Encoder {
  public:
    LengthEncoder(const LengthField& field, Limits limits) : field_(field), max_(allowed(field, limits)) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        if (body.size() > max_)
            return failure(FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(body.size())});
        const std::size_t begin = out.size();
        out.resize(begin + field_.header);
        store(field_, MutableByteSpan{out}.subspan(begin),
              body.size() + (field_.includes_header ? field_.header : 0));
        out.insert(out.end(), body.begin(), body.end());
        const ByteRange bytes{offset_, offset_ + field_.header + body.size()};
        offset_ = bytes.end;
        return Placed{index_++, bytes, {bytes.begin + field_.header, bytes.end}};
    }

  private:
    LengthField field_;
    std::uint64_t max_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

class LengthDecoder final : public HoldingDecoder {
  public:
    LengthDecoder(const LengthField& field, Limits limits) : field_(field), max_(allowed(field, limits)) {}

    const Message* next() override {
        if (error_) return nullptr;
        const ByteSpan view = held_.view();
        if (view.size() >= field_.header) {
            const auto length = checked_length(view);
            if (!length) return nullptr;
            if (view.size() - field_.header >= *length)
                return take(field_.header, view.subspan(field_.header, *length), field_.header + *length);
        }
        held_.wait();
        return nullptr;
    }

  private:
    /// The body's length by the header at the front of `bytes`, or an error noted.
    std::optional<std::size_t> checked_length(ByteSpan bytes) {
        const std::uint64_t raw = load(field_, bytes);
        const std::uint32_t unused_bits = 64 - field_.size * 8;
        const auto as_signed = static_cast<std::int64_t>(raw << unused_bits) >> unused_bits;
        const std::uint64_t own = field_.includes_header ? field_.header : 0;
        if (field_.is_signed && as_signed < 0) {
            error_ = FrameError{Fault::NegativeLength, offset_, as_signed};
        } else if (raw < own) {
            error_ = FrameError{Fault::Malformed, offset_, static_cast<std::int64_t>(raw),
                                "a length that does not cover its own header"};
        } else if (raw - own > max_) {
            const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            error_ =
                FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(std::min(raw - own, most))};
        } else {
            return static_cast<std::size_t>(raw - own);
        }
        return std::nullopt;
    }

    LengthField field_;
    std::uint64_t max_;
};

}  // namespace

std::unique_ptr<Encoder> make_length_encoder(const LengthField& field, Limits limits) {
    return std::make_unique<LengthEncoder>(field, limits);
}
std::unique_ptr<Decoder> make_length_decoder(const LengthField& field, Limits limits) {
    return std::make_unique<LengthDecoder>(field, limits);
}

}  // namespace synscope::framing
