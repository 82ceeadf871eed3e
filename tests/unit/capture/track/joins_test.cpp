// System calls, messages and samples find their connection by addresses and time, whatever comes first.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

std::vector<Syscall> calls_of(const Connection& connection) {
    std::vector<Syscall> calls;
    for (const SocketCall& call : connection.socket_calls)
        calls.push_back(call.call);
    return calls;
}

TEST(Joins, CallsBeforeTheNamingAndBeforeTheSyn) {
    Conversation wire(5, 6);
    wire.call(0, 0, Side::Client, Syscall::Socket, 5);
    wire.call(0, 4, Side::Client, Syscall::Connect, 0);
    wire.handshake();
    EXPECT_FALSE(wire.connection().client_socket);
    wire.named(4, Side::Client);
    EXPECT_EQ(wire.connection().client_socket, wire.socket_of[0]);
    EXPECT_EQ(wire.connection().client_actor, ActorId{1});
    EXPECT_EQ(calls_of(wire.connection()), (std::vector{Syscall::Socket, Syscall::Connect}));
    EXPECT_EQ(wire.connection().socket_calls[1].entered_at, at_ms(0));
    EXPECT_EQ(wire.connection().socket_calls[1].returned_at, at_ms(4));
    EXPECT_EQ(wire.tracker.find(ActorId{1}, wire.socket_of[0]), ConnectionId{0});
    // The same number in another process is another socket.
    EXPECT_FALSE(wire.tracker.find(ActorId{2}, wire.socket_of[0]));
}

TEST(Joins, SocketEventsMayComeBeforeThePackets) {
    Conversation wire(5, 6);
    wire.call(1, 4, Side::Client, Syscall::Connect, 0);
    wire.named(4, Side::Client);
    wire.named(5, Side::Server);
    wire.write(6, 7, Side::Client, 11);
    wire.read(6, 8, Side::Server, 11);
    EXPECT_FALSE(wire.tracker.find(ActorId{1}, wire.socket_of[0]));
    wire.packet_at(1, "C S 0:0(0)");
    wire.packet_at(2, "S S. 0:0(0) ack 1");
    wire.packet_at(3, "C . 1:1(0) ack 1");
    wire.packet_at(6, "C P. 1:12(11) ack 1");
    const Connection& connection = wire.connection();
    ASSERT_EQ(connection.calls.size(), 2u);
    EXPECT_EQ(connection.calls[0].side, Side::Client);
    EXPECT_TRUE(connection.calls[0].writes);
    EXPECT_EQ(connection.calls[0].bytes, (ByteRange{0, 11}));
    EXPECT_EQ(connection.calls[1].side, Side::Server);
    EXPECT_FALSE(connection.calls[1].writes);
    EXPECT_EQ(connection.calls[1].entered_at, at_ms(6));
    EXPECT_EQ(connection.calls[1].returned_at, at_ms(8));
}

TEST(Joins, ReusedPortsAreToldApartByTime) {
    Conversation wire(100, 200);
    wire.call(0, 4, Side::Client, Syscall::Connect, 0);
    wire.handshake();
    wire.named(4, Side::Client);
    wire.named(4, Side::Server);
    wire.write(5, 5, Side::Client, 3);
    wire.packets({"C P. 1:4(3) ack 1", "C R 4:4(0)"});
    wire.restart(50000, 60000);
    wire.socket_of[0] = SocketId{11};
    wire.socket_of[1] = SocketId{21};
    wire.call(1000, 1004, Side::Client, Syscall::Connect, 0);
    wire.named(1004, Side::Client);
    wire.write(1005, 1005, Side::Client, 4);
    wire.packet_at(1001, "C S 0:0(0)");
    wire.packet_at(1002, "S S. 0:0(0) ack 1");
    wire.named(1004, Side::Server);
    ASSERT_EQ(wire.tracker.connections().size(), 2u);
    EXPECT_EQ(wire.tracker.find(ActorId{1}, SocketId{10}), ConnectionId{0});
    EXPECT_EQ(wire.tracker.find(ActorId{1}, SocketId{11}), ConnectionId{1});
    EXPECT_EQ(wire.tracker.find(ActorId{2}, SocketId{20}), ConnectionId{0});
    EXPECT_EQ(wire.tracker.find(ActorId{2}, SocketId{21}), ConnectionId{1});
    ASSERT_EQ(wire.connection(1).calls.size(), 1u);
    EXPECT_EQ(wire.connection(0).calls[0].bytes.size(), 3u);
    EXPECT_EQ(wire.connection(1).client_socket, SocketId{11});
}

