// The tables and the summary that `synscope analyze` prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "net/wire/ipv4.hpp"
#include "net/wire/tcp.hpp"
#include "ui/render/capture_summary.hpp"
#include "ui/render/connection_table.hpp"
#include "ui/render/packet_lines.hpp"
#include "ui/render/packet_table.hpp"

namespace synscope::render {
namespace {

using testing::HasSubstr;
using testing::Not;
using track::AnalysisFlag;

/// A bare ACK over IPv4, without a link header.
std::array<std::byte, 40> ack_frame() {
    wire::TcpHeader tcp;
    tcp.source_port = 40'000;
    tcp.destination_port = 80;
    tcp.seq = Seq32{100};
    tcp.ack = Seq32{500};
    tcp.flags = wire::TcpFlags{wire::TcpFlags::kAck};
    tcp.window = 10;
    wire::Ipv4Header ip;
    ip.protocol = 6;
    ip.source = IpAddress::v4(0xc0000201);
    ip.destination = IpAddress::v4(0xc0000202);
    ip.total_length = 40;
    std::array<std::byte, 40> frame{};
    ip.emit(frame);
    tcp.emit(MutableByteSpan(frame).subspan(20));
    return frame;
}

struct Example {
    std::array<std::byte, 40> frame = ack_frame();
    std::optional<wire::TcpSegment> segment = wire::find_tcp(wire::LinkType::Raw, frame, 40);
    track::Verdict verdict;
    PacketRow row{
        3, Instant{1'000'000'007}, wire::LinkType::Raw, 40, frame, &*segment, &verdict, 31, "raw:ip:tcp"};
    Example() {
        verdict.connection = ConnectionId{2};
        verdict.seq = 1;
        verdict.ack = 401;
        verdict.window = 1'280;
    }
};

track::ConnectionFacts connection(std::uint32_t number) {
    track::ConnectionFacts c;
    c.id = ConnectionId{number};
    c.client = {IpAddress::v4(0xc0000201), static_cast<std::uint16_t>(40'000 + number)};
    c.server = {IpAddress::v4(0xc0000202), 80};
    c.directions[0].packets = 4;
    c.directions[0].payload_bytes = 6;
    c.directions[1].packets = 3;
    c.directions[1].payload_bytes = 1'000;
    c.first_at = Instant{5'000'000'000};
    c.last_at = Instant{5'250'000'000};
    c.initial_rtt = Duration::milliseconds(10 + number);
    c.ending = track::Ending::Closed;
    return c;
}

/// A SYN over IPv4 without a link layer, of a client that `number` names; checksums are left out.
std::vector<std::byte> raw_syn(std::uint32_t number) {
    std::vector<std::byte> packet(40);
    const MutableByteSpan out{packet};
    store_be32(out, 0, 0x45000028);
    store_be32(out, 8, 0x40060000);
    store_be32(out, 12, 0x0a000000 | number);
    store_be32(out, 16, 0x0a000001);
    store_be32(out, 20, 1u << 16 | 80u);
    store_be32(out, 24, 12'345 + number);
    store_be32(out, 32, 0x50021000 - 0x1000 + 1000);
    return packet;
}

TEST(PacketTable, ALineHasEveryColumnOfTheHeader) {
    const Example example;
    std::string line;
    append_packet_line(line, example.row);
    EXPECT_EQ(line,
              "3\t1.000000007\t40\t40\traw:ip:tcp\t192.0.2.1\t192.0.2.2\t40000\t80\t2\t0x0010\t1\t100\t401\t"
              "500\t0\t1280\t31\t\t\t\t\n");
    const std::string header = packet_table_header();
    EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), std::count(header.begin(), header.end(), '\t'));
}

TEST(PacketTable, WhatTheAnalysisSaysFillsTheLastColumns) {
    Example example;
    example.verdict.flags.add(AnalysisFlag::ZeroWindow);
    example.verdict.flags.add(AnalysisFlag::DuplicateAck);
    example.verdict.duplicate_ack_number = 2;
    example.verdict.bytes_in_flight = 1'448;
    example.verdict.ack_rtt = Duration{1'500};
    std::string line;
    append_packet_line(line, example.row);
    EXPECT_THAT(line, HasSubstr("\t31\tduplicate_ack,zero_window\t2\t1448\t0.000001500\n"));
}

TEST(PacketTable, AsJsonNumbersAreNumbersAndWhatIsEmptyIsAbsent) {
    const Example example;
    std::string line;
    append_packet_json(line, example.row);
    EXPECT_EQ(line,
              R"({"frame.number":3,"frame.time_epoch":1.000000007,"frame.len":40,"frame.cap_len":40,)"
              R"("frame.protocols":"raw:ip:tcp","ip.src":"192.0.2.1","ip.dst":"192.0.2.2","srcport":40000,)"
              R"("dstport":80,"tcp.stream":2,"tcp.flags":"0x0010","tcp.seq":1,"tcp.seq_raw":100,)"
              R"("tcp.ack":401,"tcp.ack_raw":500,"tcp.len":0,"tcp.window_size":1280,"tcp.completeness":31})"
              "\n");
}

TEST(PacketTable, AFrameThatIsNotDissectedHasALineToo) {
    const std::array<std::byte, 3> frame{};
    std::string line;
    append_packet_line(line, {1, Instant{-1}, wire::LinkType{147}, 3, frame, nullptr, nullptr, 0, {}});
    EXPECT_THAT(line, testing::StartsWith("1\t-0.000000001\t3\t3\t"));
    EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 21);
}

TEST(ConnectionTable, ALineSaysHowTheConnectionStoodAtTheEnd) {
    track::ConnectionFacts c = connection(2);
    c.counts[static_cast<std::size_t>(AnalysisFlag::Retransmission)] = 3;
    c.counts[static_cast<std::size_t>(AnalysisFlag::DuplicateAck)] = 1;
    std::string line;
    append_connection_line(line, c);
    EXPECT_EQ(line,
              "2\t192.0.2.1\t40002\t192.0.2.2\t80\t7\t6\t1000\t5.000000000\t0.250000000\tclosed\t"
              "duplicate_ack,retransmission\n");
}

TEST(CaptureSummary, AFewConnectionsAreListedOneByOne) {
    CaptureSummary summary({.name = "a\x1b.pcap", .packets = 14, .original_bytes = 3'000});
    summary.add(connection(0));
    summary.add(connection(1));
    const std::string text = summary.text();
    EXPECT_THAT(text, HasSubstr("a\\x1b.pcap: 14 packets"));
    EXPECT_THAT(text, HasSubstr("2 TCP connections: 2 closed\n"));
    EXPECT_THAT(text, HasSubstr("192.0.2.1:40001 > 192.0.2.2:80  7 packets, 6 bytes there, 1000 back"));
    EXPECT_THAT(text, Not(HasSubstr("lists all")));
}

TEST(CaptureSummary, OfManyConnectionsOnlyTheWorstAreListed) {
    CaptureSummary summary({.name = "many.pcap"});
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        track::ConnectionFacts c = connection(i);
        c.counts[static_cast<std::size_t>(AnalysisFlag::Retransmission)] = i == 1'234 ? 9 : i % 2;
        if (i == 77) c.ending = track::Ending::Reset;
        summary.add(c);
    }
    const std::string text = summary.text();
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 40) << text;
    EXPECT_THAT(text, HasSubstr("most retransmissions:\n   1234  192.0.2.1:41234 > 192.0.2.2:80  9 of 7"));
    EXPECT_THAT(text, HasSubstr("2999 closed, 1 reset"));
    EXPECT_THAT(text, HasSubstr("slowest initial RTT:\n   2999  "));
    EXPECT_THAT(text, HasSubstr("lists all 3000"));
}

TEST(CaptureSummary, WhatPeopleWroteAboutAnInterfaceIsShown) {
    trace::Interface one{wire::LinkType::Ethernet, 0, "eth0", "the\x1b[31m uplink", "tcp"};
    one.comments = {"first", std::string(10'000, 'x')};
    const std::string text = CaptureSummary({.interfaces = {one}}).text();
    EXPECT_THAT(text, HasSubstr("interface 0: eth0 (Ethernet), the\\x1b[31m uplink, only what passed: tcp; "
                                "comment: first; comment: xxx"));
    EXPECT_LT(text.size(), 1'000u);
}

TEST(CaptureSummary, OfManyInterfacesOnlyTheFirstAreListed) {
    CaptureFacts facts;
    facts.interfaces.resize(60'000);
    const std::string text = CaptureSummary(facts).text();
    EXPECT_THAT(text, HasSubstr("interface 19: Ethernet\nand 59980 more interfaces\n"));
}

TEST(PacketLines, ConnectionsAreRelativeAndForgottenBeforeTheyAreTooMany) {
    PacketLines lines;
    std::string out;
    const auto syn = [&](std::uint32_t n) {
        out.clear();
        const std::vector<std::byte> packet = raw_syn(n);
        lines.append(out, Instant{n}, wire::LinkType::Raw, packet, static_cast<std::uint32_t>(packet.size()));
    };
    syn(0);
    EXPECT_EQ(out, "0.000000 10.0.0.0:1 > 10.0.0.1:80  S 0:0(0) win 1000\n");
    for (std::uint32_t i = 1; i <= PacketLines::kMostConnections; ++i)
        syn(i);
    EXPECT_THAT(out, HasSubstr(" > 10.0.0.1:80  S 0:0(0) win 1000\n"));
    const std::vector<std::byte> nothing(3);
    out.clear();
    lines.append(out, Instant{0}, wire::LinkType::Ethernet, nothing, 3);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
}

TEST(CaptureSummary, TheDateOfTheFirstPacketIsTold) {
    const std::string leap =
        CaptureSummary({.packets = 1, .first_at = Instant{1'709'210'096'000'000'000}}).text();
    EXPECT_THAT(leap, HasSubstr("from 2024-02-29 12:34:56 UTC"));
    const std::string before = CaptureSummary({.packets = 1, .first_at = Instant{-1'000'000'000}}).text();
    EXPECT_THAT(before, HasSubstr("from 1969-12-31 23:59:59 UTC"));
}

}  // namespace
}  // namespace synscope::render
