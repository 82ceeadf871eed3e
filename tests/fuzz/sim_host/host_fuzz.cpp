// Any bytes on the wire of a host that routes, serves names and addresses, and asks for both: nothing breaks,
// and every frame goes somewhere. Input: records of a control byte, a length of two bytes and the frame's
// bytes. Control bit 0: checksums are put right; bit 1: addressed to the host; bit 2: time passes, in units
// of the high bits.

#include <algorithm>
#include <cstdlib>

#include "net/wire/checksum.hpp"
#include "net/wire/ip_protocol.hpp"
#include "sim/host/world.hpp"

namespace {

using namespace synscope;
using namespace synscope::sim;

/// The checksums of an IPv4 datagram in Ethernet, as far as its lengths make sense.
void mend(MutableByteSpan frame) {
    if (frame.size() < 34) return;
    const MutableByteSpan ip = frame.subspan(14);
    const auto view = wire::Ipv4View::parse(ip);
    if (!view || view->total_length() < view->header_length() || view->total_length() > ip.size()) return;
    store_be16(ip, wire::Ipv4View::kChecksumAt, 0);
    store_be16(ip, wire::Ipv4View::kChecksumAt, wire::internet_checksum(ip.first(view->header_length())));
    const MutableByteSpan contents =
        ip.subspan(view->header_length(), view->total_length() - view->header_length());
    const auto put = [&](std::size_t at, bool pseudo) {
        if (contents.size() < at + 2) return;
        store_be16(contents, at, 0);
        const std::uint16_t sum =
            pseudo ? wire::transport_checksum(view->source(), view->destination(), view->protocol(), contents)
                   : wire::internet_checksum(contents);
        store_be16(contents, at, sum);
    };
    if (view->protocol() == wire::ip_protocol::kTcp) put(wire::TcpView::kChecksumAt, true);
    if (view->protocol() == wire::ip_protocol::kUdp) put(wire::UdpView::kChecksumAt, true);
    if (view->protocol() == wire::ip_protocol::kIcmp) put(wire::IcmpView::kChecksumAt, false);
}

HostOptions serving() {
    HostOptions options;
    options.ip.forwards = true;
    options.ip.interfaces = {{{}, Ipv4Prefix::parse("10.0.0.1/24")}, {{}, Ipv4Prefix::parse("10.0.1.1/24")}};
    options.ip.arp.entries = 4;
    options.dns_zone.emplace();
    options.dns_zone->add_address("server.example", *IpAddress::parse("10.0.0.1"));
    options.dns_zone->add_alias("www.example", "server.example");
    options.dhcp_server.emplace();
    options.dhcp_server->first = *IpAddress::parse("10.0.0.100");
    return options;
}

HostOptions asking() {
    HostOptions options;
    options.dhcp_client.emplace();
    options.resolver = DnsResolverOptions{.servers = {*IpAddress::parse("10.0.0.1")}};
    return options;
}

void check(Fabric& fabric) {
    const FabricCounts& counts = fabric.counts();
    if (counts.sent + counts.duplicated != counts.delivered + counts.lost + fabric.on_the_way()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world{{}};
    const BoxId outside = world.add_outlet("outside");
    const BoxId bridge = world.add_switch("switch", {.ports = 3, .addresses = 8});
    const BoxId server = world.add_host("server", serving());
    const BoxId client = world.add_host("client", asking());
    const LinkOptions wire{.delay = Duration::milliseconds(1), .mtu = 9000};
    world.connect({outside, 0}, {bridge, 0}, wire);
    world.connect({server, 0}, {bridge, 1}, wire);
    world.connect({client, 0}, {bridge, 2}, wire);
    world.start();
    ByteSpan rest = std::as_bytes(std::span{data, size});
    while (rest.size() >= 3) {
        const std::uint8_t control = load_u8(rest, 0);
        const std::size_t length = std::min<std::size_t>(load_be16(rest, 1), rest.size() - 3);
        std::vector<std::byte> bytes(rest.begin() + 3,
                                     rest.begin() + 3 + static_cast<std::ptrdiff_t>(length));
        rest = rest.subspan(3 + length);
        if ((control & 1) != 0) mend(bytes);
        if ((control & 2) != 0 && bytes.size() >= 6) world.host(server).ip().mac(0).store(bytes, 0);
        static_cast<void>(world.outlet(outside).inject(world.fabric(), bytes));
        const Duration pass =
            (control & 4) != 0 ? Duration::seconds(control >> 3) : Duration::milliseconds(5);
        world.run_until(world.now() + pass);
        check(world.fabric());
        world.outlet(outside).arrived().clear();
    }
    world.run_until(world.now() + Duration::seconds(5));
    check(world.fabric());
    return 0;
}
