#include "net/wire/segment_finder.hpp"

#include <gtest/gtest.h>

#include "net/wire/network.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;
using test::join;
using Frame = std::vector<std::byte>;

constexpr auto kTcp =
    bytes(0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0, 'h', 'i');
constexpr auto kMacs = bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);

Frame ipv4(std::uint8_t protocol, const Frame& payload, std::uint16_t fragment = 0, std::uint8_t last = 1) {
    const auto total = static_cast<int>(payload.size() + 20);
    return join(bytes(0x45, 0, total >> 8, total & 0xff, 0, 9, fragment >> 8, fragment & 0xff, 64, protocol,
                      0, 0, 10, 0, 0, last, 10, 0, 0, 9),
                payload);
}
Frame ipv6(std::uint8_t next, const Frame& payload) {
    const auto length = static_cast<int>(payload.size());
    Frame out = join(bytes(0x60, 0, 0, 0, length >> 8, length & 0xff, next, 64));
    for (const int last : {1, 2}) {
        const auto address = bytes(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
        out.insert(out.end(), address.begin(), address.end());
    }
    return join(out, payload);
}
Frame udp(std::uint16_t port, const Frame& payload) {
    const auto length = static_cast<int>(payload.size() + 8);
    return join(bytes(0xc0, 0, port >> 8, port & 0xff, length >> 8, length & 0xff, 0, 0), payload);
}
Frame ethernet(std::uint16_t type, const Frame& payload) {
    return join(kMacs, bytes(type >> 8, type & 0xff), payload);
}
Frame tcp() {
    return join(kTcp);
}
std::uint32_t size_of(const Frame& frame) {
    return static_cast<std::uint32_t>(frame.size());
}

void expect_tunnelled(std::string_view what, const Frame& frame, std::string_view source = "10.0.0.2:40000") {
    SCOPED_TRACE(what);
    const auto segment = find_tcp(LinkType::Ethernet, frame, size_of(frame));
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->source.text(), source);
    EXPECT_EQ(segment->payload_length, 2u);
    ASSERT_EQ(segment->payload.size(), 2u);
    EXPECT_EQ(segment->payload.data(), frame.data() + segment->payload_offset);
    EXPECT_EQ(segment->payload[0], std::byte{'h'});
    SegmentFinder finder;
    const Found found = finder.find_all(LinkType::Ethernet, frame, size_of(frame), Instant{});
    ASSERT_TRUE(found.tcp);
    EXPECT_EQ(found.tcp->payload.data(), segment->payload.data());
    EXPECT_FALSE(found.reassembled);
    // Cut short anywhere: no segment or the same one, and nothing read behind the cut.
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(find_tcp(LinkType::Ethernet, cut, size_of(frame)).has_value(),
                  size >= segment->payload_offset - 4);
    }
}

