#pragma once
// Packets of a snoop file (RFC 1761), as Solaris writes it. Thread rule: one thread.

#include <memory>
#include <string>

#include "capture/source/record_source.hpp"

namespace synscope::source {

class SnoopSource final : public RecordSource {
  public:
    /// Whether a file that begins like this is one.
    [[nodiscard]] static bool matches(ByteSpan bytes) noexcept;
    /// Reads the file header. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<SnoopSource>, UserError> open(std::unique_ptr<ByteFeed> feed,
                                                                              std::string name);

    [[nodiscard]] const trace::Interface& interface(std::uint16_t /*number*/) const override {
        return interface_;
    }
    [[nodiscard]] bool has_nanoseconds() const override { return false; }

  private:
    using RecordSource::RecordSource;
    Found find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) override;

    trace::Interface interface_;
};

}  // namespace synscope::source
