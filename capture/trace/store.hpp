#pragma once
// The trace: everything observed, append-only, in order of arrival.
//
// One writer thread appends; any number of reader threads read what size() announced, without a lock. Events
// live in chunks of columns, at most 64 bytes of anonymous memory per event on average; packet bytes are
// references into a mapped file: the capture that was opened, or an unlinked temporary file while recording.
// Ownership: the store owns chunks, text and mappings; spans and string_views it hands out live as long as
// the store. Arrival order is not time order: sort by `at` where time matters (ui/model does).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/event.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::trace {

/// Where packets come from; pcapng's interface description.
struct Interface {
    wire::LinkType link_type = wire::LinkType::Ethernet;
    std::uint32_t snap_length = 0;  ///< 0: no limit
    std::string name;               ///< "lo", not escaped
    std::string description;
    std::string filter;  ///< the BPF expression, when there was one
    std::vector<std::string> comments = {};
    friend bool operator==(const Interface&, const Interface&) = default;
};

/// A packet as stored. `bytes` is what was captured; `original_length` what was on the wire.
struct Packet {
    PacketId id;
    Instant at;
    InterfaceId interface;
    std::uint32_t original_length = 0;
    ByteSpan bytes;
};

/// Bytes of packets that somebody else keeps mapped (a capture file); see Store::adopt.
class ByteOwner {
  public:
    virtual ~ByteOwner() = default;
};

class Store {
  public:
    Store();
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // ---- writer (one thread) ----
    EventId append(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body);
    /// Copies the bytes into the store's own unlinked temporary file. Append PacketCaptured (or PacketSent)
    /// for it next.
    Result<PacketId, OsError> add_packet(InterfaceId interface, Instant at, std::uint32_t original_length,
                                         ByteSpan bytes);
    /// The same without a copy: `bytes` must lie in memory kept by an owner given to adopt().
    PacketId refer_packet(InterfaceId interface, Instant at, std::uint32_t original_length, ByteSpan bytes);
    void adopt(std::unique_ptr<ByteOwner> owner);
    InterfaceId add_interface(Interface description);
    /// A number for an actor; declare it next (ActorDeclared).
    ActorId add_actor();
    /// The same for numbers that come from outside: nothing once all 65536 are given away.
    std::optional<ActorId> try_add_actor();
    /// Equal strings get equal ids. Text is kept as given, not escaped.
    TextId intern(std::string_view text);
    /// Adds a comment to a packet (pcapng opt_comment); several are kept in order.
    void add_comment(PacketId packet, std::string_view comment);

    // ---- readers (any thread) ----
    /// Events published so far. Everything an event refers to is published before it.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] Event event(EventId id) const;
    /// Only the time, the cheapest column.
    [[nodiscard]] Instant time_of(EventId id) const;
    [[nodiscard]] std::size_t packet_count() const noexcept;
    [[nodiscard]] Packet packet(PacketId id) const;
    [[nodiscard]] std::string_view text(TextId id) const;
    [[nodiscard]] std::size_t interface_count() const noexcept;
    [[nodiscard]] const Interface& interface(InterfaceId id) const;
    [[nodiscard]] std::vector<std::string_view> comments(PacketId packet) const;
    /// Anonymous memory held now, in bytes (chunks, text, tables; not mapped files). For the writer's thread.
    [[nodiscard]] std::size_t anonymous_bytes() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::trace
