#pragma once
// Packets of a pcapng file. Its other blocks are shown to a listener as they pass. Thread rule: one thread.

#include <memory>
#include <string>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "capture/source/record_source.hpp"
#include "capture/trace/interface_texts.hpp"

namespace synscope::source {

class PcapngSource final : public RecordSource {
  public:
    /// Reads the section header. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<PcapngSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                               std::string name);

    [[nodiscard]] std::size_t interface_count() const override { return interfaces_.size(); }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override {
        return number == kCustomInterface ? custom_ : interfaces_[number];
    }
    [[nodiscard]] bool has_nanoseconds() const override { return nanoseconds_; }
    /// `received` counts packets read; the drops are what the statistics blocks read so far say.
    [[nodiscard]] CaptureCounters stats() const override;
    [[nodiscard]] bool listen(BlockListener* listener) override;

  private:
    using RecordSource::RecordSource;
    Found find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) override;
    Found find_block(ByteSpan window, std::uint64_t offset, RawPacket& packet);
    void take(const pcapng::Item& item);
    std::size_t list_custom(const pcapng::Item& item, const pcapng::OtherItem& other, RawPacket& packet);

    static constexpr std::uint16_t kCustomInterface = 0xffff;  ///< one more than pcapng's may be

    pcapng::BlockParser parser_;
    std::vector<trace::Interface> interfaces_;
    trace::InterfaceTexts texts_;
    trace::Interface custom_{pcapng::kCustomBlockLink, 0, "custom block", "", ""};
    CaptureCounters lost_;
    BlockListener* listener_ = nullptr;
    bool nanoseconds_ = false;
};

}  // namespace synscope::source