TEST(Joins, AcceptedSocketNamedBeforeItsPacketsMovesToThem) {
    Conversation wire(100, 200);
    wire.handshake();
    wire.packets({"C R 1:1(0)"});
    wire.restart(50000, 60000);
    // The server's process was heard before the capture; only the old connection is known yet.
    wire.named(1004, Side::Server);
    wire.read(1005, 1006, Side::Server, 2);
    wire.sample(1006, Side::Server, TcpState::Established);
    wire.packet_at(1001, "C S 0:0(0)");
    EXPECT_EQ(wire.tracker.find(ActorId{2}, SocketId{20}), ConnectionId{1});
    EXPECT_TRUE(wire.connection(0).calls.empty());
    EXPECT_FALSE(wire.connection(0).server_socket);
    EXPECT_EQ(wire.connection(1).calls.size(), 1u);
    EXPECT_EQ(wire.states(Evidence::Kernel, 0), "");
    EXPECT_EQ(wire.states(Evidence::Kernel, 1), "S ESTABLISHED");
}

TEST(Joins, MappedAddressesAreTheOnesOnTheWire) {
    Conversation wire(5, 6);
    wire.handshake();
    const auto mapped = [](const Endpoint& e) {
        Endpoint m{*IpAddress::parse("::ffff:0.0.0.0"), e.port};
        std::copy_n(e.address.octets.begin(), 4, m.address.octets.begin() + 12);
        return m;
    };
    wire.event(4, Side::Server,
               SocketNamed{SocketId{20}, 5, SocketRole::Accepted, mapped(wire.server), mapped(wire.client)});
    EXPECT_EQ(wire.tracker.find(ActorId{2}, SocketId{20}), ConnectionId{0});
    EXPECT_EQ(wire.connection().server_socket, SocketId{20});
}

TEST(Joins, WhatMovesNoBytesIsNoStreamCall) {
    Conversation wire(5, 6);
    wire.handshake();
    wire.named(4, Side::Client);
    wire.call(5, 5, Side::Client, Syscall::Recv, -1, {}, 11);
    wire.call(6, 6, Side::Client, Syscall::Shutdown, 0);
    wire.call(7, 9, Side::Client, Syscall::Recv, 0, {3, 3});  // end-of-file
    wire.call(9, 9, Side::Client, Syscall::Close, 0);
    EXPECT_EQ(calls_of(wire.connection()), (std::vector{Syscall::Recv, Syscall::Shutdown, Syscall::Close}));
    EXPECT_EQ(wire.connection().socket_calls[0].error, 11);
    ASSERT_EQ(wire.connection().calls.size(), 1u);
    EXPECT_TRUE(wire.connection().calls[0].bytes.empty());
    EXPECT_FALSE(wire.connection().calls[0].writes);
}

TEST(Joins, ListenersBelongToNoConnection) {
    Conversation wire(5, 6);
    wire.event(0, Side::Server, SocketNamed{SocketId{20}, 3, SocketRole::Listener, wire.server, {}});
    wire.handshake();
    wire.call(0, 5, Side::Server, Syscall::Accept, 6);
    EXPECT_FALSE(wire.tracker.find(ActorId{2}, SocketId{20}));
    EXPECT_TRUE(wire.connection().socket_calls.empty());
    EXPECT_FALSE(wire.connection().server_socket);
}

TEST(Joins, MessagesKeepTheirSideAndOrder) {
    Conversation wire(5, 6);
    wire.handshake();
    wire.named(4, Side::Client);
    wire.named(4, Side::Server);
    wire.message(5, Side::Client, true, 10);
    wire.message(8, Side::Server, false, 10);
    wire.message(6, Side::Client, true, 9);
    const auto& messages = wire.connection().messages;
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].bytes, (ByteRange{10, 19}));
    EXPECT_EQ(messages[2].side, Side::Server);
    EXPECT_FALSE(messages[2].outgoing);
}

}  // namespace
}  // namespace synscope::track
