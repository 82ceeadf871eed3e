#include "ui/model/datagrams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/explain.hpp"
#include "ui/model/flight.hpp"
#include "ui/model/ladder.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {
namespace {

using namespace test;
using testing::HasSubstr;

struct Drawn {
    TraceReader reader;
    Timeline timeline{TimelineOptions{}};
    explicit Drawn(const MadeTrace& t) {
        reader.settle(t);
        timeline.update(t, reader.tracker(), reader.generation());
    }
    [[nodiscard]] std::vector<Row> rows(RowKind kind) const {
        std::vector<Row> found;
        std::copy_if(timeline.rows().begin(), timeline.rows().end(), std::back_inserter(found),
                     [&](const Row& row) { return row.kind == kind; });
        return found;
    }
};

/// What the record of a real run holds: a question of 6 bytes and its answer, which a buffer of 3 cuts.
MadeTrace talk() {
    MadeTrace t;
    t.actors("alice", "udp engine");
    t.name_datagram_client(10);
    t.call(20, 24, Side::Client, Syscall::Send, 6, 6, {0, 6});
    t.captured_datagram(22, kC2s, 6);
    t.name_datagram_server(30);
    t.captured_datagram(40, kS2c, 6);
    const EventId entered = t.enter(50, Side::Client, Syscall::Recvfrom, 3);
    t.leave(51, Side::Client, entered, 6, {0, 3});
    const EventId returned{static_cast<std::uint32_t>(t.size() - 1)};
    t.add(51, MadeTrace::kClient, Note{Severity::Warning, t.intern("the other 3 are lost")}, returned);
    return t;
}

TEST(Datagrams, EveryCapturedOneIsAnArrowBetweenTheSocketsThatAreNamed) {
    const MadeTrace t = talk();
    const Drawn drawn(t);
    const auto rows = drawn.rows(RowKind::Datagram);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].at, MadeTrace::at(22));
    EXPECT_EQ(rows[0].side, Side::Client);
    EXPECT_EQ(rows[1].side, Side::Server);
    const Flight flight = flight_of(drawn.reader.tracker(), drawn.timeline, rows[0]);
    EXPECT_EQ(flight_text(t, flight, 40), "UDP, length 6");
    EXPECT_EQ(flight_text(t, flight, 6), "UDP 6");
    EXPECT_EQ(flight_mark(flight), "");
    EXPECT_FALSE(flight.arrival);  // a capture sees one moment: the other is not invented
    const auto peers = drawn.rows(RowKind::Peer);
    ASSERT_EQ(peers.size(), 1U);  // both programs name the same pair
    EXPECT_EQ(peers[0].at, MadeTrace::at(10));
    EXPECT_EQ(peer_text(drawn.timeline, 0, true), "UDP   client 127.0.0.1:41000 -> server 127.0.0.1:7000");
    EXPECT_EQ(drawn.timeline.actor_name(Side::Client), "alice");
    EXPECT_EQ(drawn.timeline.actor_name(Side::Server), "udp engine");
}

TEST(Datagrams, TheirBandStandsAboveTheConnectThatNamedThem) {
    MadeTrace t;
    t.actors();
    const EventId entered = t.enter(5, Side::Client, Syscall::Connect);
    t.leave(8, Side::Client, entered, 0);
    const EventId returned{static_cast<std::uint32_t>(t.size() - 1)};
    t.add(9, MadeTrace::kClient,
          SocketNamed{MadeTrace::kClientSocket,
                      3,
                      SocketRole::Datagram,
                      {IpAddress::v4(0x7f000001), 41000},
                      {IpAddress::v4(0x7f000001), 7000}},
          returned);
    const auto peers = Drawn(t).rows(RowKind::Peer);
    ASSERT_EQ(peers.size(), 1U);
    EXPECT_EQ(peers[0].at, MadeTrace::at(5));
}

TEST(Datagrams, TheirBandStandsAboveTheFirstOfThemWhereOnlyTheServerTells) {
    MadeTrace t;
    t.actors();
    t.captured_datagram(22, kC2s, 6);
    t.name_datagram_server(30);
    const Drawn drawn(t);
    ASSERT_EQ(drawn.rows(RowKind::Peer).size(), 1U);
    EXPECT_EQ(drawn.rows(RowKind::Peer)[0].at, MadeTrace::at(22));
    EXPECT_EQ(drawn.rows(RowKind::Datagram).size(), 1U);
}

TEST(Datagrams, OneThatWasSentAndNotCapturedHasNoArrow) {
    MadeTrace t = talk();
    t.call(60, 64, Side::Client, Syscall::Send, 5, 5, {6, 11});
    EXPECT_EQ(Drawn(t).rows(RowKind::Datagram).size(), 2U);
}

TEST(Datagrams, APacketThatComesBeforeItsNamesWaitsForThem) {
    MadeTrace t;
    t.actors();
    t.captured_datagram(22, kC2s, 6);
    TraceReader reader;
    Timeline timeline({});
    reader.update(t);
    timeline.update(t, reader.tracker(), reader.generation());
    EXPECT_TRUE(timeline.datagrams().all().empty());
    t.name_datagram_client(10);
    reader.update(t);
    timeline.update(t, reader.tracker(), reader.generation());
    ASSERT_EQ(timeline.datagrams().all().size(), 1U);
    EXPECT_EQ(timeline.datagrams().all()[0].length, 6U);
    EXPECT_TRUE(std::is_sorted(timeline.rows().begin(), timeline.rows().end(),
                               [](const Row& a, const Row& b) { return a.at < b.at; }));
}