TEST(FindTcp, ThroughTunnels) {
    const Frame inner = ipv4(6, tcp(), 0, 2);
    const Frame frame = ethernet(0x0800, inner);
    expect_tunnelled("IP in IP", ethernet(0x0800, ipv4(4, inner)));
    expect_tunnelled("IPv6 in IPv4", ethernet(0x0800, ipv4(41, ipv6(6, tcp()))), "[fd00::1]:40000");
    expect_tunnelled("IPv4 in IPv6", ethernet(0x86dd, ipv6(4, inner)));
    expect_tunnelled("GRE", ethernet(0x0800, ipv4(47, join(bytes(0, 0, 8, 0), inner))));
    expect_tunnelled(
        "GRE with checksum, key and sequence number",
        ethernet(0x0800, ipv4(47, join(bytes(0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1), inner))));
    expect_tunnelled("GRE with Ethernet", ethernet(0x0800, ipv4(47, join(bytes(0, 0, 0x65, 0x58), frame))));
    expect_tunnelled("PPTP", ethernet(0x0800, ipv4(47, join(bytes(0x30, 0x81, 0x88, 0x0b, 0, 46, 0, 1, 0, 0,
                                                                  0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21),
                                                            inner))));
    expect_tunnelled("ERSPAN I", ethernet(0x0800, ipv4(47, join(bytes(0, 0, 0x88, 0xbe), frame))));
    expect_tunnelled(
        "ERSPAN II",
        ethernet(0x0800,
                 ipv4(47, join(bytes(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 0), frame))));
    expect_tunnelled("ERSPAN III", ethernet(0x0800, ipv4(47, join(bytes(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20,
                                                                        5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
                                                                  frame))));
    expect_tunnelled("VXLAN",
                     ethernet(0x0800, ipv4(17, udp(4789, join(bytes(8, 0, 0, 0, 0, 0, 5, 0), frame)))));
    expect_tunnelled(
        "Geneve with an option",
        ethernet(0x0800, ipv4(17, udp(6081, join(bytes(1, 0, 0x65, 0x58, 0, 0, 5, 0, 0, 0, 0, 0), frame)))));
    expect_tunnelled(
        "Teredo with an origin",
        ethernet(0x0800, ipv4(17, udp(3544, join(bytes(0, 0, 1, 1, 10, 0, 0, 1), ipv6(6, tcp()))))),
        "[fd00::1]:40000");
    expect_tunnelled("PPPoE", ethernet(0x8864, join(bytes(0x11, 0, 0, 1, 0, 44, 0, 0x21), inner)));
    expect_tunnelled("MPLS", ethernet(0x8847, join(bytes(0, 1, 0, 64, 0, 2, 1, 64), inner)));
    expect_tunnelled("MPLS pseudowire", ethernet(0x8847, join(bytes(0, 1, 1, 64, 0, 0, 0, 0), frame)));
    expect_tunnelled(
        "VLAN, PPPoE in a VLAN",
        ethernet(0x8100, join(bytes(0, 5, 0x88, 0x64), bytes(0x11, 0, 0, 1, 0, 44, 0, 0x21), inner)));
    expect_tunnelled("SNAP", join(kMacs, bytes(0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), inner));
    expect_tunnelled("FabricPath", ethernet(0x8903, join(bytes(0, 1), frame)));
    expect_tunnelled("VNTag", ethernet(0x8926, join(bytes(0, 0, 0, 1, 8, 0), inner)));
    expect_tunnelled("Cisco metadata", ethernet(0x8909, join(bytes(1, 1, 0, 1, 0, 5, 8, 0), inner)));
    expect_tunnelled("three at once",
                     ethernet(0x0800, ipv4(4, ipv4(47, join(bytes(0, 0, 0x86, 0xdd), ipv6(4, inner))))));
}

TEST(FindTcp, ThePppoeLengthEndsThePacket) {
    // The IP header claims its payload and 6 bytes that are Ethernet padding.
    Frame inner = ipv4(6, join(kTcp, bytes(0, 0, 0, 0, 0, 0)));
    const auto length = [&](int said) {
        const Frame frame = ethernet(0x8864, join(bytes(0x11, 0, 0, 1, 0, said, 0, 0x21), inner));
        const auto segment = find_tcp(LinkType::Ethernet, frame, size_of(frame));
        return segment ? static_cast<int>(segment->payload_length) : -1;
    };
    EXPECT_EQ(length(44), 2);
    EXPECT_EQ(length(50), 8);
    EXPECT_EQ(length(255), 8);
    for (int said = 0; said < 42; ++said)
        EXPECT_EQ(length(said), -1) << said;
}

TEST(FindTcp, ThroughSerialLinks) {
    const Frame inner = ipv4(6, tcp());
    const auto found = [](LinkType link, const Frame& frame) {
        return find_tcp(link, frame, size_of(frame)).has_value();
    };
    EXPECT_TRUE(found(LinkType::RawBsd, inner));
    EXPECT_TRUE(found(LinkType::RawOpenBsd, inner));
    EXPECT_TRUE(found(LinkType::PppSerial, join(bytes(0xff, 3, 0, 0x21), inner)));
    EXPECT_TRUE(found(LinkType::PppSerial, join(bytes(0x0f, 0, 8, 0), inner)));
    EXPECT_TRUE(found(LinkType::CiscoHdlc, join(bytes(0x8f, 0, 8, 0), inner)));
    EXPECT_TRUE(found(LinkType::CiscoHdlc, join(bytes(0x0f, 0, 0x88, 0x47, 0, 1, 1, 64), inner)));
    EXPECT_TRUE(found(LinkType::PppEther, join(bytes(0x11, 0, 0, 1, 0, 44, 0, 0x21), inner)));
    EXPECT_TRUE(found(LinkType::Ppp, join(bytes(0xff, 3, 2, 0x81, 0, 1, 1, 64), inner)));
    EXPECT_FALSE(found(LinkType::PppSerial, join(bytes(0xff, 3, 0xc0, 0x21), inner)));
}

TEST(FindTcp, TunnelsWithoutEndAreGivenUp) {
    Frame frame = ipv4(6, tcp());
    for (int depth = 2; depth <= 12; ++depth) {
        frame = ipv4(4, frame);
        EXPECT_EQ(find_tcp(LinkType::Raw, frame, size_of(frame)).has_value(), depth <= kMaxIpHeaders)
            << depth;
        SegmentFinder finder;
        EXPECT_EQ(finder.find(LinkType::Raw, frame, size_of(frame), Instant{}).has_value(),
                  depth <= kMaxIpHeaders);
    }
}

TEST(FindTcp, WhatAnIcmpMessageQuotesIsNoSegment) {
    const Frame frame = ethernet(0x0800, ipv4(1, join(bytes(3, 1, 0, 0, 0, 0, 0, 0), ipv4(6, tcp()))));
    EXPECT_FALSE(find_tcp(LinkType::Ethernet, frame, size_of(frame)));
}

std::string named_in(const Frame& frame) {
    SegmentFinder finder;
    const Found found = finder.find_all(LinkType::Raw, frame, size_of(frame), Instant{});
    EXPECT_FALSE(found.tcp && found.named);
    return found.named ? found.named->source.text() : "";
}

TEST(SegmentFinder, WhatAnIcmpErrorQuotesIsNamed) {
    const Frame error = join(bytes(3, 1, 0, 0, 0, 0, 0, 0));
    const Frame quoted = ipv4(6, tcp());
    EXPECT_EQ(named_in(ipv4(1, join(error, quoted))), "10.0.0.1:40000");
    const Frame window(quoted.begin(), quoted.begin() + 36);
    EXPECT_EQ(named_in(ipv4(1, join(error, window))), "10.0.0.1:40000");
    const Frame ports(quoted.begin(), quoted.begin() + 28);
    EXPECT_EQ(named_in(ipv4(1, join(error, ports))), "") << "the 8 bytes of RFC 792";
    EXPECT_EQ(named_in(ipv4(1, join(bytes(8, 0, 0, 0, 0, 0, 0, 0), quoted))), "") << "an echo quotes nothing";
    EXPECT_EQ(named_in(ipv4(1, join(error, ipv4(6, tcp(), 0x0003)))), "") << "a fragment behind the first";
    EXPECT_EQ(named_in(ipv4(1, join(error, ipv4(17, tcp())))), "");
    EXPECT_EQ(named_in(ipv6(58, join(bytes(1, 4, 0, 0, 0, 0, 0, 0), ipv6(6, tcp())))), "[fd00::1]:40000");
}

TEST(SegmentFinder, ATcpHeaderThatCannotBeIsNamed) {
    Frame broken = tcp();
    EXPECT_EQ(named_in(ipv4(6, broken)), "") << "a segment";
    broken[12] = std::byte{0x20};
    EXPECT_EQ(named_in(ipv4(6, broken)), "10.0.0.1:40000") << "a header of 8 bytes";
    broken[12] = std::byte{0xf0};
    EXPECT_EQ(named_in(ipv4(6, broken)), "10.0.0.1:40000") << "a header longer than the packet";
    broken.resize(15);
    EXPECT_EQ(named_in(ipv4(6, broken)), "") << "cut before the window";
}

TEST(FindTcp, TheShortWayAgreesWithTheLongOne) {
    // The same packet in a frame with a VLAN tag cannot take the short way.
    Frame plain = ethernet(0x0800, ipv4(6, tcp()));
    plain.resize(60);
    for (std::size_t at = 14; at < 56; ++at)
        for (const int value : {0, 1, 0x20, 0x40, 0x45, 0x46, 0x50, 0x60, 0x80, 0xff}) {
            Frame changed = plain;
            changed[at] = static_cast<std::byte>(value);
            Frame tagged = changed;
            const auto tag = bytes(0x81, 0, 0, 5);
            tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
            const auto a = find_tcp(LinkType::Ethernet, changed, 60);
            const auto b = find_tcp(LinkType::Ethernet, tagged, 64);
            ASSERT_EQ(a.has_value(), b.has_value()) << at << ' ' << value;
            if (!a) continue;
            EXPECT_EQ(a->source, b->source);
            EXPECT_EQ(a->destination, b->destination);
            EXPECT_EQ(a->seq, b->seq);
            EXPECT_EQ(a->ack, b->ack);
            EXPECT_EQ(a->flags, b->flags);
            EXPECT_EQ(a->window, b->window);
            EXPECT_EQ(a->urgent, b->urgent);
            EXPECT_EQ(a->options.size(), b->options.size());
            EXPECT_EQ(a->payload_length, b->payload_length) << at << ' ' << value;
            EXPECT_EQ(a->payload_offset + 4, b->payload_offset);
            EXPECT_EQ(a->payload.size(), b->payload.size());
        }
}

TEST(SegmentFinder, TheFrameThatCompletesADatagramShowsTheSegment) {
    SegmentFinder finder;
    const Frame whole = tcp();
    const Frame first = ipv4(6, Frame(whole.begin(), whole.begin() + 16), 0x2000);
    const Frame last = ipv4(6, Frame(whole.begin() + 16, whole.end()), 2);
    EXPECT_FALSE(finder.find(LinkType::Raw, first, size_of(first), Instant{}));
    const auto segment = finder.find(LinkType::Raw, last, size_of(last), Instant{});
    ASSERT_TRUE(segment);
    EXPECT_TRUE(segment->reassembled);
    EXPECT_EQ(segment->source.text(), "10.0.0.1:40000");
    EXPECT_EQ(segment->payload_length, 2u);
    EXPECT_EQ(segment->payload_offset, 20u);
    EXPECT_EQ(segment->payload[1], std::byte{'i'});
}

TEST(SegmentFinder, FragmentsOfATunnelAreFragmentsOfWhatItCarries) {
    SegmentFinder finder;
    const Frame outer = ipv4(4, ipv4(6, tcp(), 0, 2));
    const Frame payload(outer.begin() + 20, outer.end());
    const Frame first = ipv4(4, Frame(payload.begin(), payload.begin() + 24), 0x2000);
    const Frame last = ipv4(4, Frame(payload.begin() + 24, payload.end()), 3);
    EXPECT_FALSE(finder.find(LinkType::Raw, last, size_of(last), Instant{}));
    const Found found = finder.find_all(LinkType::Raw, first, size_of(first), Instant{});
    ASSERT_TRUE(found.tcp);
    EXPECT_EQ(found.tcp->source.text(), "10.0.0.2:40000");
    EXPECT_EQ(found.ip_headers, 2);
    EXPECT_TRUE(found.reassembled);
    // And a tunnel may carry fragments itself.
    const Frame whole = tcp();
    const Frame a = ipv4(4, ipv4(6, Frame(whole.begin(), whole.begin() + 8), 0x2000));
    const Frame b = ipv4(4, ipv4(6, Frame(whole.begin() + 8, whole.end()), 1));
    EXPECT_FALSE(finder.find(LinkType::Raw, a, size_of(a), Instant{}));
    EXPECT_TRUE(finder.find(LinkType::Raw, b, size_of(b), Instant{}));
}

TEST(SegmentFinder, ExtensionHeadersMayLieBehindAFragmentHeader) {
    SegmentFinder finder;
    const Frame part = join(bytes(6, 0, 1, 4, 0, 0, 0, 0), kTcp);
    const auto fragment = [&](std::size_t from, std::size_t to, int field) {
        return ipv6(44, join(bytes(60, 0, field >> 8, field & 0xff, 0, 0, 0, 1),
                             Frame(part.begin() + static_cast<std::ptrdiff_t>(from),
                                   part.begin() + static_cast<std::ptrdiff_t>(to))));
    };
    const Frame first = fragment(0, 16, 1);
    const Frame last = fragment(16, part.size(), 16);
    EXPECT_FALSE(finder.find(LinkType::Raw, first, size_of(first), Instant{}));
    const auto segment = finder.find(LinkType::Raw, last, size_of(last), Instant{});
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->payload_length, 2u);
}

