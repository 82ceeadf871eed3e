#include "sim/packetdrill/datagram.hpp"

#include <gtest/gtest.h>

#include "net/wire/checksum.hpp"
#include "net/wire/icmp.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/ipv4.hpp"

namespace synscope::packetdrill {
namespace {

using sim::Payload;
using sim::tcp::Ecn;
using sim::tcp::Segment;

Segment segment(const char* from, const char* to) {
    Segment s;
    s.source = *IpAddress::parse(from);
    s.destination = *IpAddress::parse(to);
    s.ecn = Ecn::Ect0;
    s.header.source_port = 8080;
    s.header.destination_port = 40000;
    s.header.seq = Seq32{1000};
    s.header.ack = Seq32{2000};
    s.header.flags = wire::TcpFlags{wire::TcpFlags::kAck};
    s.header.window = 500;
    constexpr std::array kText{std::byte{'o'}, std::byte{'d'}, std::byte{'d'}};
    s.payload = Payload::copy_of(kText);
    return s;
}

TEST(PacketdrillDatagram, SegmentComesBackOverBothVersionsOfIp) {
    for (const Segment& sent : {segment("192.0.2.1", "192.168.0.1"), segment("2001:db8::1", "fd3d::1")}) {
        const auto datagram = write_datagram(sent, 0);
        const auto read = read_datagram(datagram);
        ASSERT_TRUE(read.has_value());
        auto got = std::get<Segment>(*read);
        got.header.checksum = 0;
        EXPECT_EQ(got.source, sent.source);
        EXPECT_EQ(got.destination, sent.destination);
        EXPECT_EQ(got.ecn, sent.ecn);
        EXPECT_EQ(got.header, sent.header);
        EXPECT_EQ(got.payload, sent.payload);
    }
}

TEST(PacketdrillDatagram, FlippedBitIsRefused) {
    auto datagram = write_datagram(segment("192.0.2.1", "192.168.0.1"), 0);
    datagram.back() ^= std::byte{1};
    EXPECT_EQ(read_datagram(datagram).error(), Refused::WrongChecksum);
    datagram.back() ^= std::byte{1};
    datagram[wire::Ipv4View::kTtlAt] ^= std::byte{1};
    EXPECT_EQ(read_datagram(datagram).error(), Refused::WrongChecksum);
}

TEST(PacketdrillDatagram, CutDatagramIsRefusedAtEveryLength) {
    const auto datagram = write_datagram(segment("2001:db8::1", "fd3d::1"), 0);
    for (std::size_t size = 0; size < datagram.size(); ++size)
        EXPECT_FALSE(read_datagram(ByteSpan{datagram}.first(size)).has_value()) << size;
}

/// An ICMP message that quotes the first `quoted` bytes of a datagram of ours.
std::vector<std::byte> unreachable(std::size_t quoted) {
    const auto original = write_datagram(segment("192.168.0.1", "192.0.2.1"), 0);
    wire::Ipv4Header ip;
    ip.total_length = static_cast<std::uint16_t>(20 + wire::IcmpView::kSize + quoted);
    ip.protocol = wire::ip_protocol::kIcmp;
    ip.source = *IpAddress::parse("192.0.2.254");
    ip.destination = *IpAddress::parse("192.168.0.1");
    std::vector<std::byte> message(ip.total_length);
    ip.emit(message);
    store_be16(message, wire::Ipv4View::kChecksumAt, wire::internet_checksum(ByteSpan{message}.first(20)));
    const MutableByteSpan icmp = MutableByteSpan{message}.subspan(20);
    wire::IcmpHeader{wire::IcmpTypes::kUnreachable, 4, 0, 1400}.emit(icmp);
    std::copy_n(original.begin(), quoted, icmp.begin() + wire::IcmpView::kSize);
    store_be16(icmp, wire::IcmpView::kChecksumAt, wire::internet_checksum(icmp));
    return message;
}

TEST(PacketdrillDatagram, QuotedSegmentIsNamedByEightBytesOfIt) {
    const auto read = read_datagram(unreachable(28));
    ASSERT_TRUE(read.has_value());
    const auto& error = std::get<QuotedError>(*read);
    EXPECT_EQ(error.type, wire::IcmpTypes::kUnreachable);
    EXPECT_EQ(error.code, 4);
    EXPECT_EQ(error.word, 1400u);
    EXPECT_EQ(error.source.text(), "192.168.0.1:8080");
    EXPECT_EQ(error.destination.text(), "192.0.2.1:40000");
    EXPECT_EQ(error.seq, Seq32{1000});
    EXPECT_EQ(read_datagram(unreachable(27)).error(), Refused::Malformed);
}

}  // namespace
}  // namespace synscope::packetdrill
