#pragma once
// Writes down what happens in a world: packets, what boxes do, what every TCP does, each with its cause.
//
// A packet is recorded once, at the interface of the host that makes it ("client:eth0"), with the bytes it
// has there: so a capture holds every packet once, whatever way it goes, and analysers see one conversation.
// What switches and routers do with it on its way is told by BoxActed events of theirs; it is delivered when
// it reaches the host it is for, or dropped. Causes: a call that entered, a timer that fired, or a packet
// that was delivered, in the same instant on the same host. Ownership: the recording is the caller's. Thread
// rule: one world, one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/host/world.hpp"
#include "sim/run/recording.hpp"
#include "sim/tcp/observer.hpp"

namespace synscope::sim {

class Recorder final : public WorldObserver {
  public:
    explicit Recorder(Recording& out);
    ~Recorder() override;

    enum class Kind : std::uint8_t { Host, Router, Switch };
    /// Before anything happens: every box, in the order of their ids.
    void add_box(World& world, BoxId box, Kind kind);
    /// The same for an end of a wire where somebody outside has this link address.
    void add_outside(const std::string& name, const MacAddress& mac);
    /// For the TCP of this box, which is a host or router; lives as long as the recorder.
    [[nodiscard]] tcp::Observer& tcp(BoxId box) noexcept;
    [[nodiscard]] Recording& out() noexcept { return out_; }
    [[nodiscard]] ActorId actor(BoxId box) const noexcept { return boxes_[box.value].actor; }
    /// What the TCP of this box does with the socket is told in this actor's name.
    void owns(BoxId box, SocketId socket, ActorId actor) { boxes_[box.value].owners[socket] = actor; }
    /// The same for connections to this port that nobody has accepted yet.
    void owns_port(BoxId box, std::uint16_t port, ActorId actor) { boxes_[box.value].ports[port] = actor; }
    /// What happens on this box at this instant from now on happens because of that.
    void set_cause(BoxId box, Instant at, EventId cause) { boxes_[box.value].cause = {at, cause}; }
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

    // ---- WorldObserver
    void sent(const PacketEvent& event, const Frame& frame) override;
    void delivered(const PacketEvent& event, const Frame& frame) override;
    void lost(const PacketEvent& event, DropReason reason, const Frame& frame) override;
    void dropped(Instant at, BoxId box, std::uint16_t port, std::optional<PacketId> packet, DropReason reason,
                 const Frame& frame) override;
    void acted(const BoxEvent& event) override;

  private:
    class TcpRecorder;
    struct Box {
        ActorId actor;
        Host* host = nullptr;               ///< null for a switch, and outside
        std::optional<MacAddress> outside;  ///< somebody outside has this link address
        bool forwards = false;
        std::vector<InterfaceId> interfaces;
        std::map<SocketId, ActorId> owners;
        std::map<std::uint16_t, ActorId> ports;  ///< of listeners
        std::optional<std::pair<Instant, EventId>> cause;
        std::unique_ptr<TcpRecorder> tcp;
    };
    /// A transmission on a link, by the world's number.
    struct Known {
        PacketId packet;  ///< as recorded
        EventId sent;
        std::optional<EventId> delivered;
        bool recorded = false;
    };
    EventId emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body);
    [[nodiscard]] std::optional<EventId> cause_at(BoxId box, Instant at) const noexcept;
    [[nodiscard]] Known& known(PacketId packet);
    [[nodiscard]] bool is_copy(const Box& box, const PacketEvent& event, const Frame& frame) const;
    [[nodiscard]] static bool is_for(const Box& box, std::uint16_t port, const Frame& frame);

    Recording& out_;
    std::vector<Box> boxes_;
    std::vector<Known> known_;
    std::optional<ActorId> wire_;
    std::uint64_t packets_ = 0;
    std::uint64_t events_ = 0;
};

}  // namespace synscope::sim
