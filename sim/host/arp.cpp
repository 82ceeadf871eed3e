#include "sim/host/arp.hpp"

#include <algorithm>
#include <utility>

namespace synscope::sim {
namespace {

wire::ArpHeader header_of(const ArpSelf& self, std::uint16_t operation, const MacAddress& target_mac,
                          const IpAddress& target) {
    wire::ArpHeader header;
    header.operation = operation;
    header.sender_mac = self.mac;
    header.sender_ip = self.address.family == 4 ? self.address : IpAddress::v4(0);
    header.target_mac = target_mac;
    header.target_ip = target;
    return header;
}

void transmit(Fabric& fabric, const ArpSelf& self, const MacAddress& to, const wire::ArpHeader& header) {
    fabric.transmit(self.box, self.port, fabric.make({to, self.mac, header}));
}

/// A frame that came from somewhere is a router's: it gets new addresses.
void address_and_send(Fabric& fabric, const ArpSelf& self, const MacAddress& to, FrameId id) {
    Frame& frame = fabric.frame(id);
    if (fabric.observer() != nullptr && fabric.packet(id)) {
        BoxEvent event{fabric.now(), self.box, self.port, fabric.packet(id), BoxAction::MacRewritten};
        event.was = {frame.source, frame.destination};
        event.is = {self.mac, to};
        fabric.acted(event);
    }
    frame.source = self.mac;
    frame.destination = to;
    fabric.transmit(self.box, self.port, id);
}

}  // namespace

void Arp::tell(Fabric& fabric, const ArpSelf& self, BoxAction action, std::uint32_t address,
               std::optional<FrameId> frame, const MacAddress& mac) {
    if (fabric.observer() == nullptr) return;
    BoxEvent event{fabric.now(), self.box, self.port, frame ? fabric.packet(*frame) : std::nullopt, action};
    event.address = IpAddress::v4(address);
    event.mac = mac;
    fabric.acted(event);
}

std::vector<Arp::Entry>::iterator Arp::place(std::uint32_t address) noexcept {
    return std::lower_bound(entries_.begin(), entries_.end(), address,
                            [](const Entry& entry, std::uint32_t wanted) { return entry.address < wanted; });
}

Arp::Entry* Arp::lookup(std::uint32_t address) noexcept {
    const auto found = place(address);
    return found != entries_.end() && found->address == address ? &*found : nullptr;
}

std::optional<std::uint16_t> Arp::port_of(std::uint32_t address) const noexcept {
    for (const Entry& entry : entries_)
        if (entry.address == address && !entry.known) return entry.port;
    return std::nullopt;
}

std::optional<MacAddress> Arp::find(Instant now, const IpAddress& address) const noexcept {
    for (const Entry& entry : entries_)
        if (entry.address == v4_number(address) && entry.known && entry.expires > now) return entry.mac;
    return std::nullopt;
}

Arp::Entry& Arp::insert(Fabric& fabric, BoxId box, std::uint32_t address, std::uint16_t port) {
    if (entries_.size() >= options_.entries) make_room(fabric, box);
    Entry entry;
    entry.address = address;
    entry.port = port;
    entry.used = fabric.now();
    return *entries_.insert(place(address), std::move(entry));
}

void Arp::make_room(Fabric& fabric, BoxId box) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                         [](const Entry& a, const Entry& b) { return a.used < b.used; });
    if (oldest == entries_.end()) return;
    fabric.scheduler().cancel(oldest->timer);
    for (const FrameId frame : oldest->waiting)
        fabric.drop(box, oldest->port, frame, DropReason::QueueFull);
    entries_.erase(oldest);
}

void Arp::send(Fabric& fabric, const ArpSelf& self, const IpAddress& next_hop, FrameId frame) {
    const std::uint32_t address = v4_number(next_hop);
    Entry* entry = lookup(address);
    if (entry == nullptr) entry = &insert(fabric, self.box, address, self.port);
    entry->used = fabric.now();
    if (entry->known && entry->expires <= fabric.now()) {
        tell(fabric, self, BoxAction::ArpExpired, address, std::nullopt);
        entry->known = false;
        entry->asked = 0;
    }
    if (!entry->known) return wait(fabric, self, *entry, frame);
    address_and_send(fabric, self, entry->mac, frame);
}

