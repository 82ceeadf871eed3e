#pragma once
// A source of packets that finds out, as they pass, what a user should hear of it as a session of ours.
// Thread rule: one thread per source, which is also the one that asks `check` afterwards.

#include <memory>

#include "capture/source/packet_source.hpp"
#include "capture/trace/session_check.hpp"

namespace synscope::analyze {

class CheckedSource final : public source::PacketSource, private source::BlockListener {
  public:
    /// Gives `source` back as it is when it has no blocks. `check` must outlive what is returned.
    [[nodiscard]] static std::unique_ptr<source::PacketSource> watch(
        std::unique_ptr<source::PacketSource> source, trace::SessionCheck& check);

    [[nodiscard]] Result<std::optional<source::RawPacket>, UserError> next() override;
    [[nodiscard]] Result<std::size_t, UserError> next_batch(std::span<source::RawPacket> batch) override;
    [[nodiscard]] std::size_t interface_count() const override { return source_->interface_count(); }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override {
        return source_->interface(number);
    }
    [[nodiscard]] bool has_nanoseconds() const override { return source_->has_nanoseconds(); }
    [[nodiscard]] bool keeps_bytes() const override { return source_->keeps_bytes(); }
    [[nodiscard]] bool repeatable() const override { return source_->repeatable(); }
    [[nodiscard]] wire::LinkType link_type() const override { return source_->link_type(); }
    [[nodiscard]] CaptureCounters stats() const override { return source_->stats(); }

  private:
    explicit CheckedSource(trace::SessionCheck& check) : check_(check) {}
    void block(const pcapng::Item& item) override { check_.block(item); }

    trace::SessionCheck& check_;
    std::unique_ptr<source::PacketSource> source_;
};

}  // namespace synscope::analyze
