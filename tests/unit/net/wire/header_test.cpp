// Literal bytes in, fields out, the same bytes out again; what is cut or lies is refused by name.

#include <gtest/gtest.h>

#include "net/wire/arp.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/icmpv6.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/ipv6.hpp"
#include "net/wire/linux_sll.hpp"
#include "net/wire/linux_sll2.hpp"
#include "net/wire/loopback.hpp"
#include "net/wire/ppp.hpp"
#include "net/wire/tcp.hpp"
#include "net/wire/udp.hpp"
#include "net/wire/vlan.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;

/// tl::expected's operator-> is not constexpr, its operator* is.
template <class View, std::size_t N>
constexpr View parsed(const std::array<std::byte, N>& in) {
    const auto view = View::parse(in);
    return *view;
}

/// parse, copy, emit gives the bytes back; and every shorter input is refused.
template <class View, class Header, std::size_t N>
constexpr bool round_trips(const std::array<std::byte, N>& in) {
    const auto view = View::parse(in);
    if (!view) return false;
    const Header header = Header::from(*view);
    std::array<std::byte, N> out{};
    if (header.encoded_size() != N) return false;
    header.emit(out);
    if (out != in || Header::from(*View::parse(out)) != header) return false;
    for (std::size_t size = 0; size < N; ++size)
        if (View::parse(ByteSpan{in}.first(size))) return false;
    return true;
}

constexpr auto kEthernet = bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06);
static_assert(round_trips<EthernetView, EthernetHeader>(kEthernet));
static_assert(parsed<EthernetView>(kEthernet).destination().broadcast());
static_assert(!parsed<EthernetView>(kEthernet).source().broadcast());
static_assert(parsed<EthernetView>(kEthernet).source().local());
static_assert(parsed<EthernetView>(kEthernet).type() == ethertype::kArp);

constexpr auto kVlan = bytes(0x70, 0x05, 0x86, 0xdd);
static_assert(round_trips<VlanView, VlanHeader>(kVlan));
static_assert(parsed<VlanView>(kVlan).priority() == 3);
static_assert(parsed<VlanView>(kVlan).drop_eligible());
static_assert(parsed<VlanView>(kVlan).vlan() == 5);

constexpr auto kNullLittle = bytes(2, 0, 0, 0);
constexpr auto kNullBig = bytes(0, 0, 0, 30);
static_assert(round_trips<LoopbackView, LoopbackHeader>(kNullLittle));
static_assert(round_trips<LoopbackView, LoopbackHeader>(kNullBig));
static_assert(parsed<LoopbackView>(kNullLittle).ip_version() == 4);
static_assert(parsed<LoopbackView>(kNullBig).ip_version() == 6);
static_assert(!parsed<LoopbackView>(bytes(0, 0, 0, 7)).ip_version());

constexpr auto kSll = bytes(0, 4, 3, 4, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0);
static_assert(round_trips<LinuxSllView, LinuxSllHeader>(kSll));
static_assert(parsed<LinuxSllView>(kSll).packet_type() == 4);
static_assert(parsed<LinuxSllView>(kSll).device_type() == 772);

constexpr auto kSll2 = bytes(0x86, 0xdd, 0, 0, 0, 0, 0, 7, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0);
static_assert(round_trips<LinuxSll2View, LinuxSll2Header>(kSll2));
static_assert(parsed<LinuxSll2View>(kSll2).interface_index() == 7);
static_assert(parsed<LinuxSll2View>(kSll2).protocol() == ethertype::kIpv6);

constexpr auto kArp =
    bytes(0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2);
constexpr auto kUdp = bytes(0x0f, 0xa0, 0, 53, 0, 20, 0xab, 0xcd);
static_assert(round_trips<UdpView, UdpHeader>(kUdp));
static_assert(parsed<UdpView>(kUdp).destination_port() == 53);

constexpr auto kIcmp = bytes(8, 0, 0xf7, 0xf7, 0, 7, 0, 1);
static_assert(round_trips<IcmpView, IcmpHeader>(kIcmp));
static_assert(round_trips<Icmpv6View, Icmpv6Header>(bytes(128, 0, 1, 2, 0, 7, 0, 1)));
static_assert(parsed<IcmpView>(kIcmp).identifier() == 7);

