// What the analyser knows of a connection, and of the bytes on their way.
#include <gtest/gtest.h>

#include "capture/track/flight.hpp"
#include "capture/track/flow_table.hpp"
#include "net/base/text.hpp"
#include "tests/unit/capture/track/analysis_script.hpp"

namespace synscope::track {
namespace {

class Facts : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    Script wire{GetParam()};
    ConnectionFacts facts() { return wire.analyzer.connection(ConnectionId{0}); }
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Facts, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Facts, OfAWholeConversation) {
    wire.feed({"C S 0:0(0) mss 1460 wscale 7", "S S. 0:0(0) ack 1 mss 1400 wscale 3", "C . 1:1(0) ack 1",
               "C P. 1:11(10) ack 1", "S F. 1:1(0) ack 11", "C F. 11:11(0) ack 2", "S . 2:2(0) ack 12"});
    EXPECT_EQ(facts().client, wire.client);
    EXPECT_EQ(facts().server, wire.server);
    EXPECT_EQ(facts().completeness, 31);
    EXPECT_EQ(facts().ending, Ending::Closed);
    EXPECT_EQ(facts().initial_rtt, Duration::milliseconds(2));
    EXPECT_EQ(facts().of(Direction::ClientToServer).packets, 4u);
    EXPECT_EQ(facts().of(Direction::ClientToServer).payload_bytes, 10u);
    EXPECT_EQ(facts().of(Direction::ClientToServer).window_shift, 7);
    EXPECT_EQ(facts().of(Direction::ServerToClient).mss, 1400);
    EXPECT_EQ(facts().of(Direction::ServerToClient).isn, Seq32{GetParam().server});
    EXPECT_FALSE(facts().joined_midway);
    EXPECT_EQ(facts().first_at, at_ms(1));
    EXPECT_EQ(facts().last_at, at_ms(7));
}

TEST_P(Facts, JoinedMidwayTheFirstSenderIsTheClientAndItsFirstByteIsOne) {
    const Verdict v = wire.at(1, "S P. 500:510(10) ack 77");
    EXPECT_EQ(v.seq, 1u);
    EXPECT_EQ(v.ack, 1u);
    EXPECT_EQ(v.direction, Direction::ClientToServer);
    EXPECT_TRUE(facts().joined_midway);
    EXPECT_EQ(facts().client, wire.server);
}

TEST_P(Facts, AConnectionThatIsOnlyNamedHasANumberAndNoPackets) {
    const wire::NamedTcp named{wire.server, wire.client, wire::TcpFlags{wire::TcpFlags::kAck}};
    EXPECT_EQ(wire.analyzer.name(Instant{1'000}, named), ConnectionId{0});
    EXPECT_EQ(facts().client, wire.server);
    EXPECT_EQ(facts().of(Direction::ClientToServer).packets, 0u);
    EXPECT_EQ(facts().completeness, completeness::kAck) << "what is quoted was sent";
    EXPECT_EQ(wire.analyzer.name(Instant{2'000}, named), ConnectionId{0}) << "it has one already";
    EXPECT_EQ(wire.analyzer.size(), 1u);
}

TEST_P(Facts, TheFirstSegmentOfANamedConnectionIsItsFirst) {
    wire.analyzer.name(Instant{}, {wire.server, wire.client, wire::TcpFlags{wire::TcpFlags::kAck}});
    const Verdict v = wire.at(1, "C S 0:0(0) win 1000");
    EXPECT_EQ(v.connection, ConnectionId{0});
    EXPECT_EQ(v.seq, 0u);
    EXPECT_EQ(v.direction, Direction::ClientToServer);
    EXPECT_TRUE(v.flags.empty());
    EXPECT_EQ(facts().client, wire.client);
    EXPECT_FALSE(facts().joined_midway);
    EXPECT_EQ(facts().first_at, facts().last_at);
    wire.analyzer.name(Instant{}, {wire.client, wire.server, wire::TcpFlags{wire::TcpFlags::kSyn}});
    EXPECT_EQ(wire.analyzer.size(), 1u) << "an error about a connection that was seen";
}

TEST_P(Facts, ASynAckFirstIsTheServers) {
    EXPECT_EQ(wire.at(1, "S S. 0:0(0) ack 1").direction, Direction::ServerToClient);
    EXPECT_EQ(facts().client, wire.client);
}

TEST_P(Facts, CompletenessCountsASynOnlyWhereItOpens) {
    wire.feed({"C . 1:1(0) ack 1"});
    EXPECT_EQ(facts().completeness, 0) << "one segment alone shows nothing";
    wire.feed({"C P. 1:11(10) ack 1", "C S 0:0(0)", "S R. 1:1(0) ack 11"});
    EXPECT_EQ(facts().completeness, completeness::kAck | completeness::kData | completeness::kRst);
    EXPECT_EQ(facts().ending, Ending::Reset);
}

/// Both have sent a FIN; that of the server is not acknowledged yet.
void exchange_fins(Script& wire) {
    wire.handshake().feed({"C F. 1:1(0) ack 1", "S F. 1:1(0) ack 2"});
}

TEST_P(Facts, ARstBehindTheEndIsAboutNoConnection) {
    exchange_fins(wire);
    wire.feed({"C . 2:2(0) ack 2"});
    // The FIN again; TIME-WAIT answers; the other side is CLOSED (RFC 9293 section 3.10.7.1).
    wire.feed({"S F. 1:1(0) ack 2", "C . 2:2(0) ack 2", "S R 2:2(0)", "S R 2:2(0)"});
    EXPECT_EQ(facts().ending, Ending::Closed);
    EXPECT_EQ(facts().completeness & (completeness::kFin | completeness::kRst),
              completeness::kFin | completeness::kRst);
}

TEST_P(Facts, ARstBeforeTheLastFinIsAcknowledgedEndsIt) {
    exchange_fins(wire);
    EXPECT_EQ(facts().ending, Ending::Closed) << "a FIN from both";
    wire.feed({"C . 2:2(0) ack 1", "C R. 2:2(0) ack 2"});
    EXPECT_EQ(facts().ending, Ending::Reset) << "who resets has not taken the FIN";
    wire.feed({"C . 2:2(0) ack 2", "S R 2:2(0)"});
    EXPECT_EQ(facts().ending, Ending::Reset) << "once reset, always reset";
}

TEST_P(Facts, ARstAfterOneFinEndsIt) {
    wire.handshake().feed({"C F. 1:1(0) ack 1", "S . 1:1(0) ack 2", "C R 2:2(0)"});
    EXPECT_EQ(facts().ending, Ending::Reset);
}

TEST_P(Facts, AFinIsAcknowledgedWithTheBytesBeforeIt) {
    wire.handshake().feed(
        {"C FP. 1:11(10) ack 1", "S F. 1:1(0) ack 11", "C . 12:12(0) ack 2", "C R 12:12(0)"});
    EXPECT_EQ(facts().ending, Ending::Reset) << "ten bytes, but not the FIN";
}

TEST_P(Facts, ARstThatAnIcmpErrorQuotesBehindTheEndIsAboutNoConnection) {
    const wire::NamedTcp rst{wire.server, wire.client, wire::TcpFlags{wire::TcpFlags::kRst}};
    exchange_fins(wire);
    wire.feed({"C . 2:2(0) ack 2"});
    wire.analyzer.name(Instant{9'000'000}, rst);
    EXPECT_EQ(facts().ending, Ending::Closed);
    wire.analyzer = Analyzer{};
    exchange_fins(wire);
    wire.analyzer.name(Instant{9'000'000}, rst);
    EXPECT_EQ(facts().ending, Ending::Reset);
}

TEST_P(Facts, CompletenessCountsAFinOnlyWithAnAck) {
    wire.feed({"C S 0:0(0)", "C F 1:1(0)"});
    EXPECT_EQ(facts().completeness, completeness::kSyn);
    wire.feed({"C F. 1:1(0) ack 1"});
    EXPECT_EQ(facts().completeness, completeness::kSyn | completeness::kAck | completeness::kFin);
}

/// The connection as it was known in the end, asked again about its segments from the start.
class Settled : public Facts {};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Settled, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Settled, WhatTheSynAckToldLaterHoldsForTheSegmentsBeforeIt) {
    const Seq32 server{GetParam().server};
    wire::TcpSegment data;
    data.source = wire.server;
    data.destination = wire.client;
    data.flags = wire::TcpFlags{wire::TcpFlags::kAck};
    data.seq = server + 101;
    data.ack = Seq32{GetParam().client} + 1;
    data.payload_length = 10;
    data.window = 100;
    wire.feed({"C S 0:0(0) wscale 1"});
    Verdict late = wire.analyzer.add(at_ms(2), data);
    EXPECT_EQ(late.seq, 1u);
    EXPECT_EQ(late.window, 100u);
    wire.at(3, "S S. 0:0(0) ack 1 wscale 2");
    EXPECT_EQ(wire.analyzer.settle(late.connection, data, late),
              completeness::kSyn | completeness::kSynAck | completeness::kData);
    EXPECT_EQ(late.seq, 101u);
    EXPECT_EQ(late.ack, 1u);
    EXPECT_EQ(late.window, 400u);
}

TEST_P(Settled, TheFirstSegmentCountsForTheRowsBehindIt) {
    Verdict first = wire.at(1, "S P. 1:11(10) ack 1");
    Verdict second = wire.at(2, "C . 1:1(0) ack 11");
    EXPECT_EQ(wire.analyzer.settle(ConnectionId{0}, {}, first), completeness::kAck);
    EXPECT_EQ(wire.analyzer.settle(ConnectionId{0}, {}, second), completeness::kAck | completeness::kData);
}

TEST_P(Facts, WindowsAreScaledOnlyWhenBothOffered) {
    wire.feed({"C S 0:0(0) wscale 7", "S S. 0:0(0) ack 1"});
    EXPECT_EQ(wire.at(5, "C . 1:1(0) ack 1 win 100").window, 100u);
    EXPECT_FALSE(facts().of(Direction::ClientToServer).window_shift);
}

TEST_P(Facts, OneSidedTheOfferedScaleIsTaken) {
    wire.feed({"C S 0:0(0) wscale 7 win 200"});
    EXPECT_EQ(wire.at(5, "C . 1:1(0) ack 1 win 100").window, 12800u);
    EXPECT_EQ(wire.at(6, "S . 1:1(0) ack 1 win 100").window, 100u) << "its SYN was not seen";
}

TEST_P(Facts, ASynAckThatOffersTellsThatTheSynDid) {
    wire.feed({"S S. 0:0(0) ack 1 wscale 2"});
    EXPECT_EQ(wire.at(5, "S . 1:1(0) ack 1 win 100").window, 400u);
    EXPECT_EQ(wire.at(6, "C . 1:1(0) ack 1 win 100").window, 100u);
}

TEST_P(Facts, BytesInFlightAreSentAndNotAcknowledged) {
    wire.handshake();
    EXPECT_EQ(wire.at(10, "C P. 1:101(100) ack 1").bytes_in_flight, 100u);
    EXPECT_EQ(wire.at(11, "C P. 101:201(100) ack 1").bytes_in_flight, 200u);
    EXPECT_FALSE(wire.at(12, "S . 1:1(0) ack 51").bytes_in_flight) << "carries nothing";
    EXPECT_EQ(wire.at(13, "C P. 201:301(100) ack 1").bytes_in_flight, 250u);
    EXPECT_EQ(wire.at(14, "C P. 51:151(100) ack 1").bytes_in_flight, 250u) << "again";
    wire.at(15, "S . 1:1(0) ack 51 sack 201 301");
    EXPECT_EQ(wire.at(16, "C P. 301:311(10) ack 1").bytes_in_flight, 160u) << "less what SACK has";
}

TEST_P(Facts, BytesInFlightAreUnknownBehindAGapUntilAnAckComes) {
    wire.handshake().feed({"C P. 1:101(100) ack 1"});
    EXPECT_FALSE(wire.at(10, "C P. 201:301(100) ack 1").bytes_in_flight);
    wire.feed({"S . 1:1(0) ack 301"});
    EXPECT_EQ(wire.at(20, "C P. 301:311(10) ack 1").bytes_in_flight, 10u);
}

TEST_P(Facts, RttIsSinceTheFirstTransmissionOfWhatTheAckEndsAt) {
    wire.handshake();
    wire.at(10, "C P. 1:101(100) ack 1");
    wire.at(11, "C P. 101:201(100) ack 1");
    wire.at(30, "C P. 101:201(100) ack 1");
    EXPECT_FALSE(wire.at(40, "S . 1:1(0) ack 150").ack_rtt) << "ends in the middle of a segment";
    EXPECT_EQ(wire.at(41, "S . 1:1(0) ack 201").ack_rtt, Duration::milliseconds(30));
    EXPECT_FALSE(wire.at(42, "S . 1:1(0) ack 201").ack_rtt) << "answered already";
}

TEST_P(Facts, ASegmentLongerThanTheReceiversMssIsASuperSegment) {
    wire.feed({"C S 0:0(0) mss 1460", "S S. 0:0(0) ack 1 mss 1000"});
    EXPECT_FALSE(wire.at(5, "C P. 1:1001(1000) ack 1").super_segment);
    EXPECT_TRUE(wire.at(6, "C P. 1001:2002(1001) ack 1").super_segment);
    EXPECT_FALSE(wire.at(7, "S P. 1:1461(1460) ack 1").super_segment);
}

TEST(Flight, RemembersATenThousandSegmentsAndNoMore) {
    Script wire;
    wire.handshake();
    std::optional<std::uint32_t> last;
    for (std::uint32_t i = 0; i < kMaxUnacknowledged + 10; ++i)
        last = wire.at(10 + i, concat("C P. ", 1 + i * 2, ":", 3 + i * 2, "(2) ack 1")).bytes_in_flight;
    EXPECT_EQ(last, kMaxUnacknowledged * 2);
    EXPECT_EQ(wire.at(20000, concat("S . 1:1(0) ack ", kMaxUnacknowledged * 2 + 1)).flags.names(), "");
}

TEST(Analyzer, TellsTenThousandConnectionsApart) {
    Analyzer analyzer;
    wire::TcpSegment s;
    s.flags = wire::TcpFlags{wire::TcpFlags::kSyn};
    for (std::uint32_t round = 0; round < 2; ++round)
        for (std::uint32_t i = 0; i < 10000; ++i) {
            s.source = {IpAddress::v4(0x0a000000 + i / 100), static_cast<std::uint16_t>(1024 + i % 100)};
            s.destination = {IpAddress::v4(0x0b000001), 80};
            if (round == 1) std::swap(s.source, s.destination);
            ASSERT_EQ(analyzer.add(Instant{}, s).connection, ConnectionId{i});
        }
    EXPECT_EQ(analyzer.size(), 10000u);
}

TEST(Analyzer, BatchesSayWhatSingleSegmentsSay) {
    Script wire;
    wire::TcpSegment s;
    s.source = wire.client;
    s.destination = wire.server;
    s.flags = wire::TcpFlags{wire::TcpFlags::kAck};
    s.payload_length = 10;
    std::vector<wire::TcpSegment> segments(100, s);
    std::vector<Analyzer::Timed> timed;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        segments[i].source.port = static_cast<std::uint16_t>(1000 + i % 7);
        segments[i].seq = Seq32{static_cast<std::uint32_t>(i / 14 * 10)};
        timed.push_back({at_ms(static_cast<std::int64_t>(i)), &segments[i]});
    }
    std::vector<Verdict> together(segments.size());
    Analyzer batched;
    batched.add(timed, together);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Verdict one = wire.analyzer.add(timed[i].at, segments[i]);
        EXPECT_EQ(one.connection, together[i].connection) << i;
        EXPECT_EQ(one.flags, together[i].flags) << i;
        EXPECT_EQ(one.bytes_in_flight, together[i].bytes_in_flight) << i;
    }
}

TEST(OrientedFlow, IsTheSameFromBothEnds) {
    const Endpoint a{*IpAddress::parse("2001:db8::1"), 5};
    const Endpoint b{*IpAddress::parse("2001:db8::2"), 4};
    const OrientedFlow there = OrientedFlow::of(a, b);
    const OrientedFlow back = OrientedFlow::of(b, a);
    EXPECT_EQ(there.flow, back.flow);
    EXPECT_NE(there.from_high, back.from_high);
    EXPECT_EQ(there.flow.hash(), back.flow.hash());
    EXPECT_EQ(there.flow.low_end(), a);
    EXPECT_EQ(there.flow.high_end(), b);
}

}  // namespace
}  // namespace synscope::track
