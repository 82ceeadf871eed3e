#include "capture/track/sockets.hpp"

#include <algorithm>
#include <utility>

#include "net/base/hash.hpp"

namespace synscope::track {

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

namespace {

bool endpoint_less(const Endpoint& a, const Endpoint& b) {
    if (a.address == b.address) return a.port < b.port;
    return address_less(a.address, b.address);
}

/// Something that counts within an actor: a thread, a descriptor.
std::uint64_t within(ActorId actor, std::uint32_t number) {
    return std::uint64_t{actor.value} << 32 | number;
}
std::uint64_t id_of(ActorId actor, SocketId socket) {
    return within(actor, socket.value);
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
    note_wait(event, call, entered, entered_at);
    if (!call.has_socket) return {};
    const std::size_t index = touch(event.actor, call.socket, entered_at);
    SocketRecord& record = records_[index];
    const std::optional<Reported> reported = answer(record, call, entered_at);
    const auto clock = clocks_.find(event.actor);
    const std::optional<Duration> clock_error =
        clock == clocks_.end() ? std::nullopt : std::optional(clock->second.error);
    const SocketCall moved_nothing{entered,      event.id,    entered_at,  event.at,
                                   Side::Client, call.call,   call.result, call.error,
                                   event.actor,  call.socket, reported,    clock_error};
    if (call.call == Syscall::Accept && call.result >= 0) accepted_[event.id] = moved_nothing;
    if (!keeps(record)) return {};
    const bool writes = writes_stream(call.call) && call.result > 0;
    const bool reads = reads_stream(call.call) && call.result >= 0;
    if (writes || reads)
        record.waiting.calls.push_back({entered, event.id, entered_at, event.at, Side::Client, writes,
                                        call.bytes, call.call, event.actor, call.socket, reported,
                                        clock_error});
    else
        record.waiting.socket_calls.push_back(moved_nothing);
    return index;
}

/// Whether a call waits for many sockets at once.
bool waits_for_many(Syscall call) {
    return call == Syscall::Poll || call == Syscall::Select || call == Syscall::EpollWait ||
           call == Syscall::IoUringEnter || call == Syscall::Sigwait;
}

void Sockets::note_wait(const Event& event, const SyscallReturned& call, EventId entered,
                        Instant entered_at) {
    if (!waits_for_many(call.call)) return;
    waits_[within(event.actor, call.thread.value)] = {entered, call.call, entered_at, event.at};
}

/// The report that this call answers. One that came while the call was under way is for the next.
std::optional<Reported> Sockets::answer(SocketRecord& record, const SyscallReturned& call,
                                        Instant entered_at) {
    const bool reads = reads_stream(call.call) || call.call == Syscall::Accept;
    if (!reads && !writes_stream(call.call)) return {};
    std::optional<Reported>& open = reads ? record.readable : record.writable;
    if (!open || open->at > entered_at) return {};
    return std::exchange(open, std::nullopt);
}

std::optional<std::size_t> Sockets::note(const Event& event, const ReadinessReported& report) {
    // poll(2)'s bits; an error or a hang-up makes a call of either kind return at once.
    constexpr std::uint32_t kIn = 0x001 | 0x002 | 0x040, kOut = 0x004 | 0x100, kEnd = 0x008 | 0x010 | 0x2000;
    SocketRecord& record = records_[touch(event.actor, report.socket, event.at)];
    Reported reported{event.id, event.at, report.via, {}};
    if (const auto wait = waits_.find(within(event.actor, report.thread.value)); wait != waits_.end())
        reported.wait = wait->second;
    if ((report.mask & (kIn | kEnd)) != 0) record.readable = reported;
    if ((report.mask & (kOut | kEnd)) != 0) record.writable = reported;
    return {};
}

std::optional<std::size_t> Sockets::note(const Event& event, const ClockPaired& pairing) {
    // What the clocks drifted apart since the pairing before is part of the error of the times in between.
    // Unsigned and bounded: a damaged session may say anything.
    constexpr std::uint64_t kMost = std::uint64_t{1} << 61;
    const auto offset = static_cast<std::int64_t>(static_cast<std::uint64_t>(pairing.wall_ns) -
                                                  static_cast<std::uint64_t>(pairing.monotonic_ns));
    Clock& clock = clocks_.try_emplace(event.actor, Clock{offset, {}}).first->second;
    const auto [before, after] = std::minmax(offset, clock.offset_ns);
    const std::uint64_t drift = static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(before);
    const auto error = static_cast<std::uint64_t>(std::max<std::int64_t>(pairing.error.ns, 0));
    clock.error.ns = static_cast<std::int64_t>(std::min(error, kMost) + std::min(drift, kMost));
    clock.offset_ns = offset;
    return {};
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
    // By the accept() that made it and not by the descriptor: processes that accept at the same moment get
    // the same number.
    if (named.role == SocketRole::Accepted && event.cause)
        if (auto made = accepted_.extract(*event.cause)) {
            made.mapped().socket = named.socket;
            record.waiting.socket_calls.push_back(made.mapped());
        }
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
                 [&](const ReadinessReported& b) { return note(event, b); },
                 [](const TimerSet&) { return Touched{}; },
                 [](const TimerFired&) { return Touched{}; },
                 [](const CwndChanged&) { return Touched{}; },
                 [](const BusyBegan&) { return Touched{}; },
                 [](const BusyEnded&) { return Touched{}; },
                 [](const Marker&) { return Touched{}; },
                 [](const Note&) { return Touched{}; },
                 [](const ActorDeclared&) { return Touched{}; },
                 [&](const ClockPaired& b) { return note(event, b); },
                 [](const CaptureCounters&) { return Touched{}; },
                 [](const BoxActed&) { return Touched{}; }},
        event.body);
}

}  // namespace synscope::track
