// The tables: which number (or port, or first bytes) leads to which protocol. To add a dissector, write its
// file and give it a row here.

#include "capture/dissect/dissector.hpp"
#include "net/wire/dhcp.hpp"
#include "net/wire/dns.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/link_type.hpp"
#include "net/wire/vxlan.hpp"

namespace synscope::dissect {
namespace {

struct NumberedRow {
    std::uint16_t number;
    Row row;
};

constexpr std::uint16_t number(wire::LinkType type) noexcept {
    return static_cast<std::uint16_t>(type);
}

constexpr NumberedRow kLinks[] = {
    {number(wire::LinkType::Null), {"null", "null", dissect_loopback}},
    {number(wire::LinkType::Ethernet), {"eth", "eth:ethertype", dissect_ethernet}},
    {number(wire::LinkType::Ppp), {"ppp", "ppp", dissect_ppp}},
    {number(wire::LinkType::RawBsd), {"raw", "raw", dissect_raw_ip}},
    {number(wire::LinkType::RawOpenBsd), {"raw", "raw", dissect_raw_ip}},
    {number(wire::LinkType::PppSerial), {"ppp", "ppp", dissect_ppp}},
    {number(wire::LinkType::PppEther), {"pppoes", "pppoes", dissect_pppoe}},
    {number(wire::LinkType::Raw), {"raw", "raw", dissect_raw_ip}},
    {number(wire::LinkType::CiscoHdlc), {"chdlc", "chdlc", dissect_cisco_hdlc}},
    {number(wire::LinkType::Loop), {"null", "null", dissect_loopback}},
    {number(wire::LinkType::LinuxSll), {"sll", "sll:ethertype", dissect_linux_sll}},
    {number(wire::LinkType::Ipv4), {"ip", "ip", dissect_ipv4}},
    {number(wire::LinkType::Ipv6), {"ipv6", "ipv6", dissect_ipv6}},
    {number(wire::LinkType::LinuxSll2), {"sll", "sll:ethertype", dissect_linux_sll2}},
};

constexpr NumberedRow kEtherTypes[] = {
    {wire::ethertype::kIpv4, {"ip", "ip", dissect_ipv4}},
    {wire::ethertype::kArp, {"arp", "arp", dissect_arp}},
    {wire::ethertype::kVlan, {"vlan", "vlan:ethertype", dissect_vlan}},
    {wire::ethertype::kServiceVlan, {"ieee8021ad", "ieee8021ad", dissect_vlan}},
    {wire::ethertype::kOldQinq, {"ieee8021ad", "ieee8021ad", dissect_vlan}},
    {wire::ethertype::kIpv6, {"ipv6", "ipv6", dissect_ipv6}},
    {wire::ethertype::kBridged, {"eth", "eth:ethertype", dissect_ethernet}},
    {wire::ethertype::kPpp, {"ppp", "ppp", dissect_ppp}},
    {wire::ethertype::kMpls, {"mpls", "mpls", dissect_mpls}},
    {wire::ethertype::kMplsMulticast, {"mpls", "mpls", dissect_mpls}},
    {wire::ethertype::kPppoeDiscovery, {"pppoed", "pppoed", dissect_pppoe}},
    {wire::ethertype::kPppoeSession, {"pppoes", "pppoes", dissect_pppoe}},
    {wire::ethertype::kErspan2, {"erspan", "erspan", dissect_erspan}},
    {wire::ethertype::kErspan3, {"erspan", "erspan", dissect_erspan}},
};

constexpr NumberedRow kIpProtocols[] = {
    {wire::ip_protocol::kHopByHop, {"ipv6.hopopts", "ipv6.hopopts", dissect_hop_by_hop}},
    {wire::ip_protocol::kIcmp, {"icmp", "icmp", dissect_icmp}},
    {wire::ip_protocol::kIpv4, {"ip", "ip", dissect_ipv4}},
    {wire::ip_protocol::kTcp, {"tcp", "tcp", dissect_tcp}},
    {wire::ip_protocol::kUdp, {"udp", "udp", dissect_udp}},
    {wire::ip_protocol::kIpv6, {"ipv6", "ipv6", dissect_ipv6}},
    {wire::ip_protocol::kGre, {"gre", "gre", dissect_gre}},
    {wire::ip_protocol::kMplsInIp, {"mpls", "mpls", dissect_mpls}},
    {wire::ip_protocol::kRouting, {"ipv6.routing", "ipv6.routing", dissect_routing}},
    {wire::ip_protocol::kFragment, {"ipv6.fraghdr", "ipv6.fraghdr", dissect_fragment}},
    {wire::ip_protocol::kAuthentication, {"ah", "ah", dissect_authentication}},
    {wire::ip_protocol::kIcmpv6, {"icmpv6", "icmpv6", dissect_icmpv6}},
    {wire::ip_protocol::kDestinationOptions, {"ipv6.dstopts", "ipv6.dstopts", dissect_destination_options}},
};

/// What TCP and UDP carry: the first row that fits. A port fits either side; a row with a test needs it to
/// hold as well, and port 0 means any.
struct PayloadRow {
    NextBy by;
    std::uint16_t port;
    bool (*looks_like)(ByteSpan) noexcept;
    Row row;
};
constexpr PayloadRow kPayloads[] = {
    {NextBy::Udp, wire::dns::kPort, nullptr, {"dns", "dns", dissect_dns}},
    {NextBy::Udp, wire::dns::kMulticastPort, nullptr, {"mdns", "mdns", dissect_dns}},
    {NextBy::Udp, wire::dns::kLlmnrPort, nullptr, {"llmnr", "llmnr", dissect_dns}},
    {NextBy::Udp, 1900, looks_like_http, {"ssdp", "ssdp", dissect_http}},
    {NextBy::Udp, wire::dhcp::kServerPort, nullptr, {"dhcp", "dhcp", dissect_dhcp}},
    {NextBy::Udp, wire::dhcp::kClientPort, nullptr, {"dhcp", "dhcp", dissect_dhcp}},
    {NextBy::Udp, wire::VxlanView::kPort, nullptr, {"vxlan", "vxlan", dissect_vxlan}},
    {NextBy::Udp, wire::GeneveView::kPort, nullptr, {"geneve", "geneve", dissect_geneve}},
    {NextBy::Udp, wire::kTeredoPort, nullptr, {"teredo", "teredo", dissect_teredo}},
    {NextBy::Tcp, wire::dns::kPort, looks_like_dns_over_tcp, {"dns", "dns", dissect_dns_over_tcp}},
    {NextBy::Tcp, 0, looks_like_tls, {"tls", "tls", dissect_tls}},
    {NextBy::Tcp, 0, looks_like_http, {"http", "http", dissect_http}},
};

template <std::size_t N>
Row look_up(const NumberedRow (&table)[N], std::uint16_t wanted) noexcept {
    for (const NumberedRow& row : table)
        if (row.number == wanted) return row.row;
    return {};
}

}  // namespace

Row row_for_link(std::uint16_t link) noexcept {
    return look_up(kLinks, link);
}

Row row_for(NextBy by, std::uint16_t wanted) noexcept {
    switch (by) {
        case NextBy::EtherType:
            return look_up(kEtherTypes, wanted);
        case NextBy::IpProtocol:
            return look_up(kIpProtocols, wanted);
        case NextBy::Link:
            return look_up(kLinks, wanted);
        case NextBy::Tcp:
        case NextBy::Udp:
        case NextBy::Data:
            return {"data", "data", dissect_data};
        case NextBy::Llc:
        case NextBy::Nothing:
            break;
    }
    return {};
}

Row row_for_payload(NextBy by, const State& state, const Piece& piece) noexcept {
    for (const PayloadRow& row : kPayloads) {
        const bool port =
            row.port == 0 || row.port == state.source_port || row.port == state.destination_port;
        if (row.by == by && port && (row.looks_like == nullptr || row.looks_like(piece.bytes)))
            return row.row;
    }
    return row_for(NextBy::Data, 0);
}

}  // namespace synscope::dissect
