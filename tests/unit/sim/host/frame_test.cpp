#include "sim/host/frame.hpp"

#include <gtest/gtest.h>

#include "net/wire/checksum.hpp"
#include "net/wire/tcp_options.hpp"
#include "net/wire/transport.hpp"
#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

Frame ip_frame(Transport transport) {
    Datagram datagram;
    datagram.header.source = ip("10.0.0.1");
    datagram.header.destination = ip("10.0.0.2");
    datagram.header.identification = 7;
    datagram.header.dont_fragment = true;
    datagram.transport = std::move(transport);
    return {numbered_mac(2), numbered_mac(1), std::move(datagram)};
}

tcp::Segment segment() {
    tcp::Segment out;
    out.source = ip("10.0.0.1");
    out.destination = ip("10.0.0.2");
    out.header.source_port = 4000;
    out.header.destination_port = 80;
    out.header.seq = Seq32{1000};
    out.header.flags = wire::TcpFlags{wire::TcpFlags::kSyn};
    out.header.window = 64240;
    EXPECT_TRUE(wire::append_tcp_option(out.header.options, wire::tcp_option::Mss{1460}));
    out.payload = bytes_of("odd");
    return out;
}

/// To bytes and back.
Frame again(const Frame& frame) {
    const Payload bytes = encode(frame);
    EXPECT_EQ(bytes.size(), frame_bytes(frame));
    auto read = frame_of(bytes.span());
    EXPECT_TRUE(read);
    EXPECT_EQ(open(*read), std::nullopt);
    EXPECT_EQ(encode(*read), bytes) << "what was read is written the same";
    return *read;
}

TEST(Frame, TcpGoesToBytesWithRightChecksumsAndBack) {
    const Frame frame = ip_frame(segment());
    EXPECT_EQ(text_of(frame), "10.0.0.1:4000 > 10.0.0.2:80  S 1000:1003(3) win 64240 <mss 1460>");
    const Frame read = again(frame);
    const auto& datagram = std::get<Datagram>(read.body);
    EXPECT_EQ(datagram.header.identification, 7);
    EXPECT_EQ(datagram.header.total_length, 20 + 24 + 3);
    const auto& back = std::get<tcp::Segment>(datagram.transport);
    EXPECT_EQ(back.payload, segment().payload);
    EXPECT_EQ(back.header.options, segment().header.options);
    EXPECT_EQ(back.source, segment().source);
    const Payload bytes = encode(frame);
    EXPECT_EQ(wire::internet_checksum(bytes.span().subspan(14, 20)), 0);
    EXPECT_EQ(wire::transport_checksum(ip("10.0.0.1"), ip("10.0.0.2"), 6, bytes.span().subspan(34)), 0);
}

TEST(Frame, OptionsOfIpAreSteppedOver) {
    Frame frame = ip_frame(segment());
    // Record route (7), which nobody here knows, and the end of the list.
    for (const unsigned byte : {7u, 7u, 4u, 0u, 0u, 0u, 0u, 0u})
        std::get<Datagram>(frame.body).header.options.push(static_cast<std::byte>(byte));
    const Frame read = again(frame);
    const auto& back = std::get<tcp::Segment>(std::get<Datagram>(read.body).transport);
    EXPECT_EQ(back.header.options, segment().header.options);
    EXPECT_EQ(back.payload, segment().payload);
}

TEST(Frame, UdpIcmpArpAndOthersGoToBytesAndBack) {
    const Frame udp = again(ip_frame(UdpMessage{1, 2, bytes_of("hello")}));
    EXPECT_EQ(std::get<UdpMessage>(std::get<Datagram>(udp.body).transport).payload, bytes_of("hello"));
    const Frame icmp = again(ip_frame(IcmpMessage{{8, 0, 0, 5}, bytes_of("x")}));
    EXPECT_EQ(std::get<IcmpMessage>(std::get<Datagram>(icmp.body).transport).header.word, 5u);
    wire::ArpHeader arp;
    arp.sender_mac = numbered_mac(1);
    arp.sender_ip = ip("10.0.0.1");
    arp.target_ip = ip("10.0.0.2");
    EXPECT_EQ(std::get<wire::ArpHeader>(again({kBroadcastMac, numbered_mac(1), arp}).body), arp);
    const Frame other = again({kBroadcastMac, numbered_mac(1), OtherFrame{0x88b5, bytes_of("anything")}});
    EXPECT_EQ(std::get<OtherFrame>(other.body).bytes, bytes_of("anything"));
}