TEST(Datagrams, ThoseOfNobodyWeKnowAreNotGuessedAt) {
    MadeTrace t = talk();
    t.add(70, MadeTrace::kCapture,
          PacketCaptured{t.udp({IpAddress::v4(0x7f000001), 53000}, {IpAddress::v4(0x7f000001), 7000}, 9)});
    EXPECT_EQ(Drawn(t).rows(RowKind::Datagram).size(), 2U);
}

TEST(Datagrams, SeveralPeersAreToldApart) {
    MadeTrace t = talk();
    t.next_connection();
    t.name_datagram_client(100);
    t.captured_datagram(110, kC2s, 1);
    const Drawn drawn(t);
    const auto rows = drawn.rows(RowKind::Datagram);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(flight_mark(flight_of(drawn.reader.tracker(), drawn.timeline, rows[2])), "peer 1: ");
    EXPECT_THAT(peer_text(drawn.timeline, 1, false), HasSubstr("UDP peer 1   client 127.0.0.1:41001"));
}

TEST(Datagrams, OnAWireOfOursTheFarEndIsKnown) {
    MadeTrace t;
    t.actors();
    t.name_datagram_client(10);
    const Endpoint client{IpAddress::v4(0x7f000001), 41000}, server{IpAddress::v4(0x7f000001), 7000};
    const PacketId first = t.udp(client, server, 6);
    const PacketId second = t.udp(client, server, 7);
    t.add(20, MadeTrace::kClient, PacketSent{first});
    t.add(21, MadeTrace::kClient, PacketSent{second});
    t.add(5020, MadeTrace::kServer, PacketDelivered{first});
    t.add(30, MadeTrace::kClient, PacketDropped{second, DropReason::RandomLoss});
    const Drawn drawn(t);
    const auto rows = drawn.rows(RowKind::Datagram);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_TRUE(drawn.rows(RowKind::Frame).empty());
    const auto arrival = flight_of(drawn.reader.tracker(), drawn.timeline, rows[0]).arrival;
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->at, MadeTrace::at(5020));
    const auto lost = flight_of(drawn.reader.tracker(), drawn.timeline, rows[1]).arrival;
    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->dropped, DropReason::RandomLoss);
}

TEST(Datagrams, WhatAShortBufferLostIsSaidByTheCallAndNotTwice) {
    const MadeTrace t = talk();
    const Drawn drawn(t);
    const auto lossy = std::find_if(drawn.timeline.spans().begin(), drawn.timeline.spans().end(),
                                    [](const Span& span) { return span.lost > 0; });
    ASSERT_NE(lossy, drawn.timeline.spans().end());
    EXPECT_EQ(call_text(t, *lossy), "recvfrom(3) = 6, 3 bytes lost");
    EXPECT_TRUE(drawn.rows(RowKind::Note).empty());
    EXPECT_TRUE(legend_needs(drawn.timeline, drawn.reader.tracker()).lost);
}

TEST(Datagrams, CallsOnThemAreExplainedWithoutWordsOfTcp) {
    MadeTrace t = talk();
    const EventId connect = t.enter(5, Side::Client, Syscall::Connect);
    t.leave(6, Side::Client, connect, 0);
    const Drawn drawn(t);
    const auto sentence = [&](EventId event) {
        return explain(t, drawn.reader.tracker(), t.event(event)).sentence;
    };
    EXPECT_THAT(sentence(connect), HasSubstr("Over UDP that sends nothing"));
    std::string received;
    std::string sent;
    for (const Span& span : drawn.timeline.spans()) {
        if (span.lost > 0) received = sentence(span.event);
        if (call_text(t, span) == "send(6) = 6") sent = sentence(span.event);
    }
    EXPECT_THAT(received,
                HasSubstr("takes one datagram of 6 bytes and has room for 3: the other 3 are lost"));
    EXPECT_THAT(sent, HasSubstr("sends one datagram of 6 bytes"));
    const auto packet = drawn.rows(RowKind::Datagram)[0];
    EXPECT_EQ(explain(t, drawn.reader.tracker(), t.event(packet.event)).rule, "RFC 768");
}

TEST(Datagrams, AnEmptyOneIsNoEndOfFile) {
    MadeTrace t = talk();
    t.call(80, 81, Side::Client, Syscall::Recvfrom, 3, 0, {3, 3});
    const Drawn drawn(t);
    EXPECT_EQ(call_text(t, drawn.timeline.spans().back()), "recvfrom(3) = 0 (an empty datagram)");
}

TEST(Datagrams, AreArrowsInTheLadderThatCanBeHit) {
    const MadeTrace t = talk();
    const Drawn drawn(t);
    Ladder ladder({});
    ladder.update(t, drawn.reader.tracker(), drawn.timeline);
    const auto picture = ladder.layout(t, drawn.reader.tracker(), drawn.timeline, {0, ladder.height()});
    std::vector<Arrow> arrows;
    for (const DrawItem& item : picture.items)
        if (const auto* arrow = std::get_if<Arrow>(&item)) arrows.push_back(*arrow);
    ASSERT_EQ(arrows.size(), 2U);
    std::sort(arrows.begin(), arrows.end(),
              [](const Arrow& a, const Arrow& b) { return a.from.y < b.from.y; });
    EXPECT_LT(arrows[0].from.x, arrows[0].to.x);
    EXPECT_GT(arrows[1].from.x, arrows[1].to.x);
    EXPECT_FALSE(arrows[0].connection);
    const Point middle{(arrows[0].from.x + arrows[0].to.x) / 2, (arrows[0].from.y + arrows[0].to.y) / 2};
    EXPECT_EQ(hit(picture, middle), arrows[0].event);
}

}  // namespace
}  // namespace synscope::model
