#include "sim/host/ip.hpp"

#include <algorithm>

#include "net/base/hash.hpp"
#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::sim {
namespace {

constexpr std::uint32_t kLimitedBroadcast = 0xffff'ffff;  // RFC 919
// Powers of two. A router between many asks for many, a host mostly for the one before.
constexpr std::size_t kHostDestinations = 4;
constexpr std::size_t kRouterDestinations = 1024;

}  // namespace

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address || address->family != 4 || slash == std::string_view::npos) return std::nullopt;
    unsigned length = 0;
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 2) return std::nullopt;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        length = length * 10 + static_cast<unsigned>(c - '0');
    }
    if (length > 32) return std::nullopt;
    return Ipv4Prefix{*address, static_cast<std::uint8_t>(length)};
}

std::string Ipv4Prefix::text() const {
    return concat(address.text(), '/', unsigned{length});
}

Ip::Ip(BoxId box, const IpOptions& options)
    : box_(box),
      options_(options),
      interfaces_(options.interfaces),
      arp_(options.arp),
      fragments_(options.fragments) {
    addresses_changed();
}

void Ip::addresses_changed() {
    own_.clear();
    for (const InterfaceOptions& own : interfaces_)
        if (own.address) own_.push_back(v4_number(own.address->address));
    forget_destinations();
}

ArpSelf Ip::self(std::uint16_t port) const noexcept {
    const InterfaceOptions& own = interfaces_[port];
    return {box_, port, own.mac, own.address ? own.address->address : IpAddress{}};
}

void Ip::tell(Fabric& fabric, std::uint16_t port, std::optional<FrameId> frame, BoxAction action,
              const IpAddress& address, std::uint32_t number) const {
    if (fabric.observer() == nullptr) return;
    BoxEvent event{fabric.now(), box_, port, frame ? fabric.packet(*frame) : std::nullopt, action};
    event.address = address;
    event.number = number;
    fabric.acted(event);
}

// ---- addresses and routes

void Ip::set_address(Fabric& fabric, std::uint16_t port, std::optional<Ipv4Prefix> address) {
    auto& own = interfaces_[port].address;
    if (own == address) return;
    if (own) tell(fabric, port, std::nullopt, BoxAction::AddressGiven, own->address, 0);
    own = address;
    addresses_changed();
    if (own) tell(fabric, port, std::nullopt, BoxAction::AddressTaken, own->address, 0);
}

void Ip::set_default_route(std::optional<IpAddress> gateway) {
    default_route_ = gateway;
    forget_destinations();
}

bool Ip::owns(const IpAddress& address) const noexcept {
    return std::find(own_.begin(), own_.end(), v4_number(address)) != own_.end() && address.family == 4;
}

std::optional<Ip::Hop> Ip::onto_link(std::uint32_t destination) const noexcept {
    std::optional<Hop> best;
    std::uint8_t longest = 0;
    for (std::uint16_t port = 0; port < interfaces_.size(); ++port) {
        const auto& own = interfaces_[port].address;
        if (!own || !own->contains(destination) || (best && own->length <= longest)) continue;
        longest = own->length;
        best = Hop{port, destination, own->broadcast() == destination};
    }
    return best;
}

std::optional<Ip::Hop> Ip::route(std::uint32_t destination) const {
    if (const auto direct = onto_link(destination)) return direct;
    const Route* best = nullptr;
    for (const Route& candidate : options_.routes)
        if (candidate.to.contains(destination) && (best == nullptr || candidate.to.length > best->to.length))
            best = &candidate;
    const std::optional<IpAddress> gateway = best != nullptr ? best->gateway : default_route_;
    if (!gateway) return std::nullopt;
    const auto towards = onto_link(v4_number(*gateway));
    if (!towards || towards->broadcast) return std::nullopt;
    return towards;
}

void Ip::forget_destinations() {
    destinations_.assign(options_.forwards ? kRouterDestinations : kHostDestinations, {});
}

const Ip::Destination& Ip::destination(std::uint32_t address) {
    Destination& known = destinations_[hash_mix(address) & (destinations_.size() - 1)];
    if (known.address != address || !known.hop) known = {address, route(address), one_host(address)};
    return known;
}

