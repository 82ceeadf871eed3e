#pragma once
// A trace::Store as the models read it. Holds a reference: the store outlives it. Thread rule: one reader per
// source; the store may be written meanwhile.

#include "capture/trace/store.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::render {

class StoreSource final : public model::TraceSource {
  public:
    explicit StoreSource(const trace::Store& store) : store_(store) {}

    [[nodiscard]] std::size_t size() const override { return store_.size(); }
    [[nodiscard]] Event event(EventId id) const override { return store_.event(id); }
    [[nodiscard]] model::PacketBytes packet(PacketId id) const override {
        const trace::Packet packet = store_.packet(id);
        return {store_.interface(packet.interface).link_type, packet.original_length, packet.bytes};
    }
    [[nodiscard]] std::string_view text(TextId id) const override { return store_.text(id); }

  private:
    const trace::Store& store_;
};

}  // namespace synscope::render
