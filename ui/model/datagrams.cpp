#include "ui/model/datagrams.hpp"

#include <algorithm>

#include "net/wire/transport.hpp"

namespace synscope::model {

namespace {

/// Packets that wait for a name. A program names its socket before it sends, and its words reach the trace
/// within a moment: older ones belong to nobody here.
constexpr std::size_t kPatience = 65'536;

bool is_one_host(const Endpoint& e) {
    const auto& o = e.address.octets;
    return e.address.family != 0 && e.port != 0 &&
           std::any_of(o.begin(), o.end(), [](std::uint8_t octet) { return octet != 0; });
}

/// When the call was entered that gave the name.
Instant begin_of(const TraceSource& source, const Event& name) {
    if (!name.cause || name.cause->value >= source.size()) return name.at;
    const Event returned = source.event(*name.cause);
    const bool call = std::holds_alternative<SyscallReturned>(returned.body) && returned.cause;
    return call && returned.cause->value < source.size() ? source.event(*returned.cause).at : name.at;
}

}  // namespace

void Datagrams::named(const TraceSource& source, const Event& event, const SocketNamed& name, bool server) {
    // A server's one socket has no peer, and may be bound to any address of its host.
    if (name.role != SocketRole::Datagram || !is_one_host(name.local) || !is_one_host(name.remote)) return;
    const Endpoint own = track::unmapped(name.local);
    const Endpoint other = track::unmapped(name.remote);
    const Instant at = begin_of(source, event);
    const auto [place, fresh] = by_ends_.try_emplace(track::FlowKey::of(own, other), peers_.size());
    if (fresh) {
        peers_.push_back({server ? other : own, server ? own : other, at, event.id});
    } else if (DatagramPeer& peer = peers_[place->second]; at < peer.at) {
        peer.at = at;
        peer.event = event.id;
    }
}

std::optional<Datagrams::Ends> Datagrams::ends_of(const TraceSource& source, PacketId packet) {
    const PacketBytes bytes = source.packet(packet);
    const auto udp = wire::find_udp(bytes.link, bytes.bytes, bytes.original_length);
    if (!udp) return std::nullopt;
    return Ends{udp->source, udp->destination, udp->payload_length};
}

bool Datagrams::place(const Waiting& one, const Ends& ends) {
    const auto peer = by_ends_.find(track::FlowKey::of(ends.source, ends.destination));
    if (peer == by_ends_.end()) return false;
    peers_[peer->second].at = std::min(peers_[peer->second].at, one.at);
    const bool from_client = track::unmapped(ends.source) == peers_[peer->second].client;
    all_.push_back({one.packet, one.event, one.at,
                    from_client ? Direction::ClientToServer : Direction::ServerToClient, ends.length,
                    peer->second});
    return true;
}

bool Datagrams::sent(const TraceSource& source, const Event& event, PacketId packet) {
    if (peers_.empty()) return false;
    const auto ends = ends_of(source, packet);
    return ends && place({packet, event.id, event.at}, *ends);
}

void Datagrams::captured(const TraceSource& source, const Event& event, PacketId packet) {
    Waiting one{packet, event.id, event.at};
    if (!peers_.empty()) {
        one.ends = ends_of(source, packet);
        if (!one.ends || place(one, *one.ends)) return;
    }
    if (waiting_.size() >= kPatience) waiting_.pop_front();
    waiting_.push_back(one);
}

void Datagrams::look(const TraceSource& source) {
    if (peers_.size() == named_) return;
    named_ = peers_.size();
    std::deque<Waiting> later;
    for (Waiting& one : waiting_) {
        if (!one.ends) one.ends = ends_of(source, one.packet);
        if (one.ends && !place(one, *one.ends)) later.push_back(one);
    }
    waiting_ = std::move(later);
}

}  // namespace synscope::model
