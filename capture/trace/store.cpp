#include "capture/trace/store.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "capture/trace/directory.hpp"
#include "capture/trace/packed_body.hpp"
#include "capture/trace/spool.hpp"
#include "capture/trace/text_table.hpp"

namespace synscope::trace {

namespace {

constexpr std::size_t kEventsPerChunk = 4096;
constexpr std::size_t kPacketsPerChunk = 4096;
constexpr std::size_t kArenaPiece = std::size_t{64} << 10;

/// Columns of what every event has; the fields of its kind are packed in the arena at `base + place`.
struct EventChunk {
    std::array<std::int64_t, kEventsPerChunk> at;
    std::array<std::uint32_t, kEventsPerChunk> cause_plus_1;
    std::array<std::uint32_t, kEventsPerChunk> place;
    std::array<std::uint16_t, kEventsPerChunk> actor;
    std::array<std::uint8_t, kEventsPerChunk> kind;
    std::uint64_t base = 0;
};

struct PacketChunk {
    std::array<std::int64_t, kPacketsPerChunk> at;
    std::array<const std::byte*, kPacketsPerChunk> bytes;
    std::array<std::uint32_t, kPacketsPerChunk> captured;
    std::array<std::uint32_t, kPacketsPerChunk> original;
    std::array<std::uint16_t, kPacketsPerChunk> interface;
};

static_assert(kEventKindCount <= 256, "the kind column is one byte wide");

template <std::size_t... Kinds>
void unpack(std::size_t kind, EventBody& body, PackedReader reader, std::index_sequence<Kinds...>) {
    const auto read_as = [&]<std::size_t Kind>(std::integral_constant<std::size_t, Kind>) {
        pcapng::visit_fields(body.emplace<Kind>(), reader);
        return true;
    };
    static_cast<void>(((kind == Kinds && read_as(std::integral_constant<std::size_t, Kinds>{})) || ...));
}

}  // namespace

struct Store::Impl {
    // Published: readers see an element once its count covers it, and everything written before.
    std::atomic<std::size_t> events{0};
    std::atomic<std::size_t> packets{0};
    std::atomic<std::size_t> interface_count{0};

    Directory<EventChunk> event_chunks;
    Directory<std::array<std::byte, kArenaPiece>> arena;
    std::uint64_t arena_used = 0;
    Directory<PacketChunk> packet_chunks;
    Directory<Interface> interfaces;
    TextTable texts;
    Spool spool;
    std::vector<std::unique_ptr<ByteOwner>> owners;
    std::uint32_t actors = 0;

    // Comments are rare and may come late: the one table behind a lock.
    mutable std::mutex comments_guard;
    std::unordered_map<std::uint64_t, std::vector<TextId>> comments;

