#include "sim/host/dns.hpp"

#include <gtest/gtest.h>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

using Outcome = DnsResolver::Outcome;

DnsZone zone() {
    DnsZone zone;
    zone.add_address("server.example", ip("10.0.0.2"));
    zone.add_alias("www.example", "server.example");
    return zone;
}

struct Named : TwoHosts {
    Named()
        : TwoHosts({.delay = Duration::milliseconds(5)}, Transcript::Show::Packets, {}, asking(), serving()) {
    }
    static HostOptions asking() {
        auto options = host_at("10.0.0.1/24");
        options.resolver = DnsResolverOptions{.servers = {ip("10.0.0.2")}};
        return options;
    }
    static HostOptions serving() {
        auto options = host_at("10.0.0.2/24");
        options.dns_zone = zone();
        return options;
    }
    void ask(std::string_view name) { static_cast<void>(world.host(client).ask_name(world.fabric(), name)); }
    [[nodiscard]] const std::vector<DnsResolver::Answer>& answers() {
        return world.host(client).resolver()->answers();
    }
};

TEST(Dns, ANameIsAskedForAndFound) {
    Named net;
    net.ask("www.example");
    net.world.run_until(at_ms(100));
    EXPECT_EQ(net.transcript.lines(),
              (Lines{"0.000000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28",
                     "0.005000 server  ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28",
                     "0.010000 client  10.0.0.1:any > 10.0.0.2:53  DNS query 0x0000, A www.example?",
                     "0.015000 server  10.0.0.2:53 > 10.0.0.1:any  DNS response 0x0000, A www.example? CNAME "
                     "server.example A 10.0.0.2"}));
    ASSERT_EQ(net.answers().size(), 1u);
    EXPECT_EQ(net.answers()[0].outcome, Outcome::Found);
    EXPECT_EQ(net.answers()[0].addresses, std::vector<IpAddress>{ip("10.0.0.2")});
    EXPECT_EQ(net.world.woken(), std::vector<BoxId>{net.client});
}

TEST(Dns, ANameThatIsNotThereIsSaid) {
    Named net;
    net.ask("nobody.example");
    net.world.run_until(at_ms(100));
    EXPECT_EQ(
        net.transcript.lines().back(),
        "0.015000 server  10.0.0.2:53 > 10.0.0.1:any  DNS response 0x0000, no such name, A nobody.example?");
    ASSERT_EQ(net.answers().size(), 1u);
    EXPECT_EQ(net.answers()[0].outcome, Outcome::NoSuchName);
}

