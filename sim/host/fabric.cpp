#include "sim/host/fabric.hpp"

#include <cassert>

#include "net/base/text.hpp"

namespace synscope::sim {
namespace {

bool ecn_capable(const Frame& frame) noexcept {
    const auto* datagram = std::get_if<Datagram>(&frame.body);
    return datagram != nullptr && datagram->header.ecn != 0;
}

/// The frame as bytes, with one of them changed: what arrives after a corrupting link.
void flip(Frame& frame, std::uint32_t bit) {
    std::vector<std::byte> bytes;
    encode(frame, bytes);
    if (bit / 8 >= bytes.size()) return;
    bytes[bit / 8] ^= static_cast<std::byte>(0x80u >> bit % 8);
    if (auto changed = frame_of(bytes)) frame = std::move(*changed);
}

}  // namespace

FrameId Fabric::make(Frame frame) {
    const FrameId id = make_empty();
    slots_[id.value]->frame = std::move(frame);
    return id;
}

FrameId Fabric::make_empty() {
    if (free_.empty()) {
        free_.emplace_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.push_back(std::make_unique<Slot>());
    }
    const FrameId id = free_.back();
    free_.pop_back();
    Slot& slot = *slots_[id.value];
    slot.packet.reset();
    slot.cause = cause_;
    slot.users = 1;
    slot.judged = false;
    return id;
}

FrameId Fabric::copy(FrameId id) {
    const FrameId made = make(slots_[id.value]->frame);
    slots_[made.value]->packet = slots_[id.value]->packet;
    slots_[made.value]->judged = slots_[id.value]->judged;
    return made;
}

void Fabric::consume(FrameId id) {
    release(id);
}

void Fabric::release(FrameId id) {
    Slot& slot = *slots_[id.value];
    assert(slot.users > 0);
    if (--slot.users > 0) return;
    slot.frame.body = OtherFrame{};
    free_.push_back(id);
}

void Fabric::drop(BoxId box, std::uint16_t port, FrameId id, DropReason reason) {
    ++counts_.dropped;
    const Slot& slot = *slots_[id.value];
    if (observer_ != nullptr) observer_->dropped(now(), box, port, slot.packet, reason, slot.frame);
    release(id);
}

LinkId Fabric::connect(PortRef a, PortRef b, const LinkOptions& a_to_b, const LinkOptions& b_to_a,
                       std::string_view name) {
    const LinkId id{static_cast<std::uint32_t>(links())};
    const auto add = [&](PortRef from, PortRef to, const LinkOptions& options, std::string_view way) {
        if (ports_.size() <= from.box.value) ports_.resize(from.box.value + 1);
        auto& ports = ports_[from.box.value];
        if (ports.size() <= from.port) ports.resize(from.port + std::size_t{1});
        assert(!ports[from.port] && "a port carries one link");
        ports[from.port] = static_cast<std::uint32_t>(directions_.size());
        directions_.push_back(std::make_unique<Direction>(options, seed_, concat("link ", name, ' ', way)));
        Direction& made = *directions_.back();
        made.from = from;
        made.to = to;
        made.id = id;
    };
    add(a, b, a_to_b, "forward");
    add(b, a, b_to_a, "back");
    return id;
}

const Link& Fabric::link(LinkId id, bool forward) const noexcept {
    return directions_[id.value * std::size_t{2} + (forward ? 0 : 1)]->link;
}

void Fabric::change(LinkId id, bool forward, const LinkOptions& options) {
    directions_[id.value * std::size_t{2} + (forward ? 0 : 1)]->link.change(options);
}

std::optional<std::uint32_t> Fabric::direction_from(BoxId box, std::uint16_t port) const noexcept {
    if (box.value >= ports_.size() || port >= ports_[box.value].size()) return std::nullopt;
    return ports_[box.value][port];
}

std::uint32_t Fabric::mtu(BoxId box, std::uint16_t port) const noexcept {
    const auto direction = direction_from(box, port);
    return direction ? directions_[*direction]->link.options().mtu : LinkOptions{}.mtu;
}

std::uint64_t Fabric::on_the_way() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& direction : directions_)
        sum += direction->link.inside();
    return sum;
}

