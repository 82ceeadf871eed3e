// RFC 9293 sections 3.1, 3.2 and 3.7.1: options, and the size of segments that follows from them.
#include "net/wire/tcp_options.hpp"
#include "tests/unit/sim/tcp/tcp_scenario.hpp"
#include "tests/unit/sim/tcp/two_stacks.hpp"

namespace synscope::sim::tcp::test {
namespace {

/// What of a listening stack the peer's SYN decides.
class TcpSynOptions : public TcpScenario {
  protected:
    const Tcb& child_of(std::initializer_list<std::uint8_t> options) {
        listens();
        arrives("S 0:0(0) win 65535", options);
        expect_sends("S. 0:0(0) ack 1");
        return *stack_->find(local_, peer_);
    }
};

TEST_F(TcpSynOptions, TheMandatorySetIsRead) {
    const Tcb& child = child_of({1, 2, 4, 0x03, 0xe8, 1, 0, 3, 3, 7});
    EXPECT_EQ(child.agreed.peer_mss, 1000);
    EXPECT_FALSE(child.agreed.window_scaling) << "what stands behind the end of the list is no option";
}

TEST_F(TcpSynOptions, AnUnknownKindIsSteppedOverByItsLength) {
    const Tcb& child = child_of({200, 5, 2, 4, 9, 2, 4, 0x02, 0x58});
    EXPECT_EQ(child.agreed.peer_mss, 600);
}

TEST_F(TcpSynOptions, AlignmentDoesNotMatter) {
    const Tcb& child = child_of({1, 3, 3, 5, 1, 1, 2, 4, 0x04, 0xb0, 4, 2});
    EXPECT_EQ(child.agreed.peer_mss, 1200);
    EXPECT_EQ(child.snd.scale, 5);
    EXPECT_TRUE(child.agreed.sack);
}

TEST_F(TcpSynOptions, AnIllegalLengthEndsTheListAndHarmsNobody) {
    const Tcb& child = child_of({2, 4, 0x03, 0xe8, 3, 0, 3, 3, 7});
    EXPECT_EQ(child.agreed.peer_mss, 1000);
    EXPECT_FALSE(child.agreed.window_scaling);
}

TEST_F(TcpSynOptions, ALengthBeyondTheHeaderEndsTheList) {
    const Tcb& child = child_of({2, 4, 0x03, 0xe8, 3, 40, 7});
    EXPECT_EQ(child.agreed.peer_mss, 1000);
    EXPECT_FALSE(child.agreed.window_scaling);
}

TEST_F(TcpSynOptions, AKindWithoutItsLengthEndsTheList) {
    EXPECT_EQ(child_of({2, 4, 0x03, 0xe8, 3}).agreed.peer_mss, 1000);
}

class TcpAnyOptions : public TcpScenario {};

TEST_F(TcpAnyOptions, AnySegmentMayCarryThem) {
    established("mss 1000,nop,nop,sackOK");
    write(3000);
    clear_sent();
    // A FIN with an unknown option, and the block of a SACK behind it.
    const auto byte = [&](std::uint32_t offset, int shift) {
        return static_cast<std::uint8_t>((numbers_.stack_isn + offset).raw() >> shift);
    };
    arrives("F. 1:1(0) ack 1 win 65535",
            {99, 3, 7, 5, 10, byte(2001, 24), byte(2001, 16), byte(2001, 8), byte(2001, 0), byte(3001, 24),
             byte(3001, 16), byte(3001, 8), byte(3001, 0)});
    EXPECT_EQ(tcb().rec.sacked_out, 1u);
    EXPECT_EQ(state(), TcpState::CloseWait);
    clear_sent();
}

TEST_F(TcpAnyOptions, AMaximumSegmentSizeOutsideOfASynSaysNothing) {
    established("mss 1000");
    arrives(". 1:1(0) ack 1 win 65535", {2, 4, 0x01, 0x00});
    write(1000);
    expect_sends("P. 1:1001(1000) ack 1");
}

/// Every segment of a transfer, by its option bytes.
TEST(TcpSentOptions, OnlyASynNamesAMaximumSegmentSizeAndEveryOptionHasItsLength) {
    TransferOptions o;
    o.bytes[0] = o.bytes[1] = 30'000;
    o.wire.loss_per_mille = 50;
    std::size_t syns = 0;
    std::size_t others = 0;
    o.watch = [&](const Segment& s) {
        const bool syn = s.header.flags.has(wire::TcpFlags::kSyn);
        bool mss = false;
        for (const auto option : wire::TcpOptions{s.header.options.span()}) {
            EXPECT_FALSE(std::holds_alternative<wire::tcp_option::Unknown>(option));
            EXPECT_FALSE(std::holds_alternative<wire::tcp_option::Malformed>(option));
            mss = mss || std::holds_alternative<wire::tcp_option::Mss>(option);
        }
        EXPECT_EQ(mss, syn);
        ++(syn ? syns : others);
    };
    EXPECT_EQ(transfer(o).broken, "");
    EXPECT_GE(syns, 2u);
    EXPECT_GE(others, 60u);
}

TEST(TcpSentOptions, TheHeaderIsPaddedWithZeros) {
    wire::TcpHeader header;
    for (const unsigned byte : {1u, 3u, 3u, 7u, 4u, 2u})
        header.options.push(static_cast<std::byte>(byte));
    std::array<std::byte, 28> bytes;
    bytes.fill(std::byte{0xff});
    ASSERT_EQ(header.encoded_size(), bytes.size());
    header.emit(bytes);
    EXPECT_EQ(bytes[26], std::byte{0});
    EXPECT_EQ(bytes[27], std::byte{0});
}

// ---- the size of a segment

class TcpSegmentSize : public TcpScenario {
  protected:
    void with_mtu(std::uint16_t mtu) {
        Personality p = kLinux;
        p.mtu = mtu;
        use(p);
    }
};

TEST_F(TcpSegmentSize, WhatIsAnnouncedFollowsTheMtu) {
    with_mtu(9000);
    listens();
    arrives("S 0:0(0) win 65535 <mss 1460>");
    expect_sends("S. 0:0(0) ack 1 win 62720 <mss 8960>");
}

TEST_F(TcpSegmentSize, TheSmallerOfPeerAndPathCounts) {
    with_mtu(576);
    established("mss 1460");
    write(1000);
    expect_sends(". 1:537(536) ack 1");
    expect_sends("P. 537:1001(464) ack 1");
}

TEST_F(TcpSegmentSize, WithoutTheOptionItIs536) {
    listens();
    arrives("S 0:0(0) win 65535");
    expect_sends("S. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 65535");
    socket_ = *stack_->accept(now(), listener_);
    write(536);
    expect_sends("P. 1:537(536) ack 1");
}

TEST_F(TcpSegmentSize, WithoutTheOptionItIs1220OverIpv6) {
    local_.address = *IpAddress::parse("2001:db8::1");
    peer_.address = *IpAddress::parse("2001:db8::2");
    StackOptions options;
    options.personality = personality_;
    options.addresses = {local_.address};
    stack_ = std::make_unique<Stack>(options);
    listener_ = stack_->create();
    ASSERT_EQ(stack_->bind(listener_, local_), Error::None);
    ASSERT_EQ(stack_->listen(now(), listener_, 1), Error::None);
    arrives("S 0:0(0) win 65535");
    expect_sends("S. 0:0(0) ack 1");
    EXPECT_EQ(stack_->find(local_, peer_)->agreed.mss_clamp, 1220u);
}

TEST_F(TcpSegmentSize, OptionsOfASegmentLeaveLessRoomForData) {
    established("mss 1000,sackOK,TS val 100 ecr 0");
    write(2000);
    // 12 bytes of timestamps.
    expect_sends(". 1:989(988) ack 1");
    expect_sends("P. 989:1977(988) ack 1");
    expect_sends("P. 1977:2001(24) ack 1");
}

TEST_F(TcpSegmentSize, BlocksOfASackLeaveLessRoomToo) {
    established("mss 1000,nop,nop,sackOK");
    arrives(". 1001:2001(1000) ack 1 win 65535");
    expect_sends(". ack 1 win 64240 <nop,nop,sack 1 {1001:2001}>");
    write(1000);
    expect_sends(". 1:989(988) ack 1 win 64240 <nop,nop,sack 1 {1001:2001}>");
    expect_sends("P. 989:1001(12) ack 1 win 64240 <nop,nop,sack 1 {1001:2001}>");
}

// ---- what a program may set

class TcpIpFields : public TcpScenario {};

TEST_F(TcpIpFields, TimeToLiveAndServiceAreTheProgramsAndMayChange) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.time_to_live = 7;
    options.traffic_class = 0xb8;
    change(options);
    (void)stack_->send(now(), socket_, Payload::copy_of(std::as_bytes(std::span{"x", 1})));
    ASSERT_EQ(stack_->output().size(), 1u);
    EXPECT_EQ(stack_->output()[0].ttl, 7);
    EXPECT_EQ(stack_->output()[0].dscp, 0xb8 >> 2);
    options.traffic_class = 0;
    change(options);
    (void)stack_->send(now(), socket_, Payload::copy_of(std::as_bytes(std::span{"y", 1})),
                       {.out_of_band = true});
    ASSERT_EQ(stack_->output().size(), 2u);
    EXPECT_EQ(stack_->output()[1].dscp, 0);
    clear_sent();
}

}  // namespace
}  // namespace synscope::sim::tcp::test
