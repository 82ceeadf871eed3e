// DHCP between Host and its client and server: which messages go where, and what they change.

#include <utility>

#include "sim/host/host.hpp"

namespace synscope::sim {
namespace {

constexpr IpAddress kEverybody = IpAddress::v4(0xffff'ffff);

}  // namespace

void Host::start(Fabric& fabric) {
    if (!dhcp_client_) return;
    dhcp_client_->start(fabric.now());
    pump_dhcp(fabric);
}

void Host::release_lease(Fabric& fabric) {
    if (!dhcp_client_) return;
    dhcp_client_->release(fabric.now());
    pump_dhcp(fabric);
}

void Host::pump_dhcp(Fabric& fabric) {
    for (const DhcpClient::Action& action : std::exchange(dhcp_client_->actions(), {}))
        apply(fabric, action);
    if (const auto deadline = dhcp_client_->next_deadline()) arm(fabric, dhcp_timer_, Timer::Dhcp, *deadline);
}

void Host::apply(Fabric& fabric, const DhcpClient::Action& action) {
    const DhcpClient::Lease& lease = dhcp_client_->lease();
    switch (action.kind) {
        case DhcpClient::Action::Kind::Send: {
            // RFC 2131 section 4.1: from 0.0.0.0 as long as there is no address.
            const auto own = ip_.address(0);
            send_udp(fabric, {own ? own->address : IpAddress::v4(0), wire::dhcp::kClientPort},
                     {action.to.value_or(kEverybody), wire::dhcp::kServerPort},
                     Payload::copy_of(action.message.emit()));
            break;
        }
        case DhcpClient::Action::Kind::Probe:
            Arp::probe(fabric, ip_.self(0), lease.address);
            break;
        case DhcpClient::Action::Kind::Configure:
            // A renewed lease changes nothing that others could see.
            if (!ip_.owns(lease.address)) {
                ip_.set_address(fabric, 0, Ipv4Prefix{lease.address, lease.prefix_length});
                Arp::announce(fabric, ip_.self(0));
            }
            ip_.set_default_route(lease.router);
            if (resolver_ && !lease.dns.empty()) resolver_->set_servers(lease.dns);
            woken_ = true;
            break;
        case DhcpClient::Action::Kind::Deconfigure:
            ip_.set_address(fabric, 0, std::nullopt);
            ip_.set_default_route(std::nullopt);
            woken_ = true;
            break;
    }
}

void Host::serve_dhcp(Fabric& fabric, const UdpArrival& arrival) {
    const auto message = wire::DhcpMessage::parse(arrival.payload.span());
    if (!message) return;
    const auto reply = dhcp_server_->answer(fabric.now(), *message);
    if (!reply) return;
    send_udp(fabric, {ip_.address(0) ? ip_.address(0)->address : IpAddress{}, wire::dhcp::kServerPort},
             {reply->to.value_or(kEverybody), wire::dhcp::kClientPort},
             Payload::copy_of(reply->message.emit()));
}

/// RFC 5227 section 2.1.1: somebody has the address, or is looking for it too.
void Host::look_for_conflict(Fabric& fabric, std::uint16_t port, FrameId frame) {
    const auto* arp = std::get_if<wire::ArpHeader>(&fabric.frame(frame).body);
    if (arp == nullptr || port != 0 || arp->sender_mac == ip_.mac(0)) return;
    const IpAddress& wanted = dhcp_client_->lease().address;
    const bool probes_too = arp->sender_ip == IpAddress::v4(0) && arp->target_ip == wanted &&
                            arp->operation == wire::ArpView::kRequest;
    if (arp->sender_ip != wanted && !probes_too) return;
    if (fabric.observer() != nullptr) {
        BoxEvent event{fabric.now(), id(), port, fabric.packet(frame), BoxAction::AddressConflict};
        event.address = wanted;
        event.mac = arp->sender_mac;
        fabric.acted(event);
    }
    dhcp_client_->conflict(fabric.now());
    pump_dhcp(fabric);
}

}  // namespace synscope::sim