std::optional<IpAddress> Ip::source_for(const IpAddress& destination) const {
    const auto hop = route(v4_number(destination));
    if (!hop) return std::nullopt;
    return interfaces_[hop->port].address->address;
}

bool Ip::for_us(std::uint16_t port, const IpAddress& destination) const noexcept {
    if (owns(destination)) return true;
    const std::uint32_t number = v4_number(destination);
    return number == kLimitedBroadcast ||
           (interfaces_[port].address && interfaces_[port].address->broadcast() == number);
}

/// Not "this host" (0), a group, a reserved class or a broadcast address that we know.
bool Ip::one_host(std::uint32_t address) const noexcept {
    if (address >> 24 == 0 || address >> 28 >= 14 || address >> 24 == 127) return false;
    return std::none_of(interfaces_.begin(), interfaces_.end(), [&](const InterfaceOptions& own) {
        return own.address && own.address->broadcast() == address;
    });
}

// ---- in

std::optional<Ip::Local> Ip::receive(Fabric& fabric, std::uint16_t port, FrameId id) {
    if (port >= interfaces_.size()) {
        fabric.drop(box_, port, id, DropReason::NotForUs);
        return std::nullopt;
    }
    Frame& frame = fabric.frame(id);
    const bool group = frame.destination.multicast();
    if (group ? !frame.destination.broadcast() : frame.destination != interfaces_[port].mac) {
        fabric.drop(box_, port, id, DropReason::NotForUs);
        return std::nullopt;
    }
    if (const auto fault = open(frame)) {
        fabric.drop(box_, port, id, *fault);
        return std::nullopt;
    }
    if (const auto* arp = std::get_if<wire::ArpHeader>(&frame.body)) {
        const wire::ArpHeader header = *arp;
        arp_.receive(fabric, self(port), header, id);
        return std::nullopt;
    }
    const auto* datagram = std::get_if<Datagram>(&frame.body);
    if (datagram == nullptr) {
        fabric.drop(box_, port, id, DropReason::NoReceiver);
        return std::nullopt;
    }
    if (for_us(port, datagram->header.destination)) return deliver(fabric, port, id);
    // A datagram for one host in a frame for all is not ours to pass on (RFC 1122 section 3.3.6).
    if (options_.forwards && !group)
        forward(fabric, port, id);
    else
        fabric.drop(box_, port, id, DropReason::NotForUs);
    return std::nullopt;
}

/// RFC 1812 section 5.2: what a router does with what is not for itself.
void Ip::forward(Fabric& fabric, std::uint16_t port, FrameId id) {
    auto& datagram = std::get<Datagram>(fabric.frame(id).body);
    const Destination& known = destination(v4_number(datagram.header.destination));
    if (!known.one_host) return fabric.drop(box_, port, id, DropReason::NotForUs);
    if (datagram.header.ttl <= 1) {
        complain(fabric, port, datagram, wire::IcmpTypes::kTimeExceeded, 0);
        return fabric.drop(box_, port, id, DropReason::TtlExpired);
    }
    const std::optional<Hop> hop = known.hop;
    if (!hop || hop->broadcast) {
        complain(fabric, port, datagram, wire::IcmpTypes::kUnreachable, 0);
        return fabric.drop(box_, port, id, DropReason::NoRoute);
    }
    tell(fabric, port, id, BoxAction::Routed, IpAddress::v4(hop->next), hop->port);
    --datagram.header.ttl;
    tell(fabric, port, id, BoxAction::TtlDecreased, datagram.header.destination, datagram.header.ttl);
    const std::uint32_t mtu = fabric.mtu(box_, hop->port);
    const std::uint32_t bytes = datagram_bytes(datagram);
    if (datagram.header.dont_fragment && bytes > mtu) {
        complain(fabric, port, datagram, wire::IcmpTypes::kUnreachable, 4, mtu & 0xffff);
        return fabric.drop(box_, port, id, DropReason::TooBig);
    }
    out(fabric, *hop, id, bytes, mtu);
}

// ---- out

void Ip::send(Fabric& fabric, Datagram datagram, std::optional<std::uint16_t> port) {
    send(fabric, fabric.make({{}, {}, std::move(datagram)}), port);
}

