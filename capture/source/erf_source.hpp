#pragma once
// Packets of an ERF file (Endace's Extensible Record Format), as capture cards write it. Ethernet, HDLC, PPP
// and IP are unwrapped; a record of another kind is one packet of link type 197, record header included.
// Thread rule: one thread.

#include <memory>
#include <string>
#include <vector>

#include "capture/source/record_source.hpp"

namespace synscope::source {

class ErfSource final : public RecordSource {
  public:
    /// The format has no magic: whether the first records make sense.
    [[nodiscard]] static bool matches(ByteSpan bytes) noexcept;
    [[nodiscard]] static Result<std::unique_ptr<ErfSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                            std::string name);

    /// One for each link type.
    [[nodiscard]] std::size_t interface_count() const override { return interfaces_.size(); }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override {
        return interfaces_[number];
    }

  private:
    using RecordSource::RecordSource;
    Found find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) override;
    [[nodiscard]] std::uint16_t interface_of(wire::LinkType link_type);

    std::vector<trace::Interface> interfaces_;
};

}  // namespace synscope::source
