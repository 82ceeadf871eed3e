// Any bytes as the body of an event block, of a single event or of many: what decodes must encode to
// something that decodes to the same event.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "capture/pcapng/event_pack.hpp"

namespace {

using namespace synscope;

class Texts final : public pcapng::TextInterner, public pcapng::TextResolver {
  public:
    TextId intern(std::string_view text) override {
        for (std::uint32_t i = 0; i < texts_.size(); ++i) {
            if (texts_[i] == text) return TextId{i};
        }
        texts_.emplace_back(text);
        return TextId{static_cast<std::uint32_t>(texts_.size() - 1)};
    }
    [[nodiscard]] std::string_view text(TextId id) const override { return texts_[id.value]; }

  private:
    std::vector<std::string> texts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Texts texts;
    pcapng::EventReader block{std::as_bytes(std::span(data, size)), texts};
    while (const auto event = block.next()) {
        std::vector<std::byte> encoded;
        pcapng::encode_event(*event, texts, encoded);
        const auto again = pcapng::decode_event(encoded, texts);
        if (!again || !(*again == *event)) std::abort();
    }
    return 0;
}