PacketEvent Fabric::event_of(const Direction& direction, const Slot& slot, Instant at,
                             PortRef where) const noexcept {
    return {at, *slot.packet, slot.cause, direction.id, where.box, where.port};
}

void Fabric::transmit(BoxId box, std::uint16_t port, FrameId id) {
    const auto index = direction_from(box, port);
    if (!index) return drop(box, port, id, DropReason::NoRoute);
    Direction& direction = *directions_[*index];
    Slot& slot = *slots_[id.value];
    slot.cause = slot.packet ? slot.packet : slot.cause;
    slot.packet = PacketId{packets_++};
    ++counts_.sent;
    Verdict verdict;
    if (!rules_.empty() && !slot.judged) {
        PacketFacts facts = facts_of(slot.frame, rules_.wants_flow());
        facts.packet = *slot.packet;
        facts.sender = box.value;
        verdict = rules_.judge(facts);
    }
    slot.judged = true;
    if (observer_ != nullptr) observer_->sent(event_of(direction, slot, now(), direction.from), slot.frame);
    const PacketRef ref{id.value, frame_bytes(slot.frame), ecn_capable(slot.frame)};
    direction.link.offer(now(), ref, verdict, offered_);
    if (!offered_.empty()) settle(direction, offered_, nullptr);
    arm(*index);
}

void Fabric::arm(std::uint32_t index) {
    Direction& direction = *directions_[index];
    const auto due = direction.link.next_event();
    if (due == direction.due) return;
    if (!due)
        scheduler_.cancel(direction.handle);
    else if (!direction.due || !scheduler_.move(direction.handle, *due))
        direction.handle =
            scheduler_.at(*due, {index, static_cast<std::uint32_t>(EntryKind::LinkDirection), 0});
    direction.due = due;
}

void Fabric::advance_direction(std::uint32_t index, std::vector<Arrival>& arrived) {
    Direction& direction = *directions_[index];
    direction.due.reset();
    direction.link.advance(now(), advanced_);
    settle(direction, advanced_, &arrived);
    arm(index);
}

/// Outcomes of the link, in their order. What an offer refuses at once brings no arrivals.
void Fabric::settle(const Direction& direction, std::vector<LinkOutcome>& outcomes,
                    std::vector<Arrival>* arrived) {
    for (const LinkOutcome& outcome : outcomes) {
        const FrameId id{static_cast<std::uint32_t>(outcome.packet.packet)};
        Slot& slot = *slots_[id.value];
        switch (outcome.kind) {
            case LinkOutcome::Kind::Duplicated:
                ++counts_.duplicated;
                ++slot.users;
                if (observer_ != nullptr)
                    observer_->duplicated(event_of(direction, slot, now(), direction.from), slot.frame);
                break;
            case LinkOutcome::Kind::Dropped:
                lose(direction, id, outcome.reason, outcome.at);
                break;
            case LinkOutcome::Kind::Delivered:
                assert(arrived != nullptr);
                arrived->push_back({direction.to, take_delivered(direction, outcome)});
                break;
        }
    }
    outcomes.clear();
}

void Fabric::lose(const Direction& direction, FrameId id, DropReason reason, Instant at) {
    ++counts_.lost;
    const Slot& slot = *slots_[id.value];
    if (observer_ != nullptr)
        observer_->lost(event_of(direction, slot, at, direction.from), reason, slot.frame);
    release(id);
}

/// The frame for its receiver: while copies still travel, one of its own.
FrameId Fabric::take_delivered(const Direction& direction, const LinkOutcome& outcome) {
    ++counts_.delivered;
    FrameId id{static_cast<std::uint32_t>(outcome.packet.packet)};
    if (slots_[id.value]->users > 1) {
        const FrameId own = copy(id);
        slots_[own.value]->cause = slots_[id.value]->cause;
        release(id);
        id = own;
    }
    Slot& slot = *slots_[id.value];
    if (outcome.congestion)
        if (auto* datagram = std::get_if<Datagram>(&slot.frame.body)) datagram->header.ecn = 3;
    if (outcome.flipped_bit) flip(slot.frame, *outcome.flipped_bit);
    if (observer_ != nullptr)
        observer_->delivered(event_of(direction, slot, outcome.at, direction.to), slot.frame);
    return id;
}

}  // namespace synscope::sim
