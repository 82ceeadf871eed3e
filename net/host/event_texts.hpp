#pragma once
// Texts by their number, for the encoder of events. Thread rule: values.

#include <string_view>
#include <vector>

#include "capture/pcapng/event_codec.hpp"

namespace synscope::host {

class Texts final : public pcapng::TextResolver {
  public:
    explicit Texts(const std::vector<std::string_view>& texts) : texts_(texts) {}
    std::string_view text(TextId id) const override {
        return id.value < texts_.size() ? texts_[id.value] : std::string_view{};
    }

  private:
    const std::vector<std::string_view>& texts_;
};

}  // namespace synscope::host
