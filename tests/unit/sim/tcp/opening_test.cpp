// RFC 9293 sections 3.4.1, 3.5 and 3.9.1.1: initial sequence numbers, OPEN, and whose segments are taken.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

Stack stack_of(std::uint64_t seed) {
    StackOptions options;
    options.seed = seed;
    options.addresses = {IpAddress::v4(0xc0a80001), IpAddress::v4(0xc0a80002)};
    return Stack{options};
}

/// The number of a SYN that a new stack of this seed sends at this time.
Seq32 isn(std::uint64_t seed, Instant at, std::uint16_t peer_port = 80) {
    Stack stack = stack_of(seed);
    const SocketId id = stack.create();
    EXPECT_EQ(stack.bind(id, {IpAddress::v4(0xc0a80001), 5000}), Error::None);
    EXPECT_EQ(stack.connect(at, id, {IpAddress::v4(0xc0000201), peer_port}), Error::InProgress);
    return stack.output().at(0).header.seq;
}

TEST(TcpIsn, FollowsAClock) {
    const Seq32 first = isn(1, Instant{0});
    // 64 ns a tick: 2^32 in 4.58 minutes, as RFC 9293 section 3.4.1 asks for.
    EXPECT_EQ(Seq32::distance(first, isn(1, Instant{64'000})), 1'000);
    EXPECT_EQ(isn(1, Instant{std::int64_t{64} << 32}), first);
}

TEST(TcpIsn, DiffersByPairAndByASecretKey) {
    EXPECT_NE(isn(1, Instant{0}), isn(1, Instant{0}, 81));
    EXPECT_NE(isn(1, Instant{0}), isn(2, Instant{0}));
    // The difference of two pairs under one key says nothing about it under another.
    EXPECT_NE(Seq32::distance(isn(1, Instant{0}), isn(1, Instant{0}, 81)),
              Seq32::distance(isn(2, Instant{0}), isn(2, Instant{0}, 81)));
}

// ---- OPEN

TEST(TcpOpen, TheLocalAddressIsTheUsersOrTheHostsFirst) {
    Stack stack = stack_of(1);
    const SocketId any = stack.create();
    EXPECT_EQ(stack.connect({}, any, {IpAddress::v4(0xc0000201), 80}), Error::InProgress);
    EXPECT_EQ(stack.output().back().source, IpAddress::v4(0xc0a80001));
    const SocketId second = stack.create();
    EXPECT_EQ(stack.bind(second, {IpAddress::v4(0xc0a80002), 0}), Error::None);
    EXPECT_EQ(stack.connect({}, second, {IpAddress::v4(0xc0000201), 80}), Error::InProgress);
    EXPECT_EQ(stack.output().back().source, IpAddress::v4(0xc0a80002));
    const SocketId nobodys = stack.create();
    EXPECT_EQ(stack.bind(nobodys, {IpAddress::v4(0xc0a80003), 0}), Error::AddressNotAvailable);
}

TEST(TcpOpen, ToAGroupIsRefused) {
    Stack stack = stack_of(1);
    for (const std::uint32_t group : {0xe0000001u, 0xffffffffu}) {
        const SocketId id = stack.create();
        EXPECT_EQ(stack.connect({}, id, {IpAddress::v4(group), 80}), Error::NetworkUnreachable);
    }
    const SocketId id = stack.create();
    EXPECT_EQ(stack.connect({}, id, {*IpAddress::parse("ff02::1"), 80}), Error::NetworkUnreachable);
    EXPECT_TRUE(stack.output().empty());
}

class TcpOpening : public TcpScenario {};

TEST_F(TcpOpening, AConnectionKeepsItsLocalAddress) {
    listens();
    local_.address = IpAddress::v4(0xc0a80001);
    arrives("S 0:0(0) win 65535 <mss 1000>");
    stack_->set_addresses({IpAddress::v4(0xc0a80009)});
    ASSERT_NE(stack_->find(local_, peer_), nullptr);
    expect_sends("S. 0:0(0) ack 1");
    arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    (void)stack_->send(now(), socket_, Payload::copy_of(std::as_bytes(std::span{"x", 1})));
    ASSERT_EQ(stack_->output().size(), 1u);
    EXPECT_EQ(stack_->output()[0].source, IpAddress::v4(0xc0a80001));
    clear_sent();
}

TEST_F(TcpOpening, APassiveOpenLeavesConnectionsOfItsPortAlone) {
    established();
    arrives("P. 1:11(10) ack 1 win 65535");
    expect_sends(". ack 11");
    stack_->close(now(), listener_);
    const SocketId again = stack_->create();
    SocketOptions reuse;
    reuse.reuse_address = true;
    stack_->set_options(now(), socket_, reuse);
    stack_->set_options(now(), again, reuse);
    ASSERT_EQ(stack_->bind(again, {IpAddress::v4(0), local_.port}), Error::None);
    ASSERT_EQ(stack_->listen(now(), again, 4), Error::None);
    EXPECT_EQ(state(), TcpState::Established);
    arrives("P. 11:21(10) ack 1 win 65535");
    expect_sends(". ack 21");
    EXPECT_EQ(read().size(), 20u);
    // And a second peer is served by the new listener.
    peer_.port = 999;
    arrives("S 0:0(0) win 65535 <mss 1000>");
    EXPECT_EQ(stack_->find(local_, peer_)->state, TcpState::SynReceived);
    clear_sent();
}

TEST_F(TcpOpening, APortIsListenedOnWhileItsConnectionsOpen) {
    SocketOptions reuse;
    reuse.reuse_address = true;
    socket_ = stack_->create();
    stack_->set_options(now(), socket_, reuse);
    ASSERT_EQ(stack_->bind(socket_, local_), Error::None);
    ASSERT_EQ(stack_->connect(now(), socket_, peer_), Error::InProgress);
    expect_sends("S 0:0(0)");
    ASSERT_EQ(state(), TcpState::SynSent);
    listener_ = stack_->create();
    stack_->set_options(now(), listener_, reuse);
    ASSERT_EQ(stack_->bind(listener_, {IpAddress::v4(0), local_.port}), Error::None);
    EXPECT_EQ(stack_->listen(now(), listener_, 1), Error::None);
    // The connection that opens is still found first.
    arrives("S. 0:0(0) ack 1 win 65535 <mss 1000>");
    expect_sends(". ack 1");
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpOpening, AResetInACrossedOpenEndsItAndIsTold) {
    connects();
    arrives("S 0:0(0) win 5000 <mss 1000>");
    expect_sends("S. 0:0(0) ack 1");
    arrives("R 1:1(0) win 0");
    EXPECT_EQ(state(), TcpState::Closed);
    // Not back to LISTEN: it came from an active OPEN. Linux says ECONNRESET here, not ECONNREFUSED.
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
}

TEST_F(TcpOpening, ASegmentToAGroupIsDroppedInSilence) {
    listens();
    local_.address = IpAddress::v4(0xe0000001);
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_nothing();
    local_.address = IpAddress::v4(0xffffffff);
    arrives("S 0:0(0) win 65535 <mss 1000>");
    expect_nothing();
}

TEST_F(TcpOpening, ASynFromAnInvalidAddressIsDroppedInSilence) {
    listens();
    for (const std::uint32_t source : {0xffffffffu, 0xe0000001u, 0u}) {
        peer_.address = IpAddress::v4(source);
        arrives("S 0:0(0) win 65535 <mss 1000>");
        expect_nothing();
    }
}

}  // namespace
}  // namespace synscope::sim::tcp::test
