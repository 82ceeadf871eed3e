#include <optional>
#include <utility>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"
#include "capture/trace/session.hpp"

namespace synscope::trace {

namespace {

/// The packet that an event puts into the trace; later events of the same packet name it only.
std::optional<PacketId> packet_of(const EventBody& body) {
    if (const auto* captured = std::get_if<PacketCaptured>(&body)) return captured->packet;
    if (const auto* sent = std::get_if<PacketSent>(&body)) return sent->packet;
    if (const auto* delivered = std::get_if<PacketDelivered>(&body)) return delivered->packet;
    if (const auto* dropped = std::get_if<PacketDropped>(&body)) return dropped->packet;
    return std::nullopt;
}

class StoreTexts final : public pcapng::TextResolver {
  public:
    explicit StoreTexts(const Store& store) : store_(store) {}
    [[nodiscard]] std::string_view text(TextId id) const override { return store_.text(id); }

  private:
    const Store& store_;
};

}  // namespace

struct SessionEncoder::Impl {
    pcapng::Bytes out;
    pcapng::Bytes body;
    std::vector<bool> written;  ///< packets, by id

    void packet(const Store& store, PacketId id) {
        if (id.value >= written.size()) written.resize(id.value + 1);
        if (written[id.value]) return;
        written[id.value] = true;
        const Packet packet = store.packet(id);
        pcapng::PacketHeader header;
        header.interface = packet.interface.value;
        header.at = packet.at;
        header.original_length = packet.original_length;
        header.id = id;
        header.comments = store.comments(id);
        pcapng::append_packet(out, header, packet.bytes);
    }
};

SessionEncoder::SessionEncoder(std::string_view application) : impl_(std::make_unique<Impl>()) {
    pcapng::append_section(impl_->out, {application, {}, {}});
}
SessionEncoder::~SessionEncoder() = default;

std::vector<std::byte> SessionEncoder::take() {
    return std::exchange(impl_->out, {});
}

void SessionEncoder::interface(const Interface& description) {
    pcapng::append_interface(impl_->out, {description.link_type,
                                          description.snap_length,
                                          description.name,
                                          description.description,
                                          description.filter,
                                          {description.comments.begin(), description.comments.end()}});
}

/// The event block stands before the packet it brings: a decoder that meets a packet knows whether an event
/// goes with it.
void SessionEncoder::event(const Store& store, const Event& event) {
    impl_->body.clear();
    pcapng::encode_event(event, StoreTexts{store}, impl_->body);
    pcapng::append_block(impl_->out, pcapng::kEventBlockType, impl_->body);
    if (const auto id = packet_of(event.body)) impl_->packet(store, *id);
}

}  // namespace synscope::trace
