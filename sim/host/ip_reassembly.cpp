// What arrives in fragments for this box: put together, or given up (RFC 791 section 3.2, RFC 1122 section
// 3.3.2).

#include <algorithm>
#include <utility>

#include "sim/host/ip.hpp"

namespace synscope::sim {
namespace {

wire::IpPacket fragment_of(const Datagram& datagram) {
    const auto* raw = std::get_if<RawTransport>(&datagram.transport);
    wire::IpPacket packet;
    packet.source = datagram.header.source;
    packet.destination = datagram.header.destination;
    packet.protocol = datagram.header.protocol;
    packet.fragment = true;
    packet.first_fragment = datagram.header.fragment_offset == 0;
    packet.more_fragments = datagram.header.more_fragments;
    packet.fragment_offset = datagram.header.fragment_offset;
    packet.identification = datagram.header.identification;
    packet.payload = raw != nullptr ? raw->bytes.span() : ByteSpan{};
    packet.payload_length = static_cast<std::uint32_t>(packet.payload.size());
    return packet;
}

bool of_one_datagram(const wire::Ipv4Header& a, const wire::Ipv4Header& b) {
    return a.source == b.source && a.destination == b.destination && a.identification == b.identification &&
           a.protocol == b.protocol;
}

}  // namespace

std::optional<Ip::Local> Ip::deliver(Fabric& fabric, std::uint16_t port, FrameId id) {
    auto& datagram = std::get<Datagram>(fabric.frame(id).body);
    if (!datagram.fragment()) return Local{id, port};
    const auto whole = fragments_.add(fragment_of(datagram), fabric.now());
    if (!whole) {
        wait_for_the_rest(fabric, port, datagram);
        fabric.consume(id);
        return std::nullopt;
    }
    forget_incomplete(fabric, [&](const Incomplete& known) {
        return of_one_datagram(known.latest.header, datagram.header);
    });
    tell(fabric, port, id, BoxAction::Reassembled, datagram.header.source, whole->fragments);
    datagram.header.more_fragments = false;
    datagram.header.fragment_offset = 0;
    datagram.header.protocol = whole->protocol;
    if (const auto fault =
            open_transport(datagram.header, Payload::copy_of(whole->payload), datagram.transport)) {
        fabric.drop(box_, port, id, *fault);
        return std::nullopt;
    }
    return Local{id, port};
}

/// Its timer runs from the first fragment, whichever that was.
void Ip::wait_for_the_rest(Fabric& fabric, std::uint16_t port, const Datagram& fragment) {
    const auto since = fragments_.waiting_since(fragment_of(fragment));
    if (!since) return;  // it made no sense, or there was no room
    auto known = std::find_if(incomplete_.begin(), incomplete_.end(), [&](const Incomplete& one) {
        return one.since == *since && of_one_datagram(one.latest.header, fragment.header);
    });
    if (known == incomplete_.end()) {
        // Those that had to make room in the table.
        if (incomplete_.size() >= fragments_.size())
            forget_incomplete(fabric, [&](const Incomplete& one) {
                return fragments_.waiting_since(fragment_of(one.latest)) != one.since;
            });
        const std::uint32_t number = incomplete_number_++;
        incomplete_.push_back(
            {number, port, *since, 0, fragment, false,
             fabric.set_timer(box_, *since + options_.fragments.age, kReassemblyTimer | number)});
        known = std::prev(incomplete_.end());
    }
    ++known->fragments;
    // The first part is what an ICMP message quotes.
    if (known->has_first) return;
    known->latest = fragment;
    known->has_first = fragment.header.fragment_offset == 0;
}

template <class Which>
void Ip::forget_incomplete(Fabric& fabric, Which which) {
    const auto gone = std::remove_if(incomplete_.begin(), incomplete_.end(), [&](Incomplete& one) {
        if (!which(std::as_const(one))) return false;
        fabric.scheduler().cancel(one.timer);
        return true;
    });
    incomplete_.erase(gone, incomplete_.end());
}

/// "Time exceeded", unless fragment 0 never came: nobody could tell what the message is about (RFC 792).
void Ip::give_up_reassembly(Fabric& fabric, std::uint32_t number) {
    const auto due = std::find_if(incomplete_.begin(), incomplete_.end(),
                                  [&](const Incomplete& one) { return one.number == number; });
    if (due == incomplete_.end()) return;
    const Incomplete lost = std::move(*due);
    incomplete_.erase(due);
    const wire::IpPacket of = fragment_of(lost.latest);
    if (fragments_.waiting_since(of) != lost.since) return;
    fragments_.give_up(of);
    tell(fabric, lost.port, std::nullopt, BoxAction::ReassemblyTimedOut, of.source, lost.fragments);
    if (lost.has_first) complain(fabric, lost.port, lost.latest, wire::IcmpTypes::kTimeExceeded, 1);
}

}  // namespace synscope::sim
