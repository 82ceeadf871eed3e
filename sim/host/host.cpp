#include "sim/host/host.hpp"

#include <utility>

#include "net/base/text.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::sim {
namespace {

using wire::IcmpTypes;

constexpr std::uint8_t kProtocolUnreachable = 2;
constexpr std::uint8_t kPortUnreachable = 3;
constexpr std::size_t kLargestUdp = 65'507;  // 64 KiB less the headers
/// A TCP that answers every "fragmentation needed" with a segment that is again too big stops here.
constexpr int kMostRounds = 16;

}  // namespace

Host::Host(BoxId id, std::string name, const HostOptions& options, std::uint64_t seed)
    : Box(id, std::move(name)), ip_(id, options.ip), udp_(Random{seed, concat("udp ports ", Box::name())}) {
    if (options.gateway) ip_.set_default_route(options.gateway);
    if (options.dns_zone) dns_server_.emplace(*options.dns_zone);
    if (options.resolver) {
        resolver_.emplace(*options.resolver, Random{seed, concat("dns ids ", Box::name())});
        resolver_port_ = udp_.bind_any().value_or(0);
    }
    if (options.dhcp_server && ip_.interfaces() > 0 && ip_.address(0))
        dhcp_server_.emplace(*options.dhcp_server, ip_.address(0)->address);
    if (options.dhcp_client && ip_.interfaces() > 0)
        dhcp_client_.emplace(*options.dhcp_client, ip_.mac(0), Random{seed, concat("dhcp ", Box::name())});
}

bool Host::take_woken() noexcept {
    return std::exchange(woken_, false);
}

// ---- in

void Host::receive(Fabric& fabric, std::uint16_t port, FrameId frame) {
    if (dhcp_client_ && dhcp_client_->state() == DhcpClient::State::Probing)
        look_for_conflict(fabric, port, frame);
    if (const auto local = ip_.receive(fabric, port, frame)) deliver(fabric, *local);
    hand_out_errors(fabric);
}

void Host::deliver(Fabric& fabric, const Ip::Local& local) {
    auto& datagram = std::get<Datagram>(fabric.frame(local.frame).body);
    std::optional<DropReason> refused;
    switch (datagram.transport.index()) {
        case 1:
            refused = take_tcp(fabric, datagram);
            break;
        case 2:
            refused = take_udp(fabric, local.port, datagram);
            break;
        case 3:
            refused = take_icmp(fabric, datagram);
            break;
        default:
            ip_.complain(fabric, local.port, datagram, IcmpTypes::kUnreachable, kProtocolUnreachable);
            refused = DropReason::NoReceiver;
            break;
    }
    if (refused)
        fabric.drop(id(), local.port, local.frame, *refused);
    else
        fabric.consume(local.frame);
}

std::optional<DropReason> Host::take_tcp(Fabric& fabric, Datagram& datagram) {
    // RFC 9293 section 3.9.2.3 (MUST-57): what was sent to several is no segment.
    if (!ip_.owns(datagram.header.destination)) return DropReason::NotForUs;
    if (tcp_ == nullptr) {
        ip_.complain(fabric, 0, datagram, IcmpTypes::kUnreachable, kProtocolUnreachable);
        return DropReason::NoReceiver;
    }
    auto& segment = std::get<tcp::Segment>(datagram.transport);
    segment.ecn = static_cast<tcp::Ecn>(datagram.header.ecn & 3);
    segment.dscp = datagram.header.dscp;
    segment.ttl = datagram.header.ttl;
    tcp_->arrives(fabric.now(), segment);
    pump(fabric);
    return std::nullopt;
}