TEST(SegmentFinder, AFirstFragmentThatWasCutCountsAtOnce) {
    SegmentFinder finder;
    Frame first = ipv4(6, tcp(), 0x2000);
    first[3] = std::byte{20 + 24};
    EXPECT_TRUE(finder.find(LinkType::Raw, first, size_of(first) + 100, Instant{}));
    EXPECT_EQ(finder.fragments().size(), 0u);
}

TEST(SegmentFinder, DatagramsOfUdpAreFoundAsWell) {
    SegmentFinder finder;
    const Frame frame = ipv4(4, ipv4(17, udp(53, join(kTcp)), 0, 2));
    const Found found = finder.find_all(LinkType::Raw, frame, size_of(frame), Instant{});
    EXPECT_FALSE(found.tcp);
    ASSERT_TRUE(found.udp);
    EXPECT_EQ(found.udp->destination.port, 53);
    EXPECT_EQ(found.ip->source.text(), "10.0.0.2");
}

/// IPComp around a DEFLATE block that stores its bytes (RFC 1951 section 3.2.4).
Frame ipcomp(std::uint8_t next, const Frame& payload) {
    const auto size = static_cast<int>(payload.size());
    return join(bytes(next, 0, 0x63, 0x5c, 1, size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff),
                payload);
}