void Arp::wait(Fabric& fabric, const ArpSelf& self, Entry& entry, FrameId frame) {
    tell(fabric, self, BoxAction::ArpQueued, entry.address, frame);
    if (entry.waiting.size() >= options_.waiting) {
        fabric.drop(self.box, self.port, entry.waiting.front(), DropReason::QueueFull);
        entry.waiting.erase(entry.waiting.begin());
    }
    entry.waiting.push_back(frame);
    entry.port = self.port;
    if (entry.asked == 0) ask(fabric, self, entry);
}

void Arp::ask(Fabric& fabric, const ArpSelf& self, Entry& entry) {
    ++entry.asked;
    entry.timer = fabric.set_timer(self.box, fabric.now() + options_.retry, kTimer | entry.address);
    transmit(fabric, self, kBroadcastMac,
             header_of(self, wire::ArpView::kRequest, MacAddress{}, IpAddress::v4(entry.address)));
}

std::vector<FrameId> Arp::retry(Fabric& fabric, const ArpSelf& self, std::uint32_t address) {
    Entry* entry = lookup(address);
    if (entry == nullptr || entry->known) return {};
    if (entry->asked < options_.attempts) {
        ask(fabric, self, *entry);
        return {};
    }
    tell(fabric, self, BoxAction::ArpFailed, address, std::nullopt);
    std::vector<FrameId> lost = std::move(entry->waiting);
    entries_.erase(place(address));
    return lost;
}

void Arp::learn(Fabric& fabric, const ArpSelf& self, Entry& entry, const MacAddress& mac, FrameId from) {
    if (!entry.known || entry.mac != mac) tell(fabric, self, BoxAction::ArpLearned, entry.address, from, mac);
    fabric.scheduler().cancel(entry.timer);
    entry.known = true;
    entry.mac = mac;
    entry.port = self.port;
    entry.asked = 0;
    entry.expires = fabric.now() + options_.lifetime;
    // What is sent from here on may come back into this table, but not before this call ends: links take
    // time.
    const std::vector<FrameId> waiting = std::exchange(entry.waiting, {});
    for (const FrameId frame : waiting)
        address_and_send(fabric, self, mac, frame);
}

/// RFC 826, "Packet Reception": merge, then add if we are the target, then answer a request.
void Arp::receive(Fabric& fabric, const ArpSelf& self, const wire::ArpHeader& header, FrameId frame) {
    const bool for_us = self.address.family == 4 && header.target_ip == self.address;
    const bool from_somebody = header.sender_ip != IpAddress::v4(0) && !header.sender_mac.multicast();
    if (self.address.family == 4 && header.sender_ip == self.address && header.sender_mac != self.mac) {
        tell(fabric, self, BoxAction::AddressConflict, v4_number(self.address), frame, header.sender_mac);
    } else if (from_somebody) {
        Entry* entry = lookup(v4_number(header.sender_ip));
        if (entry == nullptr && for_us)
            entry = &insert(fabric, self.box, v4_number(header.sender_ip), self.port);
        if (entry != nullptr) learn(fabric, self, *entry, header.sender_mac, frame);
    }
    if (for_us && header.operation == wire::ArpView::kRequest)
        transmit(fabric, self, header.sender_mac,
                 header_of(self, wire::ArpView::kReply, header.sender_mac, header.sender_ip));
    fabric.consume(frame);
}

void Arp::probe(Fabric& fabric, const ArpSelf& self, const IpAddress& address) {
    ArpSelf nobody = self;
    nobody.address = {};
    transmit(fabric, self, kBroadcastMac, header_of(nobody, wire::ArpView::kRequest, MacAddress{}, address));
}

void Arp::announce(Fabric& fabric, const ArpSelf& self) {
    transmit(fabric, self, kBroadcastMac,
             header_of(self, wire::ArpView::kRequest, MacAddress{}, self.address));
}

}  // namespace synscope::sim
