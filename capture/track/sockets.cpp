#include "capture/track/sockets.hpp"

#include <algorithm>

#include "net/base/hash.hpp"

namespace synscope::track {

namespace {

Endpoint unmapped(Endpoint e) {
    const auto& o = e.address.octets;
    // RFC 4291 section 2.5.5.2: ::ffff:a.b.c.d
    const bool mapped = e.address.family == 6 && o[10] == 0xff && o[11] == 0xff &&
                        std::all_of(o.begin(), o.begin() + 10, [](std::uint8_t b) { return b == 0; });
    if (mapped)
        e.address = IpAddress::v4(std::uint32_t{o[12]} << 24 | std::uint32_t{o[13]} << 16 |
                                  std::uint32_t{o[14]} << 8 | std::uint32_t{o[15]});
    return e;
}

bool endpoint_less(const Endpoint& a, const Endpoint& b) {
    if (a.address == b.address) return a.port < b.port;
    return address_less(a.address, b.address);
}

std::uint64_t id_of(ActorId actor, SocketId socket) {
    return std::uint64_t{actor.value} << 32 | socket.value;
}

std::uint64_t hash_of(const Endpoint& e, std::uint64_t seed) {
    for (const std::uint8_t octet : e.address.octets)
        seed = (seed ^ octet) * 0x100000001b3ULL;
    return hash_mix(seed ^ (std::uint64_t{e.port} << 8 | e.address.family));
}

}  // namespace

FlowKey FlowKey::of(const Endpoint& a, const Endpoint& b) {
    const Endpoint first = unmapped(a);
    const Endpoint second = unmapped(b);
    return endpoint_less(second, first) ? FlowKey{second, first} : FlowKey{first, second};
}

std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
    return static_cast<std::size_t>(hash_of(key.high, hash_of(key.low, 0xcbf29ce484222325ULL)));
}

bool Sockets::keeps(const SocketRecord& record) const noexcept {
    return !record.named || record.role == SocketRole::Accepted || record.role == SocketRole::Connecting;
}

std::size_t Sockets::touch(ActorId actor, SocketId socket, Instant at) {
    const auto [place, fresh] = by_id_.try_emplace(id_of(actor, socket), records_.size());
    if (fresh) {
        records_.emplace_back();
        records_.back().actor = actor;
        records_.back().socket = socket;
        records_.back().first_at = at;
    }
    SocketRecord& record = records_[place->second];
    record.first_at = std::min(record.first_at, at);
    return place->second;
}

std::optional<std::size_t> Sockets::find(ActorId actor, SocketId socket) const {
    const auto found = by_id_.find(id_of(actor, socket));
    if (found == by_id_.end()) return {};
    return found->second;
}

std::span<const std::size_t> Sockets::on(const FlowKey& key) const {
    const auto found = by_flow_.find(key);
    if (found == by_flow_.end()) return {};
    return found->second;
}

std::optional<std::size_t> Sockets::note(const Event& event, const SyscallEntered& call) {
    entered_.emplace(event.id, event.at);
    if (call.has_socket) touch(event.actor, call.socket, event.at);
    return {};
}

std::optional<std::size_t> Sockets::note(const Event& event, const SyscallReturned& call) {
    EventId entered = event.id;
    Instant entered_at = event.at;
    if (event.cause) {
        if (const auto found = entered_.find(*event.cause); found != entered_.end()) {
            entered = found->first;
            entered_at = found->second;
            entered_.erase(found);
        }
    }
    if (!call.has_socket) return {};
    const std::size_t index = touch(event.actor, call.socket, entered_at);
    SocketRecord& record = records_[index];
    if (!keeps(record)) return {};
    const bool writes = writes_stream(call.call) && call.result > 0;
    const bool reads = reads_stream(call.call) && call.result >= 0;
    if (writes || reads)
        record.waiting.calls.push_back({entered, event.id, entered_at, event.at, Side::Client, writes,
                                        call.bytes, call.call, event.actor, call.socket});
    else
        record.waiting.socket_calls.push_back({entered, event.id, entered_at, event.at, Side::Client,
                                               call.call, call.result, call.error, event.actor, call.socket});
    return index;
}

std::optional<std::size_t> Sockets::note(const Event& event, const SocketNamed& named) {
    const std::size_t index = touch(event.actor, named.socket, event.at);
    SocketRecord& record = records_[index];
    // A client may be told its address before connect and again, complete, after it.
    const bool complete = named.local.address.family != 0 && named.remote.address.family != 0;
    const bool connection = named.role == SocketRole::Accepted || named.role == SocketRole::Connecting;
    if (record.named || (connection && !complete)) return {};
    record.named = true;
    record.role = named.role;
    record.local = unmapped(named.local);
    record.remote = unmapped(named.remote);
    record.named_at = event.at;
    if (connection) by_flow_[FlowKey::of(named.local, named.remote)].push_back(index);
    if (!keeps(record)) record.waiting = {};
    return connection ? std::optional(index) : std::nullopt;
}

std::optional<std::size_t> Sockets::note(const Event& event, const MessageFramed& message) {
    const std::size_t index = touch(event.actor, message.socket, event.at);
    SocketRecord& record = records_[index];
    if (!keeps(record)) return {};
    record.waiting.messages.push_back({event.id, Side::Client, message.outgoing, message.index, message.bytes,
                                       message.body, message.framing, event.at, event.actor, message.socket});
    return index;
}

std::optional<std::size_t> Sockets::state(const Event& event, SocketId socket, TcpState state,
                                          Evidence evidence) {
    const std::size_t index = touch(event.actor, socket, event.at);
    SocketRecord& record = records_[index];
    if (!keeps(record)) return {};
    record.waiting.states.push_back({event.at, Side::Client, state, evidence, event.id, socket, event.actor});
    return index;
}

std::optional<std::size_t> Sockets::event(const Event& event) {
    using Touched = std::optional<std::size_t>;
    return std::visit(
        Overload{[&](const SyscallEntered& b) { return note(event, b); },
                 [&](const SyscallReturned& b) { return note(event, b); },
                 [&](const SocketNamed& b) { return note(event, b); },
                 [&](const MessageFramed& b) { return note(event, b); },
                 [&](const TcpStateChanged& b) { return state(event, b.socket, b.to, b.evidence); },
                 [&](const KernelSample& b) {
                     return state(
                         event, b.socket, b.state,
                         b.source == SampleSource::Simulator ? Evidence::Simulator : Evidence::Kernel);
                 },
                 [](const PacketCaptured&) { return Touched{}; },
                 [](const PacketSent&) { return Touched{}; },
                 [](const PacketDelivered&) { return Touched{}; },
                 [](const PacketDropped&) { return Touched{}; },
                 [](const ReadinessReported&) { return Touched{}; },
                 [](const TimerSet&) { return Touched{}; },
                 [](const TimerFired&) { return Touched{}; },
                 [](const CwndChanged&) { return Touched{}; },
                 [](const BusyBegan&) { return Touched{}; },
                 [](const BusyEnded&) { return Touched{}; },
                 [](const Marker&) { return Touched{}; },
                 [](const Note&) { return Touched{}; },
                 [](const ActorDeclared&) { return Touched{}; },
                 [](const ClockPaired&) { return Touched{}; },
                 [](const CaptureCounters&) { return Touched{}; },
                 [](const BoxActed&) { return Touched{}; }},
        event.body);
}

}  // namespace synscope::track