TEST(Dns, ALostQueryIsAskedAgainAfterFiveSeconds) {
    Named net;
    net.world.fabric().rules().add({.action = RuleAction::Drop, .min_payload = 1, .nth = 1});
    net.ask("server.example");
    net.world.run_until(at_ms(20'000));
    ASSERT_EQ(net.transcript.lines().size(), 6u);
    EXPECT_EQ(net.transcript.lines()[3],
              "0.010000 client  lost, dropped by a rule: 10.0.0.1:any > 10.0.0.2:53  DNS query 0x0000, A "
              "server.example?");
    EXPECT_EQ(net.transcript.lines()[4],
              "5.000000 client  10.0.0.1:any > 10.0.0.2:53  DNS query 0x0000, A server.example?");
    ASSERT_EQ(net.answers().size(), 1u);
    EXPECT_EQ(net.answers()[0].attempts, 2u);
    EXPECT_EQ(net.answers()[0].outcome, Outcome::Found);
}

TEST(Dns, WithoutAnAnswerTheResolverGivesUp) {
    Named net;
    net.world.fabric().rules().add({.action = RuleAction::Drop, .min_payload = 1});
    net.ask("server.example");
    net.world.run_until(at_ms(9'999));
    EXPECT_TRUE(net.answers().empty());
    net.world.run_until(at_ms(10'000));
    ASSERT_EQ(net.answers().size(), 1u);
    EXPECT_EQ(net.answers()[0].outcome, Outcome::TimedOut);
}

std::vector<std::byte> query(std::string_view name, std::uint16_t type = wire::dns::kA) {
    wire::DnsMessage message;
    message.id = 7;
    message.flags = wire::dns::kRecursionDesired;
    message.questions.push_back({std::string{name}, type, 1});
    return message.emit().value();
}
std::string answer_to(const DnsServer& server, ByteSpan bytes) {
    const auto answer = server.answer(bytes);
    return answer ? wire::DnsMessage::parse(*answer).value().text() : "silence";
}

TEST(DnsServer, ComparesNamesWithoutCaseAndTellsNoAddressFromNoName) {
    const DnsServer server{zone()};
    EXPECT_EQ(answer_to(server, query("SERVER.Example")),
              "DNS response 0x0007, A SERVER.Example? A 10.0.0.2");
    EXPECT_EQ(answer_to(server, query("server.example", wire::dns::kAaaa)),
              "DNS response 0x0007, AAAA server.example?");
    EXPECT_EQ(answer_to(server, query("example")), "DNS response 0x0007, no such name, A example?");
}

TEST(DnsServer, AnAliasThatPointsToItselfEnds) {
    DnsZone loop;
    loop.add_alias("a", "b");
    loop.add_alias("b", "a");
    EXPECT_NE(answer_to(DnsServer{loop}, query("a")), "silence");
}

TEST(DnsServer, WhatDoesNotFitIsCutAndSaysSo) {
    DnsZone many;
    for (std::uint32_t i = 0; i < 100; ++i)
        many.add_address("many.example", IpAddress::v4(0x0a000000 + i));
    const auto bytes = DnsServer{many}.answer(query("many.example"));
    ASSERT_TRUE(bytes);
    EXPECT_LE(bytes->size(), 512u);
    const auto message = wire::DnsMessage::parse(*bytes);
    ASSERT_TRUE(message);
    EXPECT_NE(message->flags & wire::dns::kTruncated, 0);
    EXPECT_GT(message->answers.size(), 5u);
}

TEST(DnsServer, DoesNotAnswerAnswersAndComplainsOfNonsense) {
    const DnsServer server{zone()};
    auto response = query("server.example");
    response[2] |= std::byte{0x80};
    EXPECT_EQ(answer_to(server, response), "silence");
    EXPECT_EQ(answer_to(server, ByteSpan{query("server.example")}.first(11)), "silence");
    const auto whole = query("server.example");
    EXPECT_EQ(answer_to(server, ByteSpan{whole}.first(whole.size() - 1)),
              "DNS response 0x0007, format error");
    auto status = query("server.example");
    status[2] |= std::byte{0x10};
    EXPECT_EQ(answer_to(server, status), "DNS response 0x0007, not implemented, A server.example?");
}

TEST(DnsResolver, BelievesOnlyWhatAnswersItsQuestion) {
    DnsResolver resolver{{.servers = {ip("10.0.0.2"), ip("10.0.0.3")}}, Random{1, "test"}};
    static_cast<void>(resolver.ask(at_ms(0), "server.example"));
    ASSERT_EQ(resolver.output().size(), 1u);
    const auto answer = DnsServer{zone()}.answer(resolver.output()[0].bytes);
    ASSERT_TRUE(answer);
    auto other_id = *answer;
    other_id[0] ^= std::byte{1};
    const Endpoint server{ip("10.0.0.2"), 53};
    EXPECT_FALSE(resolver.arrives(at_ms(1), server, other_id));
    EXPECT_FALSE(resolver.arrives(at_ms(1), {ip("10.0.0.9"), 53}, *answer));
    EXPECT_FALSE(resolver.arrives(at_ms(1), {ip("10.0.0.2"), 54}, *answer));
    EXPECT_FALSE(resolver.arrives(at_ms(1), server, resolver.output()[0].bytes)) << "that is the question";
    EXPECT_TRUE(resolver.arrives(at_ms(1), server, *answer));
    EXPECT_EQ(resolver.next_deadline(), std::nullopt);
}

TEST(DnsResolver, AsksItsServersInTurn) {
    DnsResolver resolver{{.servers = {ip("10.0.0.2"), ip("10.0.0.3")}}, Random{1, "test"}};
    static_cast<void>(resolver.ask(at_ms(0), "server.example"));
    while (const auto next = resolver.next_deadline())
        resolver.advance(*next);
    std::vector<IpAddress> asked;
    for (const auto& sent : resolver.output())
        asked.push_back(sent.server.address);
    EXPECT_EQ(asked,
              (std::vector<IpAddress>{ip("10.0.0.2"), ip("10.0.0.3"), ip("10.0.0.2"), ip("10.0.0.3")}));
    ASSERT_EQ(resolver.answers().size(), 1u);
    EXPECT_EQ(resolver.answers()[0].outcome, Outcome::TimedOut);
    static_cast<void>(resolver.ask(at_ms(0), "a..b"));
    EXPECT_EQ(resolver.answers().back().outcome, Outcome::BadName);
}

}  // namespace
}  // namespace synscope::sim
