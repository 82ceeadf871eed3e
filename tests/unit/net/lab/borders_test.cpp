// What one recv() took together, what came in pieces, what a short buffer lost; and the same script over the
// other transport.
#include "net/lab/borders.hpp"

#include <gtest/gtest.h>

#include "capture/trace/store.hpp"
#include "net/base/text.hpp"
#include "net/lab/other_transport.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::lab {
namespace {

/// One program's record.
class Program {
  public:
    Program& named(std::uint32_t id, SocketRole role, std::string_view local, std::string_view remote = {}) {
        SocketNamed body{SocketId{id}, 3, role, *Endpoint::parse(local), {}};
        if (!remote.empty()) body.remote = *Endpoint::parse(remote);
        return add(body);
    }
    Program& call(Syscall call, std::uint32_t id, std::int64_t result, ByteRange bytes) {
        SyscallReturned body;
        body.call = call;
        body.socket = SocketId{id};
        body.has_socket = true;
        body.result = result;
        body.error = result < 0 ? EAGAIN : 0;
        body.bytes = bytes;
        return add(body);
    }
    trace::Store store;

  private:
    Program& add(const EventBody& body) {
        store.append(Instant{++now_}, actor_, std::nullopt, body);
        return *this;
    }
    ActorId actor_ = store.add_actor();
    std::int64_t now_ = 0;
};

TEST(Borders, OfAStreamAreSeenInTheCallsOfBothSides) {
    Program client;
    client.named(1, SocketRole::Connecting, "127.0.0.1:5000", "127.0.0.1:80");
    client.call(Syscall::Send, 1, 6, {0, 6}).call(Syscall::Send, 1, 5, {6, 11});
    client.call(Syscall::Send, 1, 4, {11, 15}).call(Syscall::Recv, 1, 11, {0, 11});
    client.call(Syscall::Recv, 1, 2, {11, 13}).call(Syscall::Recv, 1, 2, {13, 15});
    Program server;
    server.named(1, SocketRole::Listener, "127.0.0.1:80");
    server.named(2, SocketRole::Accepted, "127.0.0.1:80", "127.0.0.1:5000");
    server.call(Syscall::Recv, 2, 11, {0, 11}).call(Syscall::Recv, 2, -1, {});
    server.call(Syscall::Recv, 2, 2, {11, 13}).call(Syscall::Recv, 2, 0, {13, 13});
    server.call(Syscall::Send, 2, 11, {0, 11}).call(Syscall::Send, 2, 4, {11, 15});
    const BordersBothWays seen = borders_of(server.store, {&client.store});
    EXPECT_EQ(seen.to_server, (Borders{3, 2, 2, 2, 1, 0})) << "the third was read in part only";
    EXPECT_EQ(seen.to_clients, (Borders{2, 2, 3, 1, 1, 0}));
}

TEST(Borders, OfDatagramsAreKeptAndAShortBufferLosesTheRest) {
    Program client;
    client.named(1, SocketRole::Datagram, "127.0.0.1:5000", "127.0.0.1:80");
    client.call(Syscall::Send, 1, 6, {0, 6}).call(Syscall::Send, 1, 5, {6, 11});
    client.call(Syscall::Recvfrom, 1, 6, {0, 3});
    Program server;
    server.named(1, SocketRole::Datagram, "127.0.0.1:80");
    server.call(Syscall::Recvfrom, 1, 6, {0, 6}).call(Syscall::Recvfrom, 1, 5, {6, 11});
    server.call(Syscall::Recvfrom, 1, -1, {});
    server.named(2, SocketRole::Datagram, "127.0.0.1:80", "127.0.0.1:5000");
    server.call(Syscall::Sendto, 1, 6, {0, 6}).call(Syscall::Sendto, 1, 5, {6, 11});
    const BordersBothWays seen = borders_of(server.store, {&client.store});
    EXPECT_EQ(seen.to_server, (Borders{2, 2, 2, 1, 0, 0}));
    EXPECT_EQ(seen.to_clients, (Borders{2, 1, 1, 1, 0, 3}));
}

std::string fitted(std::string_view rest, std::string_view engine) {
    const auto scenario = scenario::load_text(concat("version: 1\n", rest), "t.yaml", {});
    EXPECT_TRUE(scenario) << scenario::error_line(scenario.error());
    const auto made = with_engine(*scenario, *engine::find_engine(engine));
    if (!made) return made.error().what;
    return concat(made->server.engine, ' ', made->server.service, ' ',
                  made->clients[0].transport == scenario::Transport::Udp ? "UDP" : "TCP");
}

TEST(OtherTransport, ClientsTalkWhatTheEngineServes) {
    constexpr std::string_view kTcp = "clients: [{steps: [connect, send: x, recv: 1 byte, close]}]\n";
    EXPECT_EQ(fitted(kTcp, "poll"), "poll upper TCP");
    EXPECT_EQ(fitted(kTcp, "udp"), "udp udp-upper UDP");
    const std::string chat = concat("server: {service: udp-chat, engine: udp}\n",
                                    "clients: [{transport: udp, steps: [connect, send: x, close]}]\n");
    EXPECT_EQ(fitted(chat, "udp"), "udp udp-chat UDP");
    EXPECT_EQ(fitted(chat, "epoll-et"), "epoll-et chat TCP");
    EXPECT_EQ(fitted(concat("server: {service: echo}\n", kTcp), "udp"), "udp echo UDP")
        << "there is no such service in datagrams, which check_server says";
}

TEST(OtherTransport, WhatHasNoMeaningThereIsToldWithItsLine) {
    EXPECT_EQ(fitted("clients: [{steps: [connect,\n  shutdown: write]}]\n", "udp"),
              "client 'client-1', line 3:3: UDP has no shutdown");
    EXPECT_EQ(fitted("clients: [{framing: len32, steps: [connect]}]\n", "udp"),
              "client 'client-1': framings are for streams, and UDP is none");
    EXPECT_EQ(fitted("clients: [{transport: udp, steps: [connect, recv: 2 messages]}]\n", "poll"),
              "receiving messages needs a framing");
}

scenario::Scenario both_servers(std::string_view order) {
    const auto scenario =
        scenario::load_text(concat("version: 1\nhosts: [client, server]\nservers: [", order, R"(]
clients:
  - {name: stream, steps: [connect, mark: tcp, send: x, recv: 1 byte, close]}
  - {name: parcels, after: stream, transport: udp, steps: [connect, mark: udp, send: x, recv: 1 byte, close]}
  - {name: last, after: parcels, steps: [connect, close]}
narration: [{at: tcp, text: {en: a}}, {at: udp, text: {en: b}}]
)"),
                            "t.yaml", {});
    EXPECT_TRUE(scenario) << scenario::error_line(scenario.error());
    return first_server_alone(*scenario);
}

TEST(OtherTransport, OfTwoServersTheFirstStandsAloneWithItsClients) {
    constexpr std::string_view kTcp = "{host: server}";
    constexpr std::string_view kUdp = "{host: server, engine: udp, service: udp-upper}";
    const scenario::Scenario tcp = both_servers(concat(kTcp, ", ", kUdp));
    EXPECT_TRUE(tcp.more_servers.empty());
    ASSERT_EQ(tcp.clients.size(), 2U);
    EXPECT_EQ(tcp.clients[1].name, "last");
    EXPECT_EQ(tcp.clients[1].after, "stream");
    ASSERT_EQ(tcp.narration.size(), 1U);
    EXPECT_EQ(tcp.narration[0].at, "tcp");
    EXPECT_FALSE(scenario::needs_simulator(tcp));
    EXPECT_TRUE(with_engine(tcp, *engine::find_engine("udp")));
    const scenario::Scenario udp = both_servers(concat(kUdp, ", ", kTcp));
    ASSERT_EQ(udp.clients.size(), 1U);
    EXPECT_EQ(udp.clients[0].name, "parcels");
    EXPECT_EQ(udp.clients[0].after, "");
}

TEST(OtherTransport, TwoServersOfOneKindAreLeftAsTheyAre) {
    const scenario::Scenario same = both_servers("{host: server}, {host: server, port: 9}");
    EXPECT_EQ(same.more_servers.size(), 1U);
    EXPECT_EQ(same.clients.size(), 3U);
}

}  // namespace
}  // namespace synscope::lab
