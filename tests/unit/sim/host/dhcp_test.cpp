#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

using State = DhcpClient::State;
using wire::dhcp::MessageType;

DhcpServerOptions range() {
    DhcpServerOptions options;
    options.first = ip("10.0.0.100");
    options.count = 2;
    options.router = ip("10.0.0.1");
    options.dns = {ip("10.0.0.53")};
    return options;
}

struct Leasing : TwoHosts {
    Leasing()
        : TwoHosts({.delay = Duration::milliseconds(5)}, Transcript::Show::Packets, {}, asking(), giving()) {}
    static HostOptions asking() {
        HostOptions options;
        options.dhcp_client = DhcpClientOptions{};
        options.resolver = DnsResolverOptions{};
        return options;
    }
    static HostOptions giving() {
        auto options = host_at("10.0.0.1/24");
        options.dhcp_server = range();
        return options;
    }
    [[nodiscard]] DhcpClient& dhcp() { return *world.host(client).dhcp_client(); }
};

TEST(Dhcp, AHostGetsItsAddressLooksForItOnTheLinkAndUsesIt) {
    Leasing net;
    net.world.run_until(at_ms(1'000));
    EXPECT_EQ(net.transcript.take(),
              (Lines{"0.000000 client  0.0.0.0:68 > 255.255.255.255:67  DHCP Discover, xid 0x00000000, from "
                     "02:00:00:00:00:01",
                     "0.005000 server  10.0.0.1:67 > 255.255.255.255:68  DHCP Offer, xid 0x00000000, to "
                     "02:00:00:00:00:01, address 10.0.0.100",
                     "0.010000 client  0.0.0.0:68 > 255.255.255.255:67  DHCP Request, xid 0x00000000, from "
                     "02:00:00:00:00:01",
                     "0.015000 server  10.0.0.1:67 > 255.255.255.255:68  DHCP Ack, xid 0x00000000, to "
                     "02:00:00:00:00:01, address 10.0.0.100",
                     "0.020000 client  ARP, Request who-has 10.0.0.100 tell 0.0.0.0, length 28",
                     "0.520000 client  ARP, Request who-has 10.0.0.100 tell 10.0.0.100, length 28"}));
    Host& client = net.world.host(net.client);
    EXPECT_EQ(client.ip().address(0), Ipv4Prefix::parse("10.0.0.100/24"));
    EXPECT_EQ(client.resolver()->servers(), std::vector<IpAddress>{ip("10.0.0.53")});
    EXPECT_EQ(net.dhcp().state(), State::Bound);
    EXPECT_EQ(client.ip().source_for(ip("192.0.2.1")), ip("10.0.0.100")) << "there is a default route";
}

TEST(Dhcp, HalfWayThroughTheLeaseIsRenewedWithItsServerAlone) {
    Leasing net;
    net.world.run_until(at_ms(1'000'000));
    static_cast<void>(net.transcript.take());
    net.world.run_until(at_ms(1'801'000));
    EXPECT_EQ(net.transcript.take(),
              (Lines{"1800.020000 client  ARP, Request who-has 10.0.0.1 tell 10.0.0.100, length 28",
                     "1800.025000 server  ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:02, length 28",
                     "1800.030000 client  10.0.0.100:68 > 10.0.0.1:67  DHCP Request, xid 0x00000000, from "
                     "02:00:00:00:00:01",
                     "1800.035000 server  10.0.0.1:67 > 10.0.0.100:68  DHCP Ack, xid 0x00000000, to "
                     "02:00:00:00:00:01, address 10.0.0.100"}));
    EXPECT_EQ(net.dhcp().state(), State::Bound);
    EXPECT_EQ(net.dhcp().lease().expires, at_ms(1'800'040) + Duration::seconds(3'600));
}

TEST(Dhcp, WithoutAnAnswerTheLeaseIsAskedForEverywhereAndThenGivenUp) {
    Leasing net;
    net.world.run_until(at_ms(1'000));
    net.world.fabric().rules().add({.action = RuleAction::Drop});
    net.world.run_until(at_ms(1'800'021));
    EXPECT_EQ(net.dhcp().state(), State::Renewing);
    net.world.run_until(at_ms(3'150'021));
    EXPECT_EQ(net.dhcp().state(), State::Rebinding) << "seven eighths of 3600 seconds";
    const Lines lines = net.transcript.take();
    EXPECT_NE(std::find_if(lines.begin(), lines.end(),
                           [](const std::string& line) {
                               return line.find("3150.020000 client  10.0.0.100:68 > 255.255.255.255:67") ==
                                      0;
                           }),
              lines.end());
    net.world.run_until(at_ms(3'600'021));
    EXPECT_EQ(net.world.host(net.client).ip().address(0), std::nullopt);
    EXPECT_EQ(net.dhcp().state(), State::Selecting);
}

TEST(Dhcp, AnAddressThatSomebodyHasIsDeclinedAndAnotherIsFound) {
    World world{{}};
    Transcript transcript;
    HostOptions asking;
    asking.dhcp_client = DhcpClientOptions{};
    const BoxId client = world.add_host("client", asking);
    const BoxId server = world.add_host("server", Leasing::giving());
    const BoxId squatter = world.add_host("squatter", host_at("10.0.0.100/24"));
    const BoxId bridge = world.add_switch("switch", {.ports = 3});
    std::uint16_t port = 0;
    for (const BoxId host : {client, server, squatter})
        world.connect({host, 0}, {bridge, port++}, {.delay = Duration::milliseconds(1)});
    transcript.watch(world);
    world.start();
    world.run_until(at_ms(20'000));
    const Lines lines = transcript.take();
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) {
                                return line.find(" client  0.0.0.0:68 > 255.255.255.255:67  DHCP Decline") !=
                                       std::string::npos;
                            }),
              1);
    EXPECT_EQ(world.host(client).ip().address(0), Ipv4Prefix::parse("10.0.0.101/24"));
}

TEST(Dhcp, ALostOfferIsAskedForAgain) {
    Leasing net;
    net.world.fabric().rules().add({.action = RuleAction::Drop, .sender = net.server.value, .nth = 1});
    net.world.run_until(at_ms(10'000));
    EXPECT_EQ(net.dhcp().state(), State::Bound);
    EXPECT_GE(net.dhcp().lease().obtained, at_ms(3'000)) << "four seconds, one more or less";
    EXPECT_LE(net.dhcp().lease().obtained, at_ms(5'100));
}

TEST(Dhcp, AReleasedLeaseIsFreeAgain) {
    Leasing net;
    net.world.run_until(at_ms(1'000));
    EXPECT_EQ(net.world.host(net.server).dhcp_server()->leases().size(), 1u);
    net.world.host(net.client).release_lease(net.world.fabric());
    net.world.run_until(at_ms(2'000));
    EXPECT_TRUE(net.world.host(net.server).dhcp_server()->leases().empty());
    EXPECT_EQ(net.world.host(net.client).ip().address(0), std::nullopt);
    EXPECT_EQ(net.dhcp().state(), State::Off);
}

// ---- the server by itself

wire::DhcpMessage message(MessageType type, std::uint32_t client = 1) {
    wire::DhcpMessage out;
    out.hardware = numbered_mac(client);
    out.add_u8(wire::dhcp::kMessageType, static_cast<std::uint8_t>(type));
    return out;
}
std::string type_of(const std::optional<DhcpServer::Reply>& reply) {
    if (!reply) return "silence";
    const auto type = reply->message.type();
    return type ? std::string{wire::dhcp::message_type_name(static_cast<std::uint8_t>(*type))} : "?";
}

TEST(DhcpServer, GivesEachClientItsOwnAddressUntilThereAreNone) {
    DhcpServer server{range(), ip("10.0.0.1")};
    EXPECT_EQ(server.answer(at_ms(0), message(MessageType::Discover, 1))->message.yours, ip("10.0.0.100"));
    EXPECT_EQ(server.answer(at_ms(0), message(MessageType::Discover, 1))->message.yours, ip("10.0.0.100"));
    EXPECT_EQ(server.answer(at_ms(0), message(MessageType::Discover, 2))->message.yours, ip("10.0.0.101"));
    EXPECT_EQ(type_of(server.answer(at_ms(0), message(MessageType::Discover, 3))), "silence");
    EXPECT_EQ(server.answer(at_ms(61'000), message(MessageType::Discover, 3))->message.yours,
              ip("10.0.0.100"))
        << "an offer that nobody took is free after a minute";
}

TEST(DhcpServer, AnswersRequestsAsRfc2131Table4Asks) {
    DhcpServer server{range(), ip("10.0.0.1")};
    auto selecting = message(MessageType::Request);
    selecting.add_address(wire::dhcp::kRequestedAddress, ip("10.0.0.100"));
    selecting.add_address(wire::dhcp::kServerIdentifier, ip("10.0.0.1"));
    EXPECT_EQ(type_of(server.answer(at_ms(0), selecting)), "Nak") << "nothing was offered";
    static_cast<void>(server.answer(at_ms(0), message(MessageType::Discover)));
    EXPECT_EQ(type_of(server.answer(at_ms(0), selecting)), "Ack");
    auto renewing = message(MessageType::Request);
    renewing.client = ip("10.0.0.100");
    const auto renewed = server.answer(at_ms(1'000), renewing);
    EXPECT_EQ(type_of(renewed), "Ack");
    EXPECT_EQ(renewed->to, ip("10.0.0.100"));
    renewing.client = ip("10.0.0.101");
    EXPECT_EQ(type_of(server.answer(at_ms(1'000), renewing)), "Nak") << "that is not its address";
    auto rebooting = message(MessageType::Request);
    rebooting.add_address(wire::dhcp::kRequestedAddress, ip("192.168.0.5"));
    EXPECT_EQ(type_of(server.answer(at_ms(1'000), rebooting)), "Nak") << "it came from another network";
    auto unknown = message(MessageType::Request, 9);
    unknown.add_address(wire::dhcp::kRequestedAddress, ip("10.0.0.100"));
    EXPECT_EQ(type_of(server.answer(at_ms(1'000), unknown)), "silence");
    EXPECT_EQ(type_of(server.answer(at_ms(1'000), message(MessageType::Inform))), "Ack");
}

TEST(DhcpServer, AClientThatChoseAnotherServerFreesItsOffer) {
    DhcpServer server{range(), ip("10.0.0.1")};
    static_cast<void>(server.answer(at_ms(0), message(MessageType::Discover)));
    auto elsewhere = message(MessageType::Request);
    elsewhere.add_address(wire::dhcp::kRequestedAddress, ip("10.0.0.55"));
    elsewhere.add_address(wire::dhcp::kServerIdentifier, ip("10.0.0.9"));
    EXPECT_EQ(type_of(server.answer(at_ms(0), elsewhere)), "silence");
    EXPECT_TRUE(server.leases().empty());
}

TEST(DhcpClient, ARefusalEndsTheLease) {
    DhcpClient client{{.probes = 0}, numbered_mac(1), Random{1, "test"}};
    DhcpServer server{range(), ip("10.0.0.1")};
    Instant now;
    client.start(now);
    const auto exchange = [&] {
        client.advance(now);
        for (int i = 0; i < 4; ++i)
            for (const auto& action : std::exchange(client.actions(), {}))
                if (action.kind == DhcpClient::Action::Kind::Send)
                    if (const auto reply = server.answer(now, action.message))
                        client.arrives(now, reply->message);
    };
    exchange();
    ASSERT_EQ(client.state(), State::Bound);
    server = DhcpServer{range(), ip("10.0.0.1")};  // it has forgotten everything
    now = *client.next_deadline();
    exchange();
    EXPECT_EQ(client.state(), State::Init);
    now = *client.next_deadline();
    exchange();
    EXPECT_EQ(client.state(), State::Bound);
}

}  // namespace
}  // namespace synscope::sim