TEST(SegmentFinder, CompressedPayloadIsInflated) {
    SegmentFinder finder;
    // A TCP header and "hi" twenty times, as a deflating sender writes them.
    const Frame squeezed =
        join(bytes(6, 0, 0, 2, 0x9b, 0xe3, 0xc0, 0x10, 0xc0, 0xc0, 0xc0, 0xc0, 0x08, 0xc4, 0xac, 0x01, 0x12,
                   0x20, 0x8a, 0x81, 0x21, 0x23, 0x93, 0x38, 0x08, 0x00));
    const Frame frame = ipv4(108, squeezed);
    const auto segment = finder.find(LinkType::Raw, frame, size_of(frame), Instant{});
    ASSERT_TRUE(segment);
    EXPECT_TRUE(segment->reassembled);
    EXPECT_EQ(segment->payload.size(), 40u);
    EXPECT_EQ(segment->payload[39], std::byte{'i'});
}

TEST(SegmentFinder, ATunnelMayBeCompressedMoreThanOnce) {
    SegmentFinder finder;
    const Frame frame = ipv6(108, ipcomp(4, ipv4(108, ipcomp(41, ipv6(108, ipcomp(6, tcp()))))));
    const Found found = finder.find_all(LinkType::Raw, frame, size_of(frame), Instant{});
    ASSERT_TRUE(found.tcp);
    EXPECT_EQ(found.ip_headers, 3);
    EXPECT_EQ(found.tcp->payload_length, 2u);
    EXPECT_EQ(found.tcp->payload[0], std::byte{'h'});
}

