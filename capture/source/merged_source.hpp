#pragma once
// Several sources as one, merged by time. Packets of equal time come in the order of the sources; the packets
// of one source stay in its order, also where its times run backwards. Thread rule: one thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/source/packet_source.hpp"

namespace synscope::source {

class MergedSource final : public PacketSource {
  public:
    /// At least one source; none of them a live capture, which has no next packet to wait for.
    explicit MergedSource(std::vector<std::unique_ptr<PacketSource>> sources);
    ~MergedSource() override;

    [[nodiscard]] Result<std::optional<RawPacket>, UserError> next() override;
    /// A source that ends in an error does not end the others: the first such error comes when all else was
    /// read.
    [[nodiscard]] Result<std::size_t, UserError> next_batch(std::span<RawPacket> batch) override;
    [[nodiscard]] wire::LinkType link_type() const override { return link_type_; }
    /// Numbered in the order in which packets name them.
    [[nodiscard]] std::size_t interface_count() const override { return interfaces_.size(); }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override;
    [[nodiscard]] bool has_nanoseconds() const override;
    [[nodiscard]] bool keeps_bytes() const override;
    [[nodiscard]] bool repeatable() const override;
    [[nodiscard]] CaptureCounters stats() const override;

  private:
    struct Input;
    void refill(Input& input);
    [[nodiscard]] std::optional<std::uint16_t> number_of(Input& input, const RawPacket& packet);

    std::vector<Input> inputs_;
    std::vector<trace::Interface> interfaces_;
    trace::Interface other_;  ///< of what was not captured, see PacketSource::interface
    wire::LinkType link_type_ = wire::LinkType::Ethernet;
    std::optional<UserError> error_;
};

/// Opens all of `paths` and merges them; of one path, its source itself. Standard input may be one of them.
[[nodiscard]] Result<std::unique_ptr<PacketSource>, UserError> open_captures(
    const std::vector<std::string>& paths);

}  // namespace synscope::source