std::optional<DropReason> Host::take_udp(Fabric& fabric, std::uint16_t port, const Datagram& datagram) {
    const auto& udp = std::get<UdpMessage>(datagram.transport);
    UdpArrival arrival{fabric.now(),
                       {datagram.header.source, udp.source_port},
                       {datagram.header.destination, udp.destination_port},
                       udp.payload};
    if (take_by_service(fabric, arrival)) return std::nullopt;
    switch (udp_.deliver(std::move(arrival))) {
        case UdpPorts::Delivery::Taken:
            woken_ = true;
            return std::nullopt;
        case UdpPorts::Delivery::Full:
            return DropReason::QueueFull;
        case UdpPorts::Delivery::NobodyThere:
            break;
    }
    ip_.complain(fabric, port, datagram, IcmpTypes::kUnreachable, kPortUnreachable);
    return DropReason::NoReceiver;
}

bool Host::take_by_service(Fabric& fabric, const UdpArrival& arrival) {
    const std::uint16_t port = arrival.to.port;
    if (dns_server_ && port == wire::dns::kPort) {
        if (const auto answer = dns_server_->answer(arrival.payload.span()))
            send_udp(fabric, arrival.to, arrival.from, Payload::copy_of(*answer));
        return true;
    }
    if (resolver_ && port == resolver_port_) {
        resolver_->arrives(fabric.now(), arrival.from, arrival.payload.span());
        pump_dns(fabric);
        return true;
    }
    if (dhcp_server_ && port == wire::dhcp::kServerPort) {
        serve_dhcp(fabric, arrival);
        return true;
    }
    if (!dhcp_client_ || port != wire::dhcp::kClientPort) return false;
    if (const auto message = wire::DhcpMessage::parse(arrival.payload.span())) {
        dhcp_client_->arrives(fabric.now(), *message);
        pump_dhcp(fabric);
    }
    return true;
}

std::optional<DropReason> Host::take_icmp(Fabric& fabric, const Datagram& datagram) {
    const auto& icmp = std::get<IcmpMessage>(datagram.transport);
    if (icmp.header.type == IcmpTypes::kEchoRequest) {
        // RFC 1122 section 3.2.2.6: one that was sent to several may be ignored, and is.
        if (!ip_.owns(datagram.header.destination)) return DropReason::NotForUs;
        Datagram reply;
        reply.header.source = datagram.header.destination;
        reply.header.destination = datagram.header.source;
        reply.header.ttl = 0;
        reply.transport = IcmpMessage{{IcmpTypes::kEchoReply, 0, 0, icmp.header.word}, icmp.rest};
        ip_.send(fabric, std::move(reply));
        return std::nullopt;
    }
    if (icmp.header.type == IcmpTypes::kEchoReply) {
        echo_replies_.push_back(
            {fabric.now(), datagram.header.source, static_cast<std::uint16_t>(icmp.header.word >> 16),
             static_cast<std::uint16_t>(icmp.header.word), datagram.header.ttl, icmp.rest.size()});
        woken_ = true;
        return std::nullopt;
    }
    if (const auto error = ip_.read_error(datagram)) {
        hand_out(fabric, *error);
        return std::nullopt;
    }
    return DropReason::NoReceiver;
}

// ---- errors

void Host::hand_out_all_errors(Fabric& fabric) {
    for (int round = 0; round < kMostRounds && !ip_.errors().empty(); ++round)
        for (const IcmpError& error : std::exchange(ip_.errors(), {}))
            hand_out(fabric, error);
    ip_.errors().clear();
}

void Host::hand_out(Fabric& fabric, const IcmpError& error) {
    if (error.protocol == wire::ip_protocol::kTcp && tcp_ != nullptr) {
        tcp_->icmp(fabric.now(), error);
        send_segments(fabric);
        return;
    }
    woken_ = true;
    if (error.protocol == wire::ip_protocol::kUdp && udp_.bound(error.source.port))
        udp_.report(error);
    else
        icmp_errors_.push_back(error);
}

// ---- TCP

void Host::pump(Fabric& fabric) {
    if (tcp_ == nullptr) return;
    send_segments(fabric);
    hand_out_errors(fabric);
    woken_ = woken_ || tcp_->woken();
    if (const Instant deadline = tcp_->next_deadline(); deadline != tcp::kNever)
        arm(fabric, tcp_timer_, Timer::Tcp, deadline);
}

