#pragma once
// What the readers of all file formats share: records from a ByteFeed in batches, damage with its place.
//
// A format says how many whole records stand at the front of a window of bytes; fetching more, the end, files
// that are cut short and files that are cut while they are read are the business of this class. Thread rule:
// one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "capture/source/byte_feed.hpp"
#include "capture/source/packet_source.hpp"

namespace synscope::source {

class RecordSource : public PacketSource {
  public:
    [[nodiscard]] Result<std::optional<RawPacket>, UserError> next() final;
    [[nodiscard]] Result<std::size_t, UserError> next_batch(std::span<RawPacket> batch) final;
    [[nodiscard]] bool keeps_bytes() const final { return feed_->mapped(); }
    [[nodiscard]] bool repeatable() const final { return feed_->repeatable(); }
    [[nodiscard]] CaptureCounters stats() const override { return {handed_out_, 0, 0}; }
    /// Of the packet last handed out by next(), else of the first interface.
    [[nodiscard]] wire::LinkType link_type() const final;
    /// The feed, for whoever must keep its bytes alive; nothing can be read afterwards.
    [[nodiscard]] std::unique_ptr<ByteFeed> release_feed() noexcept { return std::move(feed_); }

  protected:
    /// What stands at the front of a window.
    struct Found {
        std::size_t packets = 0;       ///< written to the batch
        std::size_t consumed = 0;      ///< bytes of those records, and of what was passed over
        std::size_t needed = 1;        ///< bytes that the next record takes, as far as it is known
        const char* damage = nullptr;  ///< why nothing can follow; only without packets
    };
    /// Whole records at the front of `window`, which begins at `offset` in the file. Without packets and
    /// bytes consumed, it takes `needed` bytes, more than there are, or is damaged.
    virtual Found find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) = 0;

    RecordSource(std::unique_ptr<ByteFeed> feed, std::string name)
        : feed_(std::move(feed)), name_(std::move(name)) {}
    [[nodiscard]] ByteFeed& feed() noexcept { return *feed_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    [[nodiscard]] Result<std::size_t, UserError> fill(std::span<RawPacket> batch);
    [[nodiscard]] Result<std::size_t, UserError> whole_ones(std::span<const RawPacket> found);
    [[nodiscard]] UserError damaged(std::string what, std::uint64_t offset, std::uint64_t window_end);

    static constexpr std::size_t kAhead = 32;  // packets that next() reads at once

    std::unique_ptr<ByteFeed> feed_;
    std::string name_;
    std::array<RawPacket, kAhead> ahead_;
    std::size_t ahead_at_ = 0;
    std::size_t ahead_end_ = 0;
    std::size_t pending_ = 0;  ///< bytes of the packets handed out last, to be skipped
    std::uint64_t handed_out_ = 0;
    std::optional<wire::LinkType> last_link_type_;
    std::optional<UserError> damage_;
};

/// ", byte 1234", and that it counts unpacked bytes where it does.
[[nodiscard]] std::string place_in(const ByteFeed& feed, std::uint64_t offset);

}  // namespace synscope::source
