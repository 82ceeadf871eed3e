#include "capture/dissect/dissect.hpp"

#include <gtest/gtest.h>

#include "net/wire/checksum.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::dissect {
namespace {

using test::bytes;
using test::join;
using wire::LinkType;
using Frame = std::vector<std::byte>;

constexpr auto kMacs = bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);
constexpr auto kIpv4 = bytes(0x45, 0, 0, 42, 0, 1, 0x40, 0, 64, 6, 0x26, 0xcb, 10, 0, 0, 1, 10, 0, 0, 2);
constexpr auto kTcp =
    bytes(0x9c, 0x40, 0, 80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0, 'h', 'i');

Dissection whole(LinkType link, const Frame& frame) {
    return dissect(link, frame, static_cast<std::uint32_t>(frame.size()));
}
std::string value(const Dissection& d, std::string_view name) {
    const Field* field = d.find_field(name);
    return field == nullptr ? "(absent)" : field->value;
}
std::string note(const Dissection& d, std::string_view name) {
    const Field* field = d.find_field(name);
    return field == nullptr ? "(absent)" : field->note;
}

TEST(Dissect, ProtocolsAreThoseOfTshark) {
    EXPECT_EQ(whole(LinkType::Ethernet, join(kMacs, bytes(8, 0), kIpv4, kTcp)).protocols(),
              "eth:ethertype:ip:tcp:data");
    EXPECT_EQ(whole(LinkType::Null, join(bytes(2, 0, 0, 0), kIpv4, kTcp)).protocols(), "null:ip:tcp:data");
    EXPECT_EQ(whole(LinkType::Raw, join(kIpv4, kTcp)).protocols(), "raw:ip:tcp:data");
    EXPECT_EQ(whole(LinkType::Ipv4, join(kIpv4, kTcp)).protocols(), "ip:tcp:data");
    EXPECT_EQ(whole(LinkType::Ethernet, join(kMacs, bytes(0x81, 0, 0, 5, 8, 0), kIpv4, kTcp)).protocols(),
              "eth:ethertype:vlan:ethertype:ip:tcp:data");
    EXPECT_EQ(
        whole(LinkType::LinuxSll, join(bytes(0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0), kIpv4, kTcp))
            .protocols(),
        "sll:ethertype:ip:tcp:data");
}

TEST(Dissect, FieldsHaveNamesValuesAndPlaces) {
    const Dissection d = whole(LinkType::Ethernet, join(kMacs, bytes(8, 0), kIpv4, kTcp));
    EXPECT_EQ(value(d, "eth.src"), "02:00:00:00:00:01");
    EXPECT_EQ(value(d, "ip.ttl"), "64");
    EXPECT_EQ(value(d, "ip.src"), "10.0.0.1");
    EXPECT_EQ(value(d, "tcp.seq_raw"), "4294967295");
    EXPECT_EQ(value(d, "tcp.flags"), "0x0018 (PSH, ACK)");
    EXPECT_EQ(value(d, "data.text"), "hi");
    EXPECT_EQ(note(d, "ip.checksum"), "correct");
    EXPECT_EQ(d.find_field("ip.ttl")->bytes, (ByteRange{14 + 8, 14 + 9}));
    EXPECT_EQ(d.find_layer("tcp")->bytes, (ByteRange{34, 54}));
    EXPECT_EQ(d.field_at(14 + 8), d.find_field("ip.ttl"));
    EXPECT_EQ(d.field_at(54 + 1)->name, "data.data");
    EXPECT_EQ(d.field_at(1000), nullptr);
}

TEST(Dissect, ChecksumNotesTellWrongFromOffloaded) {
    Frame frame = join(kIpv4, kTcp);
    EXPECT_EQ(note(whole(LinkType::Raw, frame), "tcp.checksum"),
              "not filled in yet: left to the network card (offload)");
    const IpAddress from = IpAddress::v4(0x0a000001);
    const IpAddress to = IpAddress::v4(0x0a000002);
    store_be16(frame, 36, wire::transport_checksum(from, to, 6, ByteSpan{frame}.subspan(20)));
    EXPECT_EQ(note(whole(LinkType::Raw, frame), "tcp.checksum"), "correct");
    frame.back() = std::byte{'!'};
    EXPECT_EQ(note(whole(LinkType::Raw, frame), "tcp.checksum"), "wrong");
    frame.pop_back();
    EXPECT_EQ(note(dissect(LinkType::Raw, frame, 42), "tcp.checksum"), "not checked: not all bytes are here");
}

