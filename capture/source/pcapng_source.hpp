#pragma once
// Packets of a pcapng file; its other blocks are passed over (load_capture keeps them). Thread rule: one
// thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/pcapng/block_reader.hpp"
#include "capture/source/byte_feed.hpp"
#include "capture/source/packet_source.hpp"

namespace synscope::source {

class PcapngSource final : public PacketSource {
  public:
    /// Reads the section header. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<PcapngSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                               std::string name);

    [[nodiscard]] Result<std::optional<RawPacket>, UserError> next() override;
    [[nodiscard]] wire::LinkType link_type() const override { return link_type_; }
    [[nodiscard]] std::size_t interface_count() const override { return interfaces_.size(); }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override {
        return interfaces_[number];
    }
    [[nodiscard]] bool keeps_bytes() const override { return feed_->mapped(); }
    /// `received` counts packets read; the drops are what the statistics blocks read so far say.
    [[nodiscard]] CaptureCounters stats() const override { return counters_; }

  private:
    PcapngSource(std::unique_ptr<ByteFeed> feed, std::string name, pcapng::BlockReader reader);
    [[nodiscard]] Result<std::optional<pcapng::Item>, UserError> next_item();

    std::unique_ptr<ByteFeed> feed_;
    std::string name_;
    pcapng::BlockReader reader_;
    wire::LinkType link_type_ = wire::LinkType::Ethernet;
    std::vector<trace::Interface> interfaces_;
    CaptureCounters counters_;
    bool ended_ = false;
};

}  // namespace synscope::source
