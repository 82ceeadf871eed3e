#include "sim/run/recorder.hpp"

#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

/// One TCP's word in the record.
class Recorder::TcpRecorder final : public tcp::Observer {
  public:
    TcpRecorder(Recorder& all, BoxId box) : all_(all), box_(box) {}

    void state_changed(Instant at, const tcp::Tcb& tcb, TcpState from, TcpState to,
                       std::string_view) override {
        // A connection's first state is that of a fresh socket: nothing has changed yet.
        if (from == to) return;
        emit(at, tcb, TcpStateChanged{tcb.id, from, to, Evidence::Simulator});
    }
    void timer_set(Instant at, const tcp::Tcb& tcb, TimerKind kind, Instant deadline) override {
        emit(at, tcb, TimerSet{tcb.id, kind, deadline});
    }
    void timer_fired(Instant at, const tcp::Tcb& tcb, TimerKind kind) override {
        all_.set_cause(box_, at, emit(at, tcb, TimerFired{tcb.id, kind}));
    }
    void cwnd_changed(Instant at, const tcp::Tcb& tcb) override {
        const std::uint64_t mss = tcb.mss_cache;
        const auto bytes = [mss](std::uint32_t segments) {
            const std::uint64_t all = std::uint64_t{segments} * mss;
            return static_cast<std::uint32_t>(all > 0x7fffffff ? 0x7fffffff : all);
        };
        emit(at, tcb, CwndChanged{tcb.id, bytes(tcb.cc.cwnd), bytes(tcb.cc.ssthresh)});
    }
    void recovery_changed(Instant at, const tcp::Tcb& tcb, tcp::Recovery, tcp::Recovery to,
                          std::string_view why) override {
        if (to != tcp::Recovery::Recovery && to != tcp::Recovery::Loss) return;
        const std::string text =
            concat(tcb.local.text(), to == tcp::Recovery::Recovery ? ": fast recovery begins, " : ": ", why);
        emit(at, tcb, Note{Severity::Info, all_.out_.intern(text)});
    }

  private:
    [[nodiscard]] ActorId actor_of(const tcp::Tcb& tcb) const {
        const Box& box = all_.boxes_[box_.value];
        if (const auto owner = box.owners.find(tcb.id); owner != box.owners.end()) return owner->second;
        // Nobody has accepted it yet: it is the listener's.
        if (const auto port = box.ports.find(tcb.local.port); port != box.ports.end()) return port->second;
        return box.actor;
    }
    EventId emit(Instant at, const tcp::Tcb& tcb, const EventBody& body) {
        const ActorId actor = actor_of(tcb);
        return all_.emit(at, actor, all_.cause_at(box_, at), body);
    }

    Recorder& all_;
    BoxId box_;
};

Recorder::Recorder(Recording& out) : out_(out) {}
Recorder::~Recorder() = default;

void Recorder::add_box(World& world, BoxId id, Kind kind) {
    Box box;
    box.actor = out_.add_actor();
    box.forwards = kind == Kind::Router;
    const std::string& name = world.name(id);
    if (kind != Kind::Switch) {
        box.host = &world.host(id);
        for (std::size_t port = 0; port < box.host->ip().interfaces(); ++port)
            box.interfaces.push_back(out_.add_interface(concat(name, ":eth", port)));
        box.tcp = std::make_unique<TcpRecorder>(*this, id);
    }
    emit({}, box.actor, std::nullopt, ActorDeclared{ActorRole::Host, out_.intern(name), 0});
    boxes_.push_back(std::move(box));
}

void Recorder::add_outside(const std::string& name, const MacAddress& mac) {
    Box box;
    box.actor = out_.add_actor();
    box.outside = mac;
    box.interfaces.push_back(out_.add_interface(concat(name, ":eth0")));
    emit({}, box.actor, std::nullopt, ActorDeclared{ActorRole::Host, out_.intern(name), 0});
    boxes_.push_back(std::move(box));
}

tcp::Observer& Recorder::tcp(BoxId box) noexcept {
    return *boxes_[box.value].tcp;
}

EventId Recorder::emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) {
    ++events_;
    return out_.emit(at, actor, cause, body);
}

