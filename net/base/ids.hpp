#pragma once
// Identifiers as distinct types, so that a packet's number is never taken for an event's.
// Thread rule: values.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace synscope {

template <class Tag, class Rep = std::uint32_t>
struct Id {
    Rep value = 0;

    constexpr Id() = default;
    constexpr explicit Id(Rep v) noexcept : value(v) {}
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// Position of an event in its trace, from 0, in order of arrival.
using EventId = Id<struct EventIdTag>;
/// A packet of the trace, as pcapng's epb_packetid; assigned in order of arrival, from 0.
using PacketId = Id<struct PacketIdTag, std::uint64_t>;
/// Who did it: a process of a run, a simulated box, or the capture itself.
using ActorId = Id<struct ActorIdTag, std::uint16_t>;
/// A socket of one actor. Unlike a descriptor it is never used twice within a run.
using SocketId = Id<struct SocketIdTag>;
/// A connection of the trace: Wireshark's tcp.stream, from 0.
using ConnectionId = Id<struct ConnectionIdTag>;
/// A string in the trace's text table.
using TextId = Id<struct TextIdTag>;
/// A thread, as the kernel numbers it.
using ThreadId = Id<struct ThreadIdTag>;
/// An interface of the trace (pcapng interface number over all sections).
using InterfaceId = Id<struct InterfaceIdTag, std::uint16_t>;

}  // namespace synscope

template <class Tag, class Rep>
struct std::hash<synscope::Id<Tag, Rep>> {
    std::size_t operator()(const synscope::Id<Tag, Rep>& id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
