#pragma once
// What lies between the boxes of a world: the clock, the links, and the frames on them.
//
// A box is given the fabric with every call and keeps no pointer to it: frames by FrameId, its own timers by
// handle.
//
//   const FrameId id = fabric.make({destination, source, datagram});   // a frame of its own
//   fabric.transmit(box, port, id);                                    // gone: the link has it
//   fabric.drop(box, port, id, DropReason::NoRoute);                   // gone, with a reason
//
// Each FrameId belongs to exactly one holder at a time; whoever has one transmits, drops, consumes or keeps
// it. Frames lie in slots that are used again, so that a frame costs no memory of its own. Thread rule: one
// world, one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/base/ids.hpp"
#include "sim/core/link.hpp"
#include "sim/core/rules.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/host/frame.hpp"
#include "sim/host/observer.hpp"

namespace synscope::sim {

using FrameId = Id<struct FrameIdTag>;

/// Kinds of scheduler entries; of a timer, target is the box, argument what the box gave.
enum class EntryKind : std::uint32_t { LinkDirection, BoxTimer, Alarm };

/// One end of a link: a box and which of its interfaces.
struct PortRef {
    BoxId box;
    std::uint16_t port = 0;
    friend bool operator==(const PortRef&, const PortRef&) = default;
};

/// What of all that was sent became what. sent + duplicated = delivered + lost + on the way.
struct FabricCounts {
    std::uint64_t sent = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t delivered = 0;
    std::uint64_t lost = 0;     ///< on a link
    std::uint64_t dropped = 0;  ///< by a box, after it was delivered or before it was sent
    friend bool operator==(const FabricCounts&, const FabricCounts&) = default;
};

class Fabric {
  public:
    Fabric(std::uint64_t seed, SchedulerOptions scheduling) : seed_(seed), scheduler_(scheduling) {}

    [[nodiscard]] Instant now() const noexcept { return scheduler_.now(); }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }
    [[nodiscard]] WorldObserver* observer() const noexcept { return observer_; }
    void set_observer(WorldObserver* observer) noexcept { observer_ = observer; }
    [[nodiscard]] Rules& rules() noexcept { return rules_; }
    [[nodiscard]] const FabricCounts& counts() const noexcept { return counts_; }

    // ---- frames
    [[nodiscard]] FrameId make(Frame frame);
    /// An empty one to be filled in where it lies, through frame().
    [[nodiscard]] FrameId make_empty();
    /// A second one with the same contents, from the same packet.
    [[nodiscard]] FrameId copy(FrameId id);
    [[nodiscard]] Frame& frame(FrameId id) noexcept { return slots_[id.value]->frame; }
    /// The packet it came as; nothing for one that has not been on a wire.
    [[nodiscard]] std::optional<PacketId> packet(FrameId id) const noexcept {
        return slots_[id.value]->packet;
    }
    void transmit(BoxId box, std::uint16_t port, FrameId id);
    void drop(BoxId box, std::uint16_t port, FrameId id, DropReason reason);
    /// It reached its end: it is no longer needed.
    void consume(FrameId id);
    /// Frames that somebody holds, on links too.
    [[nodiscard]] std::size_t frames() const noexcept { return slots_.size() - free_.size(); }

    // ---- what boxes tell
    void acted(const BoxEvent& event) {
        if (observer_ != nullptr) observer_->acted(event);
    }

    // ---- timers of boxes
    Scheduler::Handle set_timer(BoxId box, Instant when, std::uint64_t argument) {
        return scheduler_.at(when, {box.value, static_cast<std::uint32_t>(EntryKind::BoxTimer), argument});
    }

    // ---- links
    /// Joins two ports; options may differ by direction. A port carries one link.
    LinkId connect(PortRef a, PortRef b, const LinkOptions& a_to_b, const LinkOptions& b_to_a,
                   std::string_view name);
    [[nodiscard]] std::size_t links() const noexcept { return directions_.size() / 2; }
    /// From its first port to its second, or back.
    [[nodiscard]] const Link& link(LinkId id, bool forward) const noexcept;
    void change(LinkId id, bool forward, const LinkOptions& options);
    [[nodiscard]] std::uint32_t mtu(BoxId box, std::uint16_t port) const noexcept;
    [[nodiscard]] bool connected(BoxId box, std::uint16_t port) const noexcept {
        return direction_from(box, port).has_value();
    }
    /// Frames that are waiting or travelling on links.
    [[nodiscard]] std::uint64_t on_the_way() const noexcept;

    /// A link's entry is due: moves what arrives into `arrived`.
    struct Arrival {
        PortRef to;
        FrameId frame;
    };
    void advance_direction(std::uint32_t direction, std::vector<Arrival>& arrived);
    /// The frame whose arrival the boxes are dealing with; what they send names its packet as the cause.
    void set_cause(std::optional<PacketId> cause) noexcept { cause_ = cause; }

  private:
    struct Slot {
        Frame frame;
        std::optional<PacketId> packet;
        std::optional<PacketId> cause;
        std::uint32_t users = 0;  ///< copies on the link
        bool judged = false;      ///< the rules have seen it
    };
    struct Direction {
        Direction(const LinkOptions& options, std::uint64_t seed, std::string_view name)
            : link(options, seed, name) {}
        Link link;
        PortRef from;
        PortRef to;
        LinkId id;
        std::optional<Instant> due;
        Scheduler::Handle handle;
    };
    [[nodiscard]] PacketEvent event_of(const Direction& direction, const Slot& slot, Instant at,
                                       PortRef where) const noexcept;
    [[nodiscard]] std::optional<std::uint32_t> direction_from(BoxId box, std::uint16_t port) const noexcept;
    void arm(std::uint32_t direction);
    void lose(const Direction& direction, FrameId id, DropReason reason, Instant at);
    void release(FrameId id);
    [[nodiscard]] FrameId take_delivered(const Direction& direction, const LinkOutcome& outcome);
    void settle(const Direction& direction, std::vector<LinkOutcome>& outcomes,
                std::vector<Arrival>* arrived);

    std::uint64_t seed_;
    Scheduler scheduler_;
    WorldObserver* observer_ = nullptr;
    Rules rules_;
    FabricCounts counts_;
    std::vector<std::unique_ptr<Slot>> slots_;  ///< frames stay where they are while others are made
    std::vector<FrameId> free_;
    std::vector<std::unique_ptr<Direction>> directions_;  ///< two per link
    std::vector<std::vector<std::optional<std::uint32_t>>>
        ports_;  ///< by box and port: the direction out of it
    std::vector<LinkOutcome> offered_;
    std::vector<LinkOutcome> advanced_;
    std::uint64_t packets_ = 0;
    std::optional<PacketId> cause_;
};

}  // namespace synscope::sim