    /// Keeps a packed body; one body never lies across two pieces.
    std::uint64_t keep(ByteSpan packed) {
        const std::size_t left = kArenaPiece - arena_used % kArenaPiece;
        if (packed.size() > left) arena_used += left;
        const std::uint64_t place = arena_used;
        std::memcpy(arena.ensure(place / kArenaPiece).data() + place % kArenaPiece, packed.data(),
                    packed.size());
        arena_used += packed.size();
        return place;
    }
};

Store::Store() : impl_(std::make_unique<Impl>()) {}
Store::~Store() = default;

// ---- writer
// -------------------------------------------------------------------------------------------------------------------

EventId Store::append(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) {
    Impl& s = *impl_;
    const std::size_t index = s.events.load(std::memory_order_relaxed);
    PackedWriter writer;
    std::visit([&](const auto& b) { pcapng::visit_fields(b, writer); }, body);
    const std::uint64_t place = s.keep(writer.bytes());

    EventChunk& chunk = s.event_chunks.ensure(index / kEventsPerChunk);
    const std::size_t row = index % kEventsPerChunk;
    if (row == 0) chunk.base = place;
    chunk.at[row] = at.ns;
    chunk.cause_plus_1[row] = cause ? cause->value + 1 : 0;
    chunk.place[row] = static_cast<std::uint32_t>(place - chunk.base);
    chunk.actor[row] = actor.value;
    chunk.kind[row] = static_cast<std::uint8_t>(body.index());
    s.events.store(index + 1, std::memory_order_release);
    return EventId{static_cast<std::uint32_t>(index)};
}

Result<PacketId, OsError> Store::add_packet(InterfaceId interface, Instant at, std::uint32_t original_length,
                                            ByteSpan bytes) {
    auto kept = impl_->spool.keep(bytes);
    if (!kept) return failure(kept.error());
    return refer_packet(interface, at, original_length, *kept);
}

PacketId Store::refer_packet(InterfaceId interface, Instant at, std::uint32_t original_length,
                             ByteSpan bytes) {
    Impl& s = *impl_;
    const std::size_t index = s.packets.load(std::memory_order_relaxed);
    PacketChunk& chunk = s.packet_chunks.ensure(index / kPacketsPerChunk);
    const std::size_t row = index % kPacketsPerChunk;
    chunk.at[row] = at.ns;
    chunk.bytes[row] = bytes.data();
    chunk.captured[row] = static_cast<std::uint32_t>(bytes.size());
    chunk.original[row] = original_length;
    chunk.interface[row] = interface.value;
    s.packets.store(index + 1, std::memory_order_release);
    return PacketId{index};
}

void Store::adopt(std::unique_ptr<ByteOwner> owner) {
    impl_->owners.push_back(std::move(owner));
}

ActorId Store::add_actor() {
    return ActorId{static_cast<std::uint16_t>(impl_->actors++)};
}

std::optional<ActorId> Store::try_add_actor() {
    if (impl_->actors > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    return add_actor();
}

InterfaceId Store::add_interface(Interface description) {
    const std::size_t index = impl_->interface_count.load(std::memory_order_relaxed);
    impl_->interfaces.ensure(index) = std::move(description);
    impl_->interface_count.store(index + 1, std::memory_order_release);
    return InterfaceId{static_cast<std::uint16_t>(index)};
}

TextId Store::intern(std::string_view text) {
    return impl_->texts.intern(text);
}

void Store::add_comment(PacketId packet, std::string_view comment) {
    const TextId text = impl_->texts.intern(comment);
    const std::lock_guard lock{impl_->comments_guard};
    impl_->comments[packet.value].push_back(text);
}

// ---- readers
// ------------------------------------------------------------------------------------------------------------------

std::size_t Store::size() const noexcept {
    return impl_->events.load(std::memory_order_acquire);
}

Instant Store::time_of(EventId id) const {
    return Instant{impl_->event_chunks[id.value / kEventsPerChunk].at[id.value % kEventsPerChunk]};
}

Event Store::event(EventId id) const {
    const EventChunk& chunk = impl_->event_chunks[id.value / kEventsPerChunk];
    const std::size_t row = id.value % kEventsPerChunk;
    Event event;
    event.id = id;
    event.at = Instant{chunk.at[row]};
    event.actor = ActorId{chunk.actor[row]};
    if (chunk.cause_plus_1[row] != 0) event.cause = EventId{chunk.cause_plus_1[row] - 1};
    const std::uint64_t place = chunk.base + chunk.place[row];
    const PackedReader reader{impl_->arena[place / kArenaPiece].data() + place % kArenaPiece};
    unpack(chunk.kind[row], event.body, reader, std::make_index_sequence<kEventKindCount>{});
    return event;
}

std::size_t Store::packet_count() const noexcept {
    return impl_->packets.load(std::memory_order_acquire);
}

Packet Store::packet(PacketId id) const {
    const PacketChunk& chunk = impl_->packet_chunks[id.value / kPacketsPerChunk];
    const std::size_t row = id.value % kPacketsPerChunk;
    return {id, Instant{chunk.at[row]}, InterfaceId{chunk.interface[row]}, chunk.original[row],
            ByteSpan{chunk.bytes[row], chunk.captured[row]}};
}

std::string_view Store::text(TextId id) const {
    return impl_->texts.text(id);
}

std::size_t Store::interface_count() const noexcept {
    return impl_->interface_count.load(std::memory_order_acquire);
}

const Interface& Store::interface(InterfaceId id) const {
    return impl_->interfaces[id.value];
}

std::vector<std::string_view> Store::comments(PacketId packet) const {
    const std::lock_guard lock{impl_->comments_guard};
    std::vector<std::string_view> found;
    const auto entry = impl_->comments.find(packet.value);
    if (entry == impl_->comments.end()) return found;
    for (const TextId text : entry->second)
        found.push_back(impl_->texts.text(text));
    return found;
}

std::size_t Store::anonymous_bytes() const noexcept {
    const Impl& s = *impl_;
    return s.event_chunks.bytes() + s.arena.bytes() + s.packet_chunks.bytes() + s.interfaces.bytes() +
           s.texts.bytes();
}

}  // namespace synscope::trace
