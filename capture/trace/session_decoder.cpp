#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "capture/pcapng/block_reader.hpp"
#include "capture/pcapng/event_pack.hpp"
#include "capture/trace/id_map.hpp"
#include "capture/trace/interface_texts.hpp"
#include "capture/trace/named_packet.hpp"
#include "capture/trace/session.hpp"
#include "net/base/text.hpp"

namespace synscope::trace {

namespace {

class StoreInterner final : public pcapng::TextInterner {
  public:
    explicit StoreInterner(Store& store) : store_(store) {}
    TextId intern(std::string_view text) override { return store_.intern(text); }

  private:
    Store& store_;
};

}  // namespace

struct SessionDecoder::Impl {
    explicit Impl(Store& s) : store(s), texts(s) {}

    Store& store;
    StoreInterner texts;
    pcapng::BlockReader reader;
    bool mapped = false;  ///< packets lie in memory that the store keeps
    SessionSummary summary;
    IdMap events;
    IdMap packets;
    std::unordered_map<std::uint16_t, ActorId> actors;  ///< of this stream
    std::optional<ActorId> capturer;                    ///< whose packets without an event are
    std::optional<ActorId> last_capturer;               ///< of the sections before
    std::vector<InterfaceId> interfaces;                ///< of this stream
    InterfaceTexts interface_texts;
    std::optional<InterfaceId> custom_interface;  ///< of custom blocks
    std::optional<Event> waiting;                 ///< names the packet that comes next

    /// Nothing when there are more actors than numbers: sections behind each other bring new ones.
    std::optional<ActorId> actor(ActorId stream) {
        const auto known = actors.find(stream.value);
        if (known != actors.end()) return known->second;
        const auto added = store.try_add_actor();
        if (added) actors.emplace(stream.value, *added);
        return added;
    }

    /// Whose packets without an event are; a section brings its own, while there are numbers.
    ActorId capturing() {
        if (!capturer) capturer = store.try_add_actor();
        if (!capturer) capturer = last_capturer;
        if (!capturer) capturer = ActorId{std::numeric_limits<std::uint16_t>::max()};
        last_capturer = capturer;
        return *capturer;
    }

    void add_event(Event event) {
        const auto numbered = actor(event.actor);
        if (!numbered) {
            ++summary.damaged_events;
            return;
        }
        const ActorId who = *numbered;
        if (const auto* declared = std::get_if<ActorDeclared>(&event.body);
            declared != nullptr && declared->role == ActorRole::Capture)
            capturer = who;
        std::optional<EventId> cause;
        if (event.cause) {
            if (const auto known = events.find(event.cause->value))
                cause = EventId{static_cast<std::uint32_t>(*known)};
        }
        const EventId id = store.append(event.at, who, cause, event.body);
        events.add(event.id.value, id.value);
        if (named_packet(event.body) == nullptr) ++summary.events;
    }

    /// An event whose packet did not follow: another program took the packet away.
    void give_up_waiting() {
        if (waiting) ++summary.missing_packets;
        waiting.reset();
    }

    Result<void, UserError> on(const pcapng::OtherItem& item) {
        if (item.type != pcapng::kEventBlockType) {
            ++summary.unknown_blocks;
            const auto content = pcapng::custom_content(item);
            return content ? list_custom(*content) : Result<void, UserError>{};
        }
        summary.has_our_events = true;
        pcapng::EventReader block{item.body, texts};
        while (auto event = block.next()) {
            give_up_waiting();
            PacketId* named = named_packet(event->body);
            const auto known = named != nullptr ? packets.find(named->value) : std::nullopt;
            if (named != nullptr && !known) {
                waiting = std::move(*event);
                continue;
            }
            if (known) *named = PacketId{*known};
            add_event(std::move(*event));
        }
        if (const auto fault = block.fault()) {
            give_up_waiting();
            ++(*fault == pcapng::EventFault::Newer ? summary.newer_events : summary.damaged_events);
        }
        return {};
    }