TEST(Frame, AFragmentStaysBytes) {
    Frame frame = ip_frame(RawTransport{bytes_of("12345678")});
    auto& header = std::get<Datagram>(frame.body).header;
    header.protocol = 6;
    header.more_fragments = true;
    header.dont_fragment = false;
    header.fragment_offset = 1480;
    const Frame read = again(frame);
    const auto& datagram = std::get<Datagram>(read.body);
    EXPECT_TRUE(datagram.fragment());
    EXPECT_EQ(datagram.header.fragment_offset, 1480u);
    EXPECT_EQ(std::get<RawTransport>(datagram.transport).bytes, bytes_of("12345678"));
}

TEST(Frame, EveryFlippedBitOfAnIpFrameIsFound) {
    for (const Frame& frame : {ip_frame(segment()), ip_frame(UdpMessage{1, 2, bytes_of("hello")}),
                               ip_frame(IcmpMessage{{8, 0, 0, 5}, bytes_of("x")})}) {
        std::vector<std::byte> bytes;
        encode(frame, bytes);
        for (std::size_t bit = wire::EthernetView::kSize * 8; bit < bytes.size() * 8; ++bit) {
            bytes[bit / 8] ^= static_cast<std::byte>(0x80u >> bit % 8);
            auto read = frame_of(bytes);
            ASSERT_TRUE(read);
            const auto fault = open(*read);
            EXPECT_TRUE(fault) << "bit " << bit;
            bytes[bit / 8] ^= static_cast<std::byte>(0x80u >> bit % 8);
        }
    }
}

TEST(Frame, EthernetPaddingIsNoPayload) {
    std::vector<std::byte> bytes;
    encode(ip_frame(UdpMessage{1, 2, bytes_of("x")}), bytes);
    bytes.resize(60);
    auto read = frame_of(bytes);
    ASSERT_TRUE(read);
    ASSERT_EQ(open(*read), std::nullopt);
    EXPECT_EQ(std::get<UdpMessage>(std::get<Datagram>(read->body).transport).payload, bytes_of("x"));
}

TEST(Frame, UdpWithoutAChecksumIsTaken) {
    std::vector<std::byte> bytes;
    encode(ip_frame(UdpMessage{1, 2, bytes_of("x")}), bytes);
    store_be16(bytes, 14 + 20 + 6, 0);
    auto read = frame_of(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(open(*read), std::nullopt);
}

TEST(Frame, WhatIsCutIsMalformed) {
    std::vector<std::byte> bytes;
    encode(ip_frame(segment()), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        auto read = frame_of(ByteSpan{bytes}.first(size));
        EXPECT_EQ(read.has_value(), size >= 14);
        if (read) {
            EXPECT_EQ(open(*read), DropReason::Malformed) << size;
        }
    }
}

TEST(Frame, FactsForRulesTellDirectionsApart) {
    const PacketFacts facts = facts_of(ip_frame(segment()), true);
    ASSERT_TRUE(facts.tcp);
    EXPECT_EQ(facts.tcp->length, 4u);
    EXPECT_EQ(facts.payload_bytes, 3u);
    Frame back = ip_frame(segment());
    std::swap(std::get<Datagram>(back.body).header.source, std::get<Datagram>(back.body).header.destination);
    EXPECT_NE(facts_of(back, true).tcp->flow, facts.tcp->flow);
    EXPECT_EQ(facts_of(ip_frame(segment()), false).tcp->flow, 0u);
    EXPECT_FALSE(facts_of(ip_frame(UdpMessage{1, 2, {}}), true).tcp);
}

}  // namespace
}  // namespace synscope::sim