void Ip::send(Fabric& fabric, FrameId id, std::optional<std::uint16_t> port) {
    auto& datagram = std::get<Datagram>(fabric.frame(id).body);
    wire::Ipv4Header& header = datagram.header;
    const std::uint32_t to = v4_number(header.destination);
    std::optional<Hop> hop;
    if (port && *port < interfaces_.size() && to == kLimitedBroadcast)
        hop = Hop{*port, to, true};
    else
        hop = destination(to).hop;
    if (header.source.family == 0)
        header.source = hop && interfaces_[hop->port].address ? interfaces_[hop->port].address->address
                                                              : IpAddress::v4(0);
    if (header.ttl == 0) header.ttl = options_.ttl;
    header.identification = identification_++;
    if (!hop) {
        fail_locally(datagram, 0);
        return fabric.drop(box_, port.value_or(0), id, DropReason::NoRoute);
    }
    const std::uint32_t mtu = fabric.mtu(box_, hop->port);
    const std::uint32_t bytes = datagram_bytes(datagram);
    if (header.dont_fragment && bytes > mtu) {
        fail_locally(datagram, 4, static_cast<std::uint16_t>(std::min(mtu, std::uint32_t{0xffff})));
        return fabric.drop(box_, hop->port, id, DropReason::TooBig);
    }
    out(fabric, *hop, id, bytes, mtu);
}

void Ip::out(Fabric& fabric, const Hop& hop, FrameId id, std::uint32_t bytes, std::uint32_t mtu) {
    if (bytes > mtu) return fragment(fabric, hop, id, mtu);
    put(fabric, hop, id);
}

/// RFC 791 section 3.2: pieces of a multiple of 8 bytes, but the last.
void Ip::fragment(Fabric& fabric, const Hop& hop, FrameId id, std::uint32_t mtu) {
    const auto& whole = std::get<Datagram>(fabric.frame(id).body);
    const std::uint32_t header = static_cast<std::uint32_t>(whole.header.encoded_size());
    const std::uint32_t most = (mtu - std::min(mtu, header)) / 8 * 8;
    const Payload contents = encode_transport(whole.header, whole.transport);
    if (most == 0) return fabric.drop(box_, hop.port, id, DropReason::TooBig);
    const auto size = static_cast<std::uint32_t>(contents.size());
    tell(fabric, hop.port, id, BoxAction::Fragmented, whole.header.destination, (size + most - 1) / most);
    for (std::uint32_t at = 0; at < size; at += most) {
        const FrameId piece = fabric.copy(id);
        auto& part = std::get<Datagram>(fabric.frame(piece).body);
        part.header.protocol = protocol_of(whole.transport, whole.header.protocol);
        part.header.fragment_offset = whole.header.fragment_offset + at;
        part.header.more_fragments = whole.header.more_fragments || at + most < size;
        part.transport = RawTransport{contents.slice(at, most)};
        put(fabric, hop, piece);
    }
    fabric.consume(id);
}

void Ip::put(Fabric& fabric, const Hop& hop, FrameId id) {
    const ArpSelf own = self(hop.port);
    Frame& frame = fabric.frame(id);
    if (!hop.broadcast) return arp_.send(fabric, own, IpAddress::v4(hop.next), id);
    frame.source = own.mac;
    frame.destination = kBroadcastMac;
    fabric.transmit(box_, hop.port, id);
}

void Ip::timer(Fabric& fabric, std::uint64_t argument) {
    const auto number = static_cast<std::uint32_t>(argument);
    if (argument >> 56 == kReassemblyTimer >> 56) return give_up_reassembly(fabric, number);
    const auto port = arp_.port_of(number);
    if (!port) return;
    for (const FrameId lost : arp_.retry(fabric, self(*port), number))
        give_up(fabric, *port, lost);
}

/// Nobody answers for its next hop (RFC 1122 section 3.3.1.4, RFC 1812 section 5.2.7.1).
void Ip::give_up(Fabric& fabric, std::uint16_t port, FrameId id) {
    const auto& datagram = std::get<Datagram>(fabric.frame(id).body);
    if (owns(datagram.header.source))
        fail_locally(datagram, 1);
    else
        complain(fabric, port, datagram, wire::IcmpTypes::kUnreachable, 1);
    fabric.drop(box_, port, id, DropReason::NoAnswer);
}

}  // namespace synscope::sim
