#pragma once
// Packets of a pcap file. Thread rule: one thread.

#include <memory>
#include <string>

#include "capture/source/pcap_format.hpp"
#include "capture/source/record_source.hpp"

namespace synscope::source {

class PcapSource final : public RecordSource {
  public:
    /// Reads the file header. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<PcapSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                             std::string name);

    /// The format knows one interface, and no name for it.
    [[nodiscard]] const trace::Interface& interface(std::uint16_t /*number*/) const override {
        return interface_;
    }
    [[nodiscard]] bool has_nanoseconds() const override { return header_.nanoseconds; }
    [[nodiscard]] const PcapHeader& header() const noexcept { return header_; }

  private:
    PcapSource(std::unique_ptr<ByteFeed> feed, std::string name, PcapHeader header);
    Found find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) override;

    void choose_record_header(ByteSpan window);

    static constexpr std::size_t kMostZeros = 4096;  ///< records of zeros in a row that are believed

    PcapHeader header_;
    std::size_t zeros_ = 0;  ///< records of zeros seen last, one after the other
    trace::Interface interface_;
};

}  // namespace synscope::source