// A SYN whose sequence number is the last before the wrap, with MSS and a NOP; AE set, reserved bits kept.
constexpr auto kTcp = bytes(0x9c, 0x40, 0, 80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x71, 0x02, 0xfa, 0xf0,
                            0x12, 0x34, 0, 0, 2, 4, 5, 0xb4, 1, 3, 3, 7);
static_assert(round_trips<TcpView, TcpHeader>(kTcp));
static_assert(parsed<TcpView>(kTcp).seq() + 1 == Seq32{0});
static_assert(parsed<TcpView>(kTcp).flags().has(TcpFlags::kSyn | TcpFlags::kAe));
static_assert(!parsed<TcpView>(kTcp).flags().has(TcpFlags::kAck));
static_assert(parsed<TcpView>(kTcp).header_length() == 28);
static_assert(parsed<TcpView>(kTcp).options().size() == 8);

constexpr auto kIpv4 = bytes(0x46, 0xb9, 0, 44, 0x12, 0x34, 0x60, 0x02, 63, 6, 0xab, 0xcd, 10, 0, 0, 1, 10, 0,
                             0, 2, 0x94, 4, 0, 0);
constexpr auto kIpv6 = bytes(0x6a, 0xb1, 0x23, 0x45, 0, 20, 6, 64, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                             0, 0, 0, 1, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb);

TEST(Headers, WhatIsParsedIsEmittedAgain) {
    EXPECT_TRUE((round_trips<Ipv4View, Ipv4Header>(kIpv4)));
    EXPECT_TRUE((round_trips<Ipv6View, Ipv6Header>(kIpv6)));
    EXPECT_TRUE((round_trips<ArpView, ArpHeader>(kArp)));
}

TEST(Headers, Ipv4FieldsAreInHostOrder) {
    const auto view = Ipv4View::parse(kIpv4);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header_length(), 24u);
    EXPECT_EQ(view->dscp(), 46);
    EXPECT_EQ(view->ecn(), 1);
    EXPECT_EQ(view->total_length(), 44);
    EXPECT_TRUE(view->dont_fragment());
    EXPECT_TRUE(view->more_fragments());
    EXPECT_FALSE(view->reserved_flag());
    EXPECT_EQ(view->fragment_offset(), 16u);
    EXPECT_EQ(view->ttl(), 63);
    EXPECT_EQ(view->source().text(), "10.0.0.1");
    EXPECT_EQ(view->destination().text(), "10.0.0.2");
    EXPECT_EQ(Ipv4Header::from(*view).text(),
              "IP 10.0.0.1 > 10.0.0.2: ttl 63, id 4660, DF, offset 16, MF, proto TCP (6), length 44");
}

TEST(Headers, Ipv6FieldsAreInHostOrder) {
    const auto view = Ipv6View::parse(kIpv6);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->traffic_class(), 0xab);
    EXPECT_EQ(view->flow_label(), 0x12345u);
    EXPECT_EQ(view->source().text(), "fe80::1");
    EXPECT_EQ(view->destination().text(), "ff02::fb");
    EXPECT_EQ(Ipv6Header::from(*view).text(),
              "IP6 fe80::1 > ff02::fb: hlim 64, next-header TCP (6), payload length 20");
}

TEST(Headers, ALieAboutTheVersionIsNamed) {
    auto four = kIpv4;
    four[0] = std::byte{0x66};
    EXPECT_EQ(Ipv4View::parse(four).error(), HeaderError::WrongVersion);
    auto six = kIpv6;
    six[0] = std::byte{0x4a};
    EXPECT_EQ(Ipv6View::parse(six).error(), HeaderError::WrongVersion);
}