TEST(Dissect, ACutPacketShowsWhatIsThereAndSaysWhereItEnds) {
    const Frame frame = join(kMacs, bytes(8, 0), kIpv4, kTcp);
    for (std::size_t size = 0; size <= frame.size(); ++size) {
        const Dissection d = dissect(LinkType::Ethernet, ByteSpan{frame}.first(size), 56);
        ASSERT_FALSE(d.layers.empty()) << size;
        const bool headers_whole = size >= 54;
        EXPECT_EQ(d.layers.back().malformed.has_value(), !headers_whole) << size;
        if (!headers_whole) {
            EXPECT_EQ(d.layers.back().malformed->offset, size);
        }
        EXPECT_EQ(d.find_field("ip.ttl") != nullptr, size >= 23) << size;
        EXPECT_EQ(d.find_field("tcp.dstport") != nullptr, size >= 38) << size;
    }
    const Dissection d = dissect(LinkType::Ethernet, ByteSpan{frame}.first(40), 56);
    EXPECT_EQ(d.find_layer("tcp")->malformed->reason, "the capture ends here: 6 of 20 bytes of the header");
}

TEST(Dissect, LiesAreNamed) {
    Frame frame = join(kIpv4, kTcp);
    frame[3] = std::byte{10};
    EXPECT_EQ(whole(LinkType::Raw, frame).find_layer("ip")->malformed->reason,
              "total length 10 is smaller than the header");
    frame[3] = std::byte{200};
    EXPECT_EQ(whole(LinkType::Raw, frame).find_layer("ip")->malformed->reason,
              "total length 200, but only 42 bytes came");
    frame = join(kIpv4, kTcp);
    frame[32] = std::byte{0x40};
    EXPECT_EQ(whole(LinkType::Raw, frame).find_layer("tcp")->malformed->reason, "header length too small");
    frame = join(kIpv4, kTcp);
    frame[32] = std::byte{0x50};
    frame[0] = std::byte{0x35};
    EXPECT_EQ(whole(LinkType::Raw, frame).find_layer("raw")->malformed->reason, "neither IPv4 nor IPv6");
}

TEST(Dissect, PaddingBelongsToTheLinkLayer) {
    const Dissection d = whole(LinkType::Ethernet, join(kMacs, bytes(8, 0), kIpv4, kTcp, bytes(0, 0, 0, 0)));
    EXPECT_EQ(d.protocols(), "eth:ethertype:ip:tcp:data");
    EXPECT_EQ(value(d, "eth.padding"), "00 00 00 00");
    EXPECT_EQ(value(d, "data.len"), "2");
}

TEST(Dissect, WhatIsNotDissectedSaysSoAndKeepsItsBytes) {
    const Dissection d = whole(static_cast<LinkType>(147), join(kTcp));
    ASSERT_EQ(d.layers.size(), 1u);
    EXPECT_EQ(d.layers[0].title, "Link type 147, not dissected");
    EXPECT_EQ(d.layers[0].bytes, (ByteRange{0, 22}));
    const Dissection lldp = whole(LinkType::Ethernet, join(kMacs, bytes(0x88, 0xcc, 1, 2)));
    EXPECT_EQ(lldp.layers.back().title, "LLDP (ethertype 0x88cc), not dissected");
}

TEST(Dissect, AnIcmpErrorShowsThePacketItQuotes) {
    const auto outer = bytes(0x45, 0, 0, 56, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1);
    const auto icmp = bytes(3, 3, 0, 0, 0, 0, 0, 0);
    const auto inner = bytes(0x45, 0, 0, 30, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
    const auto udp = bytes(0x0f, 0xa0, 0, 9, 0, 10, 0x12, 0x34);
    EXPECT_EQ(whole(LinkType::Raw, join(outer, icmp, inner, udp)).protocols(), "raw:ip:icmp:ip:udp");
}

}  // namespace
}  // namespace synscope::dissect
