// Framing `none`: the stream as it is. TCP keeps no record of how bytes were written (RFC 9293 section 3.7.4
// calls the push function no record marker), so a reader that takes one recv() for one message is right only
// by luck.
#include "net/framing/framing.hpp"

namespace synscope::framing {

namespace {

class NoneEncoder final : public Encoder {
  public:
    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        out.insert(out.end(), body.begin(), body.end());
        const ByteRange range{offset_, offset_ + body.size()};
        offset_ = range.end;
        return Placed{index_++, range, range};
    }

  private:
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

class NoneDecoder final : public Decoder {
  public:
    void feed(ByteSpan bytes) override { input_ = bytes; }
    const Message* next() override {
        if (input_.empty()) return nullptr;
        const ByteRange range{offset_, offset_ + input_.size()};
        found_ = {{index_++, range, range}, input_};
        offset_ = range.end;
        input_ = {};
        return &found_;
    }
    std::optional<FrameError> at_end() const override { return std::nullopt; }

  private:
    ByteSpan input_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> make_none_encoder(Limits) {
    return std::make_unique<NoneEncoder>();
}
std::unique_ptr<Decoder> make_none_decoder(Limits) {
    return std::make_unique<NoneDecoder>();
}

}  // namespace synscope::framing