std::optional<EventId> Recorder::cause_at(BoxId box, Instant at) const noexcept {
    const auto& cause = boxes_[box.value].cause;
    if (!cause || cause->first != at) return std::nullopt;
    return cause->second;
}

Recorder::Known& Recorder::known(PacketId packet) {
    if (packet.value >= known_.size()) known_.resize(packet.value + 1);
    return known_[packet.value];
}

/// Whether a box only passes on what came to it.
bool Recorder::is_copy(const Box& box, const PacketEvent& event, const Frame& frame) const {
    if (!event.cause) return false;
    if (box.host == nullptr) return true;
    const auto* datagram = std::get_if<Datagram>(&frame.body);
    if (!box.forwards || datagram == nullptr) return false;
    return !box.host->ip().owns(datagram->header.source);
}

/// Whether it has reached its end, as far as its headers say.
bool Recorder::is_for(const Box& box, std::uint16_t port, const Frame& frame) {
    if (box.outside) return frame.destination == *box.outside || frame.destination == kBroadcastMac;
    if (box.host == nullptr) return false;
    if (frame.destination != box.host->ip().mac(port) && frame.destination != kBroadcastMac) return false;
    const auto* datagram = std::get_if<Datagram>(&frame.body);
    return !box.forwards || datagram == nullptr || box.host->ip().owns(datagram->header.destination);
}

void Recorder::sent(const PacketEvent& event, const Frame& frame) {
    Box& box = boxes_[event.box.value];
    if (is_copy(box, event, frame)) {
        Known copy = known(*event.cause);
        copy.delivered.reset();
        known(event.packet) = copy;
        return;
    }
    const Payload bytes = encode(frame);
    Known fresh;
    fresh.recorded = true;
    fresh.packet = out_.add_packet(box.interfaces[event.port], event.at, bytes.span());
    std::optional<EventId> cause = event.cause ? known(*event.cause).delivered : std::nullopt;
    if (!cause) cause = cause_at(event.box, event.at);
    fresh.sent = emit(event.at, box.actor, cause, PacketSent{fresh.packet});
    ++packets_;
    known(event.packet) = fresh;
}

void Recorder::delivered(const PacketEvent& event, const Frame& frame) {
    Box& box = boxes_[event.box.value];
    Known& packet = known(event.packet);
    if (!packet.recorded || !is_for(box, event.port, frame)) return;
    packet.delivered = emit(event.at, box.actor, packet.sent, PacketDelivered{packet.packet});
    set_cause(event.box, event.at, *packet.delivered);
}

void Recorder::lost(const PacketEvent& event, DropReason reason, const Frame&) {
    const Known& packet = known(event.packet);
    if (!packet.recorded) return;
    if (!wire_) {
        wire_ = out_.add_actor();
        emit(event.at, *wire_, std::nullopt, ActorDeclared{ActorRole::Wire, out_.intern("wire"), 0});
    }
    emit(event.at, *wire_, packet.sent, PacketDropped{packet.packet, reason});
}

void Recorder::dropped(Instant at, BoxId box, std::uint16_t, std::optional<PacketId> packet,
                       DropReason reason, const Frame& frame) {
    // Nor is a broadcast that means nothing to some of those who hear it.
    if (frame.destination == kBroadcastMac) return;
    // What a switch floods reaches hosts that it is not for: it is not lost.
    if (!packet || reason == DropReason::NotForUs || !known(*packet).recorded) return;
    emit(at, boxes_[box.value].actor, known(*packet).sent, PacketDropped{known(*packet).packet, reason});
}

void Recorder::acted(const BoxEvent& event) {
    BoxActed body;
    body.action = event.action;
    std::optional<EventId> cause = cause_at(event.box, event.at);
    if (event.packet && known(*event.packet).recorded) {
        body.packet = known(*event.packet).packet;
        body.has_packet = true;
        cause = known(*event.packet).sent;
    }
    body.port = event.port;
    body.detail = out_.intern(event.detail());
    emit(event.at, boxes_[event.box.value].actor, cause, body);
}

}  // namespace synscope::sim
