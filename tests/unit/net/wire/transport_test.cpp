#include "net/wire/transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/wire/network.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;
using test::join;
using Frame = std::vector<std::byte>;

// "hi" from 10.0.0.1:40000 to 10.0.0.2:80; the sequence number is the last before the wrap.
constexpr auto kTcp =
    bytes(0x9c, 0x40, 0, 80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0, 'h', 'i');
constexpr auto kIpv4 = bytes(0x45, 0, 0, 42, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
constexpr auto kMacs = bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);

Frame ipv6(std::uint8_t next, std::uint8_t length) {
    Frame out = join(bytes(0x60, 0, 0, 0, 0, length, next, 64));
    for (const int last : {1, 2}) {
        const auto address = bytes(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
        out.insert(out.end(), address.begin(), address.end());
    }
    return out;
}

std::uint32_t size_of(const Frame& frame) {
    return static_cast<std::uint32_t>(frame.size());
}

void expect_segment(LinkType link, const Frame& frame, bool six = false) {
    const auto tcp = find_tcp(link, frame, size_of(frame));
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->source.text(), six ? "[fd00::1]:40000" : "10.0.0.1:40000");
    EXPECT_EQ(tcp->destination.text(), six ? "[fd00::2]:80" : "10.0.0.2:80");
    EXPECT_EQ(tcp->seq + 1, Seq32{0});
    EXPECT_EQ(tcp->ack, Seq32{5});
    EXPECT_EQ(tcp->flags, TcpFlags{TcpFlags::kAck | TcpFlags::kPsh});
    EXPECT_EQ(tcp->window, 256);
    EXPECT_EQ(tcp->payload_length, 2u);
    ASSERT_EQ(tcp->payload.size(), 2u);
    EXPECT_EQ(tcp->payload.data(), frame.data() + tcp->payload_offset);
    EXPECT_EQ(tcp->payload[0], std::byte{'h'});
    EXPECT_EQ(tcp->sequence_length(), 2u);
    // Cut before the checksum there is no segment, and nothing is read beyond the cut.
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        const auto part = find_tcp(link, cut, size_of(frame));
        EXPECT_EQ(part.has_value(), size >= tcp->payload_offset - 4) << size;
        if (part) {
            EXPECT_EQ(part->payload_length, 2u) << "the headers know what the capture does not hold";
            EXPECT_EQ(part->header_cut, size < tcp->payload_offset);
            EXPECT_EQ(part->payload.size(), size - std::min(size, tcp->payload_offset));
        }
    }
}

TEST(FindTcp, ThroughEveryLinkType) {
    expect_segment(LinkType::Ethernet, join(kMacs, bytes(8, 0), kIpv4, kTcp));
    expect_segment(LinkType::Raw, join(kIpv4, kTcp));
    expect_segment(LinkType::Ipv4, join(kIpv4, kTcp));
    expect_segment(LinkType::Null, join(bytes(2, 0, 0, 0), kIpv4, kTcp));
    expect_segment(LinkType::Null, join(bytes(0, 0, 0, 2), kIpv4, kTcp));
    expect_segment(LinkType::Loop, join(bytes(0, 0, 0, 2), kIpv4, kTcp));
    expect_segment(LinkType::LinuxSll,
                   join(bytes(0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0), kIpv4, kTcp));
    expect_segment(LinkType::LinuxSll2,
                   join(bytes(8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0), kIpv4, kTcp));
    expect_segment(LinkType::Ppp, join(bytes(0xff, 3, 0, 0x21), kIpv4, kTcp));
    expect_segment(LinkType::Ethernet, join(kMacs, bytes(0x86, 0xdd), ipv6(6, 22), kTcp), true);
    expect_segment(LinkType::Ipv6, join(ipv6(6, 22), kTcp), true);
    for (const int family : {10, 23, 24, 28, 30})
        expect_segment(LinkType::Null, join(bytes(family, 0, 0, 0), ipv6(6, 22), kTcp), true);
}