void Host::send_segments(Fabric& fabric) {
    std::vector<tcp::Segment>& segments = tcp_->output();
    for (tcp::Segment& segment : segments) {
        const FrameId frame = fabric.make_empty();
        auto& datagram = fabric.frame(frame).body.emplace<Datagram>();
        datagram.header.source = segment.source;
        datagram.header.destination = segment.destination;
        datagram.header.ttl = segment.ttl;
        datagram.header.dscp = segment.dscp;
        datagram.header.ecn = static_cast<std::uint8_t>(segment.ecn);
        datagram.header.dont_fragment = segment.dont_fragment;
        datagram.transport.emplace<tcp::Segment>(std::move(segment));
        ip_.send(fabric, frame);
    }
    segments.clear();
}

void Host::arm(Fabric& fabric, Armed& armed, Timer kind, Instant deadline) {
    const Instant when = std::max(deadline, fabric.now());
    // A timer that is put off over and over, as TCP's is by every ACK, is left to come early.
    if (armed.at && *armed.at <= when) return;
    if (!armed.at || !fabric.scheduler().move(armed.handle, when))
        armed.handle = fabric.set_timer(id(), when, static_cast<std::uint64_t>(kind) << 56);
    armed.at = when;
}

void Host::timer(Fabric& fabric, std::uint64_t argument) {
    switch (static_cast<Timer>(argument >> 56)) {
        case Timer::Arp:
        case Timer::Reassembly:
            ip_.timer(fabric, argument);
            hand_out_errors(fabric);
            break;
        case Timer::Tcp:
            tcp_timer_.at.reset();
            if (tcp_ == nullptr) break;
            if (tcp_->next_deadline() <= fabric.now()) tcp_->advance(fabric.now());
            pump(fabric);
            break;
        case Timer::Dns:
            dns_timer_.at.reset();
            resolver_->advance(fabric.now());
            pump_dns(fabric);
            hand_out_errors(fabric);
            break;
        case Timer::Dhcp:
            dhcp_timer_.at.reset();
            dhcp_client_->advance(fabric.now());
            pump_dhcp(fabric);
            hand_out_errors(fabric);
            break;
    }
}

// ---- what programs send

bool Host::send_udp(Fabric& fabric, const Endpoint& source, const Endpoint& destination, Payload payload) {
    if (payload.size() > kLargestUdp) return false;
    Datagram datagram;
    datagram.header.source = source.address;
    datagram.header.destination = destination.address;
    datagram.header.ttl = 0;
    datagram.transport = UdpMessage{source.port, destination.port, std::move(payload)};
    ip_.send(fabric, std::move(datagram), 0);
    return true;
}

void Host::ping(Fabric& fabric, const IpAddress& to, std::uint16_t identifier, std::uint16_t sequence,
                Payload payload, std::uint8_t ttl, bool dont_fragment) {
    Datagram datagram;
    datagram.header.destination = to;
    datagram.header.ttl = ttl;
    datagram.header.dont_fragment = dont_fragment;
    datagram.transport = IcmpMessage{
        {IcmpTypes::kEchoRequest, 0, 0, std::uint32_t{identifier} << 16 | sequence}, std::move(payload)};
    ip_.send(fabric, std::move(datagram));
    hand_out_errors(fabric);
}

DnsResolver::LookupId Host::ask_name(Fabric& fabric, std::string_view name) {
    const auto lookup = resolver_->ask(fabric.now(), name);
    pump_dns(fabric);
    hand_out_errors(fabric);
    return lookup;
}

void Host::pump_dns(Fabric& fabric) {
    for (const DnsResolver::Query& query : std::exchange(resolver_->output(), {}))
        send_udp(fabric, {{}, resolver_port_}, query.server, Payload::copy_of(query.bytes));
    woken_ = woken_ || !resolver_->answers().empty();
    if (const auto deadline = resolver_->next_deadline()) arm(fabric, dns_timer_, Timer::Dns, *deadline);
}

}  // namespace synscope::sim
