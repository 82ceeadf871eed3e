#include "sim/tcp/core.hpp"

#include <algorithm>

namespace synscope::sim::tcp {

std::size_t PairHash::operator()(const Pair& pair) const noexcept {
    const auto word = [](const IpAddress& a) {
        std::uint64_t w = 0;
        const std::size_t length = a.family == 6 ? 16 : 4;
        for (std::size_t i = 0; i < length; ++i)
            w = w << 8 ^ w >> 56 ^ a.octets[i];
        return w;
    };
    const std::uint64_t ports = std::uint64_t{pair.local.port} << 16 | pair.remote.port;
    return static_cast<std::size_t>(hash_mix(word(pair.local.address) * 31 + word(pair.remote.address) * 17 +
                                             ports * 0x9e3779b97f4a7c15ULL));
}

bool is_any(const IpAddress& address) noexcept {
    return std::all_of(address.octets.begin(), address.octets.end(), [](std::uint8_t o) { return o == 0; });
}

bool is_group(const IpAddress& address) noexcept {
    return address.family == 6 ? address.octets[0] == 0xff : address.octets[0] >= 224;
}

Core::Core(StackOptions options)
    : p(options.personality),
      observer(options.observer),
      addresses(std::move(options.addresses)),
      isn_key(derive_key(options.seed, 1)),
      timestamp_key(derive_key(options.seed, 2)),
      port_key(derive_key(options.seed, 3)),
      cookie_key(derive_key(options.seed, 4)),
      tfo_key(derive_key(options.seed, 5)) {}

Tcb& Core::create() {
    std::uint32_t slot = 0;
    if (free_slots.empty()) {
        slot = static_cast<std::uint32_t>(slots.size());
        slots.push_back(nullptr);
    } else {
        slot = free_slots.back();
        free_slots.pop_back();
    }
    slots[slot] = std::make_unique<Tcb>();
    Tcb& t = *slots[slot];
    t.slot = slot;
    t.id = SocketId{static_cast<std::uint32_t>(slot_of_id.size())};
    t.created = now;
    slot_of_id.push_back(slot + 1);
    return t;
}

void Core::destroy(Tcb& t) {
    unhash(t);
    deadlines.update(t.slot, kNever);
    slot_of_id[t.id.value] = 0;
    free_slots.push_back(t.slot);
    listeners.erase(std::remove(listeners.begin(), listeners.end(), t.id), listeners.end());
    if (last_found == &t) last_found = nullptr;
    slots[t.slot].reset();
}

const Tcb* Core::find(SocketId id) const noexcept {
    if (id.value >= slot_of_id.size() || slot_of_id[id.value] == 0) return nullptr;
    return slots[slot_of_id[id.value] - 1].get();
}
Tcb* Core::find(SocketId id) noexcept {
    if (id.value >= slot_of_id.size() || slot_of_id[id.value] == 0) return nullptr;
    return slots[slot_of_id[id.value] - 1].get();
}

Tcb* Core::find(const Endpoint& local, const Endpoint& remote) noexcept {
    if (last_found != nullptr && last_found->hashed && last_found->remote == remote &&
        last_found->local == local)
        return last_found;
    const auto found = pairs.find(Pair{local, remote});
    if (found == pairs.end()) return nullptr;
    last_found = slots[found->second].get();
    return last_found;
}

Tcb* Core::find_listener(const Endpoint& local) noexcept {
    Tcb* any = nullptr;
    for (const SocketId id : listeners) {
        Tcb* t = find(id);
        if (t == nullptr || t->state != TcpState::Listen || t->local.port != local.port) continue;
        if (t->local.address == local.address) return t;
        if (is_any(t->local.address)) any = t;
    }
    return any;
}

void Core::hash(Tcb& t) {
    pairs[Pair{t.local, t.remote}] = t.slot;
    t.hashed = true;
}

void Core::unhash(Tcb& t) noexcept {
    if (!t.hashed) return;
    const auto found = pairs.find(Pair{t.local, t.remote});
    if (found != pairs.end() && found->second == t.slot) pairs.erase(found);
    if (last_found == &t) last_found = nullptr;
    t.hashed = false;
}

void Core::sweep() {
    while (!to_sweep.empty()) {
        const std::uint32_t slot = to_sweep.back();
        to_sweep.pop_back();
        if (slots[slot] != nullptr && slots[slot]->dead) destroy(*slots[slot]);
    }
}

bool Core::is_local(const IpAddress& address) const noexcept {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

void Core::wake(const Tcb& t) {
    if (t.orphan) return;
    if (woken.empty() || woken.back() != t.id) woken.push_back(t.id);
}

void Core::arm(Tcb& t, TimerPlace place, TimerKind kind, Instant at) {
    // A deadline in the past is due now.
    at = std::max(at, now);
    t.timers.set(place, {kind, at});
    deadlines.update(t.slot, t.timers.earliest());
    if (observer != nullptr) observer->timer_set(now, t, kind, at);
}

void Core::stop(Tcb& t, TimerPlace place) {
    if (!t.timers.in(place)) return;
    const TimerKind kind = t.timers.in(place)->kind;
    t.timers.stop(place);
    deadlines.update(t.slot, t.timers.earliest());
    if (observer != nullptr) observer->timer_stopped(now, t, kind);
}

}  // namespace synscope::sim::tcp