TEST(FindTcp, ThroughVlanTagsUpToTheBound) {
    Frame frame = join(kMacs);
    for (std::size_t tags = 1; tags <= 9; ++tags) {
        const auto type = tags % 2 == 0 ? bytes(0x81, 0, 0, 5) : bytes(0x88, 0xa8, 0, 5);
        frame.insert(frame.end(), type.begin(), type.end());
        const Frame whole = join(frame, bytes(8, 0), kIpv4, kTcp);
        EXPECT_EQ(find_tcp(LinkType::Ethernet, whole, size_of(whole)).has_value(), tags <= 8) << tags;
        if (tags <= 2) expect_segment(LinkType::Ethernet, whole);
    }
}

TEST(FindTcp, BehindIpv6ExtensionHeaders) {
    const auto hop = bytes(60, 0, 1, 4, 0, 0, 0, 0);
    const auto destination = bytes(43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const auto routing = bytes(51, 0, 0, 0, 0, 0, 0, 0);
    const auto authentication =
        bytes(44, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const auto atomic = bytes(6, 0, 0, 0, 0, 0, 0, 9);
    expect_segment(
        LinkType::Ipv6,
        join(ipv6(0, 22 + 8 + 16 + 8 + 24 + 8), hop, destination, routing, authentication, atomic, kTcp),
        true);
}

TEST(FindTcp, EthernetPaddingIsNotPayload) {
    const Frame frame = join(kMacs, bytes(8, 0), kIpv4, kTcp, bytes(0, 0, 0, 0));
    const auto tcp = find_tcp(LinkType::Ethernet, frame, size_of(frame));
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->payload_length, 2u);
    EXPECT_EQ(tcp->payload.size(), 2u);
}

TEST(FindTcp, TotalLengthZeroMeansTheFrame) {
    Frame frame = join(kIpv4, kTcp);
    frame[2] = frame[3] = std::byte{0};
    const auto tcp = find_tcp(LinkType::Raw, frame, 70'000);
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->payload_length, 70'000u - 40);
    EXPECT_EQ(tcp->payload.size(), 2u);
    const Frame six = join(ipv6(6, 0), kTcp);
    ASSERT_TRUE(find_tcp(LinkType::Raw, six, 70'000));
    EXPECT_EQ(find_tcp(LinkType::Raw, six, 70'000)->payload_length, 70'000u - 60);
}

TEST(FindTcp, OptionsOfIpAndTcpArePassedOver) {
    Frame frame =
        join(bytes(0x46, 0, 0, 50, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x94, 4, 0, 0), kTcp);
    frame[24 + 12] = std::byte{0x60};
    const auto options = bytes(1, 1, 1, 0);
    frame.insert(frame.begin() + 44, options.begin(), options.end());
    const auto tcp = find_tcp(LinkType::Raw, frame, size_of(frame));
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->options.size(), 4u);
    EXPECT_EQ(tcp->payload_length, 2u);
}

TEST(FindTcp, OptionsThatTheCaptureCutLeaveTheSegment) {
    Frame frame = join(bytes(0x45, 0, 0, 50, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2), kTcp);
    frame[20 + 12] = std::byte{0x70};
    const auto options = bytes(2, 4, 5, 0xb4, 1, 3, 3, 7);
    frame.insert(frame.begin() + 40, options.begin(), options.end());
    for (std::size_t size = 20; size < 48; ++size) {
        const Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        const auto tcp = find_tcp(LinkType::Raw, cut, size_of(frame));
        ASSERT_EQ(tcp.has_value(), size >= 36) << size;
        if (!tcp) continue;
        EXPECT_TRUE(tcp->header_cut);
        EXPECT_EQ(tcp->options.size(), size - std::min<std::size_t>(size, 40));
        EXPECT_EQ(tcp->payload_length, 2u);
        EXPECT_TRUE(tcp->payload.empty());
        EXPECT_EQ(tcp->payload_offset, size);
    }
    EXPECT_FALSE(find_tcp(LinkType::Raw, Frame(frame.begin(), frame.begin() + 44), 44)) << "nothing was cut";
}

TEST(FindTcp, OnlyAFirstFragmentHasAHeader) {
    Frame frame = join(kIpv4, kTcp);
    frame[6] = std::byte{0x20};
    EXPECT_TRUE(find_tcp(LinkType::Raw, frame, size_of(frame)));
    EXPECT_TRUE(find_ip(LinkType::Raw, frame, size_of(frame))->first_fragment);
    frame[7] = std::byte{1};
    EXPECT_FALSE(find_tcp(LinkType::Raw, frame, size_of(frame)));
    const auto ip = find_ip(LinkType::Raw, frame, size_of(frame));
    ASSERT_TRUE(ip);
    EXPECT_TRUE(ip->fragment);
    EXPECT_FALSE(ip->first_fragment);

    const Frame later = join(ipv6(44, 30), bytes(6, 0, 0, 9, 0, 0, 0, 1), kTcp);
    EXPECT_FALSE(find_tcp(LinkType::Raw, later, size_of(later)));
    EXPECT_TRUE(find_ip(LinkType::Raw, later, size_of(later))->fragment);
    const Frame first = join(ipv6(44, 30), bytes(6, 0, 0, 1, 0, 0, 0, 1), kTcp);
    EXPECT_TRUE(find_tcp(LinkType::Raw, first, size_of(first)));
}

TEST(FindTcp, WhatLiesIsNoSegment) {
    const Frame good = join(kIpv4, kTcp);
    const auto broken = [&](std::size_t at, int value) {
        Frame frame = good;
        frame[at] = static_cast<std::byte>(value);
        return find_tcp(LinkType::Raw, frame, size_of(frame));
    };
    EXPECT_FALSE(broken(0, 0x44)) << "IP header length";
    EXPECT_FALSE(broken(0, 0x55)) << "IP version";
    EXPECT_FALSE(broken(3, 19)) << "total length below the header";
    EXPECT_FALSE(broken(3, 39)) << "total length inside the TCP header";
    EXPECT_FALSE(broken(32, 0x40)) << "TCP header length below 20";
    EXPECT_FALSE(broken(32, 0x60)) << "TCP header length beyond the packet";
    EXPECT_FALSE(broken(9, 17)) << "another protocol";
    EXPECT_EQ(broken(2, 0xff)->payload_length, 2u) << "the frame bounds a total length that is too big";
}

TEST(FindTcp, OriginalLengthBelowTheFrameDoesNoHarm) {
    const Frame frame = join(kIpv4, kTcp);
    ASSERT_TRUE(find_tcp(LinkType::Raw, frame, 0));
    EXPECT_EQ(find_tcp(LinkType::Raw, frame, 0)->payload_length, 2u);
}

TEST(FindTcp, UnknownLinkTypesGiveNothing) {
    const Frame frame = join(kIpv4, kTcp);
    EXPECT_FALSE(find_tcp(static_cast<LinkType>(147), frame, size_of(frame)));
    EXPECT_FALSE(find_network(static_cast<LinkType>(147), frame));
}

TEST(FindUdp, TheShorterLengthCounts) {
    const auto datagram = [](std::uint8_t length) {
        return join(bytes(0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2),
                    bytes(0x0f, 0xa0, 0, 53, 0, length, 0, 0, 'a', 'b', 'c', 'd'));
    };
    const auto length = [&](std::uint8_t said) {
        const Frame frame = datagram(said);
        const auto udp = find_udp(LinkType::Raw, frame, size_of(frame));
        return udp ? std::optional{udp->payload_length} : std::nullopt;
    };
    EXPECT_EQ(length(12), 4u);
    EXPECT_EQ(length(10), 2u);
    EXPECT_EQ(length(200), 4u);
    EXPECT_EQ(length(0), 4u);
    const Frame frame = datagram(12);
    EXPECT_EQ(find_udp(LinkType::Raw, frame, size_of(frame))->destination.text(), "10.0.0.2:53");
    EXPECT_FALSE(find_tcp(LinkType::Raw, frame, size_of(frame)));
}

}  // namespace
}  // namespace synscope::wire