TEST(SegmentFinder, WhatCannotBeInflatedShowsNoSegment) {
    SegmentFinder finder;
    const auto shows = [&](const Frame& frame, std::uint32_t length) {
        return finder.find(LinkType::Raw, frame, length, Instant{}).has_value();
    };
    const Frame good = ipv4(108, ipcomp(6, tcp()));
    EXPECT_TRUE(shows(good, size_of(good)));
    const Frame cut{good.begin(), good.end() - 1};
    EXPECT_FALSE(shows(cut, size_of(good)));
    const Frame no_deflate = ipv4(108, join(bytes(6, 0, 0, 2), tcp()));
    EXPECT_FALSE(shows(no_deflate, size_of(no_deflate)));
    const Frame no_header = ipv4(108, join(bytes(6, 0)));
    EXPECT_FALSE(shows(no_header, size_of(no_header)));
    // 70,000 zeros: more than an IP datagram holds.
    Frame bomb = join(bytes(6, 0, 0, 2, 0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf5, 0x4f,
                            0x6d, 0x09, 0x4f, 0xa0));
    bomb.insert(bomb.end(), 67, std::byte{0});
    bomb = join(bomb, bytes(0x80, 0xb7, 0x01));
    const Frame large = ipv4(108, bomb);
    EXPECT_FALSE(shows(large, size_of(large)));
}

}  // namespace
}  // namespace synscope::wire
