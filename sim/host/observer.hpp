#pragma once
// Who watches a simulated network: every frame put on a wire, delivered or lost, and everything a box does
// with one.
//
// Each transmission of a frame on a link is a packet with an id of its own; `cause` names the packet whose
// arrival made a box send it: a switch's or router's copy names the one it got, an answer the question.
// Frames are seen by const reference for the time of the call; encode() makes bytes of them. Nothing here
// changes what happens, and a network without an observer pays one branch per event. Ownership: the caller's,
// for as long as the world lives. Thread rule: called on the thread that runs the world.

#include <cstdint>
#include <optional>
#include <string>

#include "net/base/event.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "sim/host/frame.hpp"

namespace synscope::sim {

/// A host, switch, router or outlet of a world, from 0.
using BoxId = Id<struct BoxIdTag>;
/// A wire of a world, both directions, from 0.
using LinkId = Id<struct LinkIdTag>;

struct PacketEvent {
    Instant at;
    PacketId packet;
    std::optional<PacketId> cause;
    LinkId link;
    BoxId box;               ///< the sender for sent and lost, the receiver for delivered
    std::uint16_t port = 0;  ///< which of its interfaces
};
/// A box did something: what BoxActed (net/base/event.hpp) says in one line.
struct BoxEvent {
    Instant at;
    BoxId box;
    std::uint16_t port = 0;
    std::optional<PacketId> packet;
    BoxAction action = BoxAction::MacLearned;
    // What the action speaks of; which fields mean something depends on it.
    MacAddress mac{};
    struct LinkAddresses {
        MacAddress source{};
        MacAddress destination{};
    };
    LinkAddresses was{};
    LinkAddresses is{};
    IpAddress address{};
    std::uint32_t number = 0;

    /// "02:00:00:00:00:01 on port 1", "64 > 63": safe to print.
    [[nodiscard]] std::string detail() const;
};

class WorldObserver {
  public:
    WorldObserver() = default;
    WorldObserver(const WorldObserver&) = delete;
    WorldObserver& operator=(const WorldObserver&) = delete;
    virtual ~WorldObserver() = default;

    virtual void sent(const PacketEvent&, const Frame&) {}
    /// What a link corrupted comes as bytes.
    virtual void delivered(const PacketEvent&, const Frame&) {}
    /// One more copy of a packet that was sent travels.
    virtual void duplicated(const PacketEvent&, const Frame&) {}
    /// On its way, or refused by the link.
    virtual void lost(const PacketEvent&, DropReason, const Frame&) {}
    /// By a box that had it; without a packet where it was never put on a wire.
    virtual void dropped(Instant, BoxId, std::uint16_t /*port*/, std::optional<PacketId>, DropReason,
                         const Frame&) {}
    virtual void acted(const BoxEvent&) {}
};

}  // namespace synscope::sim
