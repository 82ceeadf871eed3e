#pragma once
// One packet with all that a filter may ask for. Not thread safe, not meant to be.

#include <string_view>
#include <vector>

#include "capture/dissect/dissect.hpp"
#include "capture/filter/filter.hpp"

namespace synscope::filter::test {

/// Owns what its facts refer to: neither copied nor moved.
class MadePacket {
  public:
    explicit MadePacket(std::vector<std::byte> frame, wire::LinkType link = wire::LinkType::Ethernet)
        : frame_(std::move(frame)),
          dissection_(dissect::dissect(link, frame_, static_cast<std::uint32_t>(frame_.size()))) {
        facts.number = 7;
        facts.at = Instant{1'600'000'001'250'000'000};
        facts.first_at = Instant{1'600'000'000'000'000'000};
        facts.previous_at = Instant{1'600'000'001'000'000'000};
        facts.original_length = static_cast<std::uint32_t>(frame_.size());
        facts.bytes = frame_;
        facts.dissection = &dissection_;
    }
    MadePacket(const MadePacket&) = delete;
    MadePacket& operator=(const MadePacket&) = delete;

    [[nodiscard]] const dissect::Dissection& dissection() const { return dissection_; }

    PacketFacts facts;

  private:
    std::vector<std::byte> frame_;
    dissect::Dissection dissection_;
};

}  // namespace synscope::filter::test