    Result<PacketId, UserError> keep(InterfaceId interface, Instant at, std::uint32_t original_length,
                                     ByteSpan bytes) {
        if (mapped) return store.refer_packet(interface, at, original_length, bytes);
        const auto added = store.add_packet(interface, at, original_length, bytes);
        if (!added)
            return failure(UserError{concat("cannot keep packets: ", added.error().operation, " failed"),
                                     added.error().detail, "Is the disk of TMPDIR full?"});
        return *added;
    }

    /// A custom block of a foreign capture has a frame number in Wireshark, so it is a row here, too.
    Result<void, UserError> list_custom(ByteSpan content) {
        if (!custom_interface)
            custom_interface = store.add_interface({pcapng::kCustomBlockLink, 0, "custom block", "", ""});
        const auto id =
            keep(*custom_interface, Instant{}, static_cast<std::uint32_t>(content.size()), content);
        if (!id) return failure(id.error());
        ++summary.packets;
        store.append(Instant{}, capturing(), std::nullopt, PacketCaptured{*id});
        return {};
    }

    Result<void, UserError> on(const pcapng::PacketItem& item) {
        const InterfaceId interface = interfaces[item.interface.value];
        const auto id = keep(interface, item.at, item.original_length, item.bytes);
        if (!id) return failure(id.error());
        for (const std::string_view comment : item.comments)
            store.add_comment(*id, comment);
        ++summary.packets;
        summary.has_packet_ids = summary.has_packet_ids || item.packet_id.has_value();
        if (item.packet_id) packets.add(*item.packet_id, id->value);
        PacketId* named = waiting ? named_packet(waiting->body) : nullptr;
        if (named != nullptr && item.packet_id == named->value) {
            *named = *id;
            add_event(*std::exchange(waiting, std::nullopt));
        } else {
            give_up_waiting();
            store.append(item.at, capturing(), std::nullopt, PacketCaptured{*id});
        }
        return {};
    }

    void on(const pcapng::InterfaceItem& item) {
        interfaces.push_back(store.add_interface(interface_texts.interface_of(item)));
    }

    /// Our own streams carry the counters as events; in a foreign one this is where they are.
    void on(const pcapng::StatisticsItem& item) {
        const bool counts = item.received || item.dropped_by_interface || item.dropped_by_system;
        if (summary.has_our_events || !counts) return;
        store.append(item.at, capturing(), std::nullopt,
                     CaptureCounters{item.received.value_or(0), item.dropped_by_system.value_or(0),
                                     item.dropped_by_interface.value_or(0)});
    }

    /// A section numbers its packets, events and actors by itself: two sessions behind each other stay apart.
    void on(const pcapng::SectionItem& /*item*/) {
        give_up_waiting();
        events = {};
        packets = {};
        actors.clear();
        capturer.reset();
    }

    Result<void, UserError> drain() {
        while (true) {
            const auto item = reader.next();
            if (!item)
                return failure(
                    UserError{pcapng::block_error_text(item.error()), "", "What came before it is kept."});
            if (!*item) return {};
            Result<void, UserError> taken;
            std::visit(Overload{[&](const pcapng::PacketItem& packet) { taken = on(packet); },
                                [&](const pcapng::OtherItem& other) { taken = on(other); },
                                [&](const auto& other) { on(other); }},
                       (*item)->content);
            if (!taken) return taken;
        }
    }
};

SessionDecoder::SessionDecoder(Store& store) : impl_(std::make_unique<Impl>(store)) {}
SessionDecoder::~SessionDecoder() = default;

Result<void, UserError> SessionDecoder::feed(ByteSpan bytes) {
    impl_->reader.feed(bytes);
    return impl_->drain();
}

Result<void, UserError> SessionDecoder::finish() {
    impl_->reader.finish();
    auto drained = impl_->drain();
    if (drained)
        impl_->give_up_waiting();
    else
        impl_->waiting.reset();  // cut off with its packet: nobody took that away
    return drained;
}

Result<void, UserError> SessionDecoder::read_mapped(ByteSpan file) {
    impl_->reader = pcapng::BlockReader{file};
    impl_->mapped = true;
    return finish();
}

const SessionSummary& SessionDecoder::summary() const noexcept {
    return impl_->summary;
}

}  // namespace synscope::trace