TEST(Headers, ALieAboutTheHeaderLengthIsNamed) {
    auto ip = kIpv4;
    ip[0] = std::byte{0x44};
    EXPECT_EQ(Ipv4View::parse(ip).error(), HeaderError::HeaderLength);
    ip[0] = std::byte{0x4f};
    EXPECT_EQ(Ipv4View::parse(ip).error(), HeaderError::Truncated);
    auto tcp = kTcp;
    tcp[12] = std::byte{0x40};
    EXPECT_EQ(TcpView::parse(tcp).error(), HeaderError::HeaderLength);
    tcp[12] = std::byte{0xf0};
    EXPECT_EQ(TcpView::parse(tcp).error(), HeaderError::Truncated);
}

TEST(Headers, ArpOfOtherAddressSizesIsNamed) {
    auto arp = kArp;
    arp[4] = std::byte{8};
    EXPECT_EQ(ArpView::parse(arp).error(), HeaderError::AddressSizes);
    EXPECT_EQ(ArpHeader::from(*ArpView::parse(kArp)).text(), "ARP, Request who-has 10.0.0.2 tell 10.0.0.1");
    arp = kArp;
    arp[7] = std::byte{2};
    EXPECT_EQ(ArpHeader::from(*ArpView::parse(arp)).text(), "ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01");
}

TEST(Headers, TextForms) {
    EXPECT_EQ(EthernetHeader::from(*EthernetView::parse(kEthernet)).text(),
              "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806)");
    EXPECT_EQ(VlanHeader::from(*VlanView::parse(kVlan)).text(), "vlan 5, p 3, DEI");
    EXPECT_EQ(LoopbackHeader::from(*LoopbackView::parse(kNullBig)).text(), "AF IPv6 (30)");
    EXPECT_EQ(LinuxSllHeader::from(*LinuxSllView::parse(kSll)).text(), "cooked out, ethertype IPv4 (0x0800)");
    EXPECT_EQ(LinuxSll2Header::from(*LinuxSll2View::parse(kSll2)).text(),
              "cooked in, interface 7, ethertype IPv6 (0x86dd)");
    EXPECT_EQ(UdpHeader::from(*UdpView::parse(kUdp)).text(), "UDP, length 12");
    EXPECT_EQ((UdpHeader{1, 2, 7, 0}.text()), "UDP, bad length 7");
    EXPECT_EQ(IcmpHeader::from(*IcmpView::parse(kIcmp)).text(), "ICMP echo request, id 7, seq 1");
    EXPECT_EQ((IcmpHeader{3, 3, 0, 0}.text()), "ICMP destination unreachable, port unreachable");
    EXPECT_EQ((Icmpv6Header{129, 0, 0, 0x00070001}.text()), "ICMP6, echo reply, id 7, seq 1");
    EXPECT_EQ((Icmpv6Header{2, 0, 0, 1280}.text()), "ICMP6, packet too big, mtu 1280");
}

TEST(Headers, ExtensionHeadersSayTheirSize) {
    std::array<std::byte, 24> raw{};
    raw[1] = std::byte{2};
    EXPECT_EQ(Ipv6ExtensionView::parse(ip_protocol::kHopByHop, raw)->size(), 24u);
    EXPECT_EQ(Ipv6ExtensionView::parse(ip_protocol::kAuthentication, raw)->size(), 16u);
    EXPECT_EQ(Ipv6ExtensionView::parse(ip_protocol::kFragment, raw)->size(), 8u);
    raw[1] = std::byte{3};
    EXPECT_EQ(Ipv6ExtensionView::parse(ip_protocol::kRouting, raw).error(), HeaderError::Truncated);
}

TEST(Headers, PppKnowsItsFourShapes) {
    EXPECT_EQ(PppView::parse(bytes(0xff, 3, 0, 0x21, 9))->size(), 4u);
    EXPECT_EQ(PppView::parse(bytes(0, 0x57))->ip_version(), 6);
    EXPECT_EQ(PppView::parse(bytes(0x21, 0x45))->size(), 1u);
    EXPECT_EQ(PppView::parse(bytes(0xff, 3, 0x21))->ip_version(), 4);
    EXPECT_FALSE(PppView::parse(bytes(0xff, 3)));
    EXPECT_FALSE(PppView::parse(bytes(0xff, 3, 0)));
}

}  // namespace
}  // namespace synscope::wire
