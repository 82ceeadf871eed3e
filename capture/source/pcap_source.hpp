#pragma once
// Packets of a pcap file. Thread rule: one thread.

#include <memory>
#include <optional>
#include <string>

#include "capture/source/byte_feed.hpp"
#include "capture/source/packet_source.hpp"
#include "capture/source/pcap_format.hpp"

namespace synscope::source {

class PcapSource final : public PacketSource {
  public:
    /// Reads the file header. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<PcapSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                             std::string name);

    [[nodiscard]] Result<std::optional<RawPacket>, UserError> next() override;
    [[nodiscard]] wire::LinkType link_type() const override { return header_.link_type; }
    /// The format knows one interface, and no name for it.
    [[nodiscard]] const trace::Interface& interface(std::uint16_t) const override { return interface_; }
    [[nodiscard]] bool keeps_bytes() const override { return feed_->mapped(); }
    [[nodiscard]] CaptureCounters stats() const override { return {packets_, 0, 0}; }
    [[nodiscard]] const PcapHeader& header() const noexcept { return header_; }
    /// The feed, for whoever must keep its bytes alive; nothing can be read afterwards.
    [[nodiscard]] std::unique_ptr<ByteFeed> release_feed() noexcept { return std::move(feed_); }

  private:
    PcapSource(std::unique_ptr<ByteFeed> feed, std::string name, PcapHeader header);
    [[nodiscard]] UserError damaged(std::string what);

    std::unique_ptr<ByteFeed> feed_;
    std::string name_;
    PcapHeader header_;
    trace::Interface interface_;
    std::size_t pending_ = 0;  ///< bytes of the packet handed out last, to be skipped
    std::uint64_t packets_ = 0;
    std::optional<UserError> damage_;
};

}  // namespace synscope::source
