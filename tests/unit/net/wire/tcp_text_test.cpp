#include "net/wire/tcp_text.hpp"

#include <gtest/gtest.h>

#include "net/wire/frame_text.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;

constexpr auto kSynOptions = bytes(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7);

TEST(TcpText, TheNotationOfTheHandshake) {
    TcpTextInput syn;
    syn.flags = TcpFlags{TcpFlags::kSyn};
    syn.window = 64240;
    syn.options = kSynOptions;
    EXPECT_EQ(packet_line(Duration::microseconds(123), "client", "server", tcp_text(syn)),
              "0.000123 client > server  S 0:0(0) win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>");
    TcpTextInput ack;
    ack.flags = TcpFlags{TcpFlags::kAck};
    ack.seq = 1;
    ack.ack = 1;
    ack.window = 502;
    constexpr auto kStamps = bytes(1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 1);
    ack.options = kStamps;
    EXPECT_EQ(tcp_text(ack), ". ack 1 win 502 <nop,nop,TS val 2 ecr 1>");
}

TEST(TcpText, DataFinAndResetShowTheirNumbers) {
    TcpTextInput data;
    data.flags = TcpFlags{TcpFlags::kAck | TcpFlags::kPsh};
    data.seq = 1;
    data.length = 6;
    data.ack = 1;
    data.window = 512;
    EXPECT_EQ(tcp_text(data), "P. 1:7(6) ack 1 win 512");
    data.flags = TcpFlags{TcpFlags::kAck | TcpFlags::kFin};
    data.seq = 7;
    data.length = 0;
    data.ack = 7;
    EXPECT_EQ(tcp_text(data), "F. 7:7(0) ack 7 win 512");
    TcpTextInput reset;
    reset.flags = TcpFlags{TcpFlags::kRst};
    reset.seq = 1;
    EXPECT_EQ(tcp_text(reset), "R 1:1(0) win 0");
}

TEST(TcpText, UrgentAndNoFlagsAtAll) {
    TcpTextInput input;
    EXPECT_EQ(tcp_text(input), "- win 0");
    input.flags = TcpFlags{TcpFlags::kUrg | TcpFlags::kAck};
    input.length = 1;
    input.ack = 5;
    input.urgent = 9;
    EXPECT_EQ(tcp_text(input), "U. 0:1(1) ack 5 win 0 urg 9");
}

TEST(TcpText, NumbersAreRelativeAlsoAcrossTheWrap) {
    for (const std::uint32_t isn : {0u, 1000u, 0xfffffffeu, 0xffffffffu}) {
        TcpSegment segment;
        segment.flags = TcpFlags{TcpFlags::kAck | TcpFlags::kPsh};
        segment.seq = Seq32{isn} + 1;
        segment.ack = Seq32{isn} + 4;
        segment.payload_length = 6;
        segment.window = 2;
        EXPECT_EQ(tcp_text(segment, Seq32{isn}, Seq32{isn}, 7), "P. 1:7(6) ack 4 win 256") << isn;
        segment.flags = TcpFlags{TcpFlags::kSyn | TcpFlags::kAck};
        segment.seq = Seq32{isn};
        segment.payload_length = 0;
        EXPECT_EQ(tcp_text(segment, Seq32{isn}, Seq32{isn}, 7), "S. 0:0(0) ack 4 win 2")
            << "the window of a SYN is not scaled";
        segment.flags = TcpFlags{TcpFlags::kAck};
        segment.window = 0xffff;
        EXPECT_EQ(tcp_text(segment, Seq32{isn}, Seq32{isn}, 200), ". ack 4 win 1073725440") << "at most 14";
    }
}

TEST(TcpFlags, LettersAreTcpdumps) {
    EXPECT_EQ(TcpFlags{0x02}.text(), "S");
    EXPECT_EQ(TcpFlags{0x12}.text(), "S.");
    EXPECT_EQ(TcpFlags{0x19}.text(), "FP.");
    EXPECT_EQ(TcpFlags{0x14}.text(), "R.");
    EXPECT_EQ(TcpFlags{0xc2}.text(), "SEW");
    EXPECT_EQ(TcpFlags{0x100}.text(), "e");
    EXPECT_EQ(TcpFlags{0}.text(), "-");
    EXPECT_EQ(TcpFlags{0xf002}.bits(), 2) << "the header length is not a flag";
}

TEST(FrameText, EveryKindOfPacketHasALine) {
    const auto ip = [](std::uint8_t protocol, std::uint8_t length) {
        return bytes(0x45, 0, 0, length, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
    };
    const auto text = [](const std::vector<std::byte>& frame) {
        return frame_text(LinkType::Raw, frame, static_cast<std::uint32_t>(frame.size()));
    };
    EXPECT_EQ(text(test::join(ip(17, 30), bytes(0x0f, 0xa0, 0, 53, 0, 10, 0, 0, 'h', 'i'))),
              "10.0.0.1:4000 > 10.0.0.2:53  UDP, length 2");
    EXPECT_EQ(text(test::join(ip(1, 28), bytes(8, 0, 0, 0, 0, 7, 0, 1))),
              "10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 8");
    EXPECT_EQ(text(test::join(ip(6, 40), bytes(0, 80, 0, 81, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x50, 2, 0,
                                               9, 0, 0, 0, 0))),
              "10.0.0.1:80 > 10.0.0.2:81  S 4294967295:4294967295(0) win 9");
    EXPECT_EQ(text(test::join(ip(89, 22), bytes(1, 2))), "10.0.0.1 > 10.0.0.2  OSPF, length 2");
    EXPECT_EQ(text(test::join(bytes(0x15))), "raw IP frame, length 1");
    const auto arp = test::join(
        bytes(255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6),
        bytes(0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2));
    EXPECT_EQ(frame_text(LinkType::Ethernet, arp, 42),
              "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28");
    EXPECT_EQ(frame_text(static_cast<LinkType>(147), arp, 42), "link type 147, length 42");
}

}  // namespace
}  // namespace synscope::wire
