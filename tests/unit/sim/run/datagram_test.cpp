// Clients and servers of datagrams in virtual time.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kServer = "version: 1\nserver: {engine: udp, service: udp-upper}\n";

std::unique_ptr<Ran> run_client(std::string_view steps, std::string_view head = kServer,
                                std::string_view keys = "") {
    return run_yaml(concat(head, "clients: [{name: a, transport: udp, ", keys, "steps: [", steps, "]}]\n"),
                    Duration::seconds(20));
}

std::vector<std::string> notes(const MemoryRecording& record) {
    std::vector<std::string> all;
    for (const Event& event : record.all<Note>())
        all.push_back(record.text(std::get<Note>(event.body).text));
    return all;
}

/// Payload lengths of the datagrams that were sent, lost ones in brackets.
std::vector<std::string> datagrams(const MemoryRecording& record) {
    std::vector<bool> lost(record.packets.size(), false);
    for (const Event& event : record.all<PacketDropped>())
        lost[std::get<PacketDropped>(event.body).packet.value] = true;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < record.packets.size(); ++i) {
        const auto& bytes = record.packets[i].bytes;
        const auto udp =
            wire::find_udp(wire::LinkType::Ethernet, bytes, static_cast<std::uint32_t>(bytes.size()));
        if (udp) all.push_back(lost[i] ? concat('[', udp->payload_length, ']') : concat(udp->payload_length));
    }
    return all;
}

TEST(Datagrams, EachSendIsOneAndEachRecvTakesOne) {
    const auto ran = run_client(
        "connect, send: \"hello \", send: world, wait: 10ms, recv: 11 bytes, recv: 11 bytes, close");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(ran->record.calls("a"),
                ElementsAre("socket(2) = 3", "connect(0) = 0", "send(6) = 6", "send(5) = 5",
                            "recvfrom(11) = 6", "recvfrom(11) = 5", "close(0) = 0"));
    EXPECT_THAT(datagrams(ran->record), ElementsAre("6", "5", "6", "5"));
    EXPECT_THAT(
        ran->record.calls("udp engine"),
        ElementsAre("socket(2) = 3", "bind(0) = 0", "poll(1) = 1", "recvfrom(65536) = 6", "sendto(6) = 6",
                    "recvfrom(65536) = 5", "sendto(5) = 5", "recvfrom(65536) = EAGAIN"));
}

TEST(Datagrams, AShortBufferLosesTheRestAndSaysSo) {
    const auto ran =
        run_client("connect, send: hello, send: again!, wait: 10ms, recv: 3 bytes, recv: 3 bytes, close");
    EXPECT_THAT(ran->record.calls("a"),
                testing::AllOf(Contains("recvfrom(3) = 5"), Contains("recvfrom(3) = 6")));
    std::vector<std::uint64_t> copied;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& call = std::get<SyscallReturned>(event.body);
        if (call.call == Syscall::Recvfrom && ran->record.name_of(event.actor) == "a")
            copied.push_back(call.bytes.size());
    }
    EXPECT_THAT(copied, ElementsAre(3U, 3U));
    EXPECT_THAT(notes(ran->record), Contains(HasSubstr("recvfrom asked for 3, and the other 2 are lost")));
}

TEST(Datagrams, ARecvWithATimeoutGoesOnWithoutThem) {
    const auto ran = run_client("connect, send: hi, recv: {messages: 3, timeout: 100ms}, close");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(notes(ran->record),
                Contains("client 'a': the time is over after 1 of 3 datagrams: it goes on"));
    EXPECT_THAT(ran->record.calls("a"), Contains("poll(1) = 0"));
}

TEST(Datagrams, TheLinkLosesThemAndNobodySendsThemAgain) {
    const auto ran = run_client(
        "connect, send: one, send: three, recv: {bytes: 99, timeout: 1s}, recv: {bytes: 99, timeout: 1s}, "
        "close",
        "version: 1\nhosts: [client, server]\nserver: {engine: udp, service: udp-upper}\n"
        "rules: [{action: drop, from: client, min_payload: 4}]\n");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(datagrams(ran->record), ElementsAre("3", "[5]", "3"));
    EXPECT_THAT(notes(ran->record),
                Contains("client 'a': the time is over after 0 of 1 datagram: it goes on"));
}

TEST(Datagrams, OneMayOvertakeTheOther) {
    const auto ran = run_client(
        "connect, send: one, send: three, recv: 99 bytes, recv: 99 bytes, close",
        "version: 1\nhosts: [client, server]\nlink: {delay: 1ms}\nserver: {engine: udp, service: udp-upper}\n"
        "rules: [{action: delay, from: client, nth: 2, delay: 5ms}]\n");
    EXPECT_EQ(ran->error(), "no error");
    // The first packet asks for an address (ARP).
    EXPECT_THAT(ran->record.calls("a"), testing::IsSupersetOf({"recvfrom(99) = 5", "recvfrom(99) = 3"}));
    std::vector<std::string> received;
    for (const std::string& call : ran->record.calls("a"))
        if (call.starts_with("recvfrom")) received.push_back(call);
    EXPECT_THAT(received, ElementsAre("recvfrom(99) = 5", "recvfrom(99) = 3"));
}

TEST(Datagrams, WhereNobodyListensTheNextCallIsRefused) {
    const auto ran = run_client("connect: {host: server, port: 9}, send: x, wait: 10ms, send: y, close");
    EXPECT_EQ(ran->error(), "client 'a', step 4 (send): a datagram of 1 bytes: ECONNREFUSED");
    const auto reading = run_client("connect: {host: server, port: 9}, send: x, recv: 1 byte, close");
    EXPECT_EQ(reading->error(), "client 'a', step 3 (recv): ECONNREFUSED");
    const auto polling =
        run_client("connect: {host: server, port: 9}, send: x, recv: {bytes: 1, timeout: 1s}, close");
    EXPECT_EQ(polling->error(), "client 'a', step 3 (recv): ECONNREFUSED");
    const auto silent = run_client("connect: {host: server, port: 9}, send: x, wait: 10ms, close");
    EXPECT_EQ(silent->error(), "no error") << "who does not look is not told";
}

TEST(Datagrams, AConnectedSocketHearsItsPeerAlone) {
    const auto ran = run_yaml(R"(version: 1
hosts: [client, server]
server: {engine: udp, service: udp-upper}
clients:
  - {name: a, host: client, transport: udp, steps: [connect: {from_port: 5000}, recv: {bytes: 9, timeout: 1s}, close]}
  - {name: b, host: server, transport: udp, steps: [wait: 1ms, connect: {host: client, port: 5000}, send: x, wait: 10ms, send: y]}
)");
    EXPECT_EQ(ran->error(), "client 'b', step 5 (send): a datagram of 1 bytes: ECONNREFUSED");
    EXPECT_THAT(notes(ran->record),
                Contains("client 'a': the time is over after 0 of 1 datagram: it goes on"));
}

TEST(Datagrams, AFullReceiveBufferDropsWhatComes) {
    const auto ran = run_client(
        "connect, send: {data: x, repeat: 4000, chunk: 1k}, wait: 10ms, recv: {messages: 4, timeout: 1ms}, "
        "close",
        kServer, "options: {receive_buffer: 1152}, ");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(notes(ran->record),
                Contains("client 'a': the time is over after 2 of 4 datagrams: it goes on"));
}

TEST(Datagrams, ChatGoesToAllOthersAndEachMessageIsOne) {
    const auto ran = run_yaml(R"(version: 1
server: {engine: udp, service: udp-chat}
clients:
  - {name: a, transport: udp, steps: [connect, send: hi, recv: {messages: 4, timeout: 100ms}, close]}
  - {name: b, transport: udp, steps: [wait: 5ms, connect, send: one, send: two, send: /quit, close]}
)");
    EXPECT_EQ(ran->error(), "no error");
    std::size_t received = 0;
    for (const std::string& call : ran->record.calls("a"))
        received += call.starts_with("recvfrom") ? 1U : 0U;
    EXPECT_EQ(received, 4U) << "joined, nobody was here; then one, two: each its own";
}

TEST(Datagrams, ACrowdTalksThemToo) {
    const auto ran = run_client(
        "connect, send: hello, recv: {bytes: 9, timeout: 1s}, recv: {bytes: 9, timeout: 10ms}, close",
        kServer, "count: 5, ");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_EQ(datagrams(ran->record).size(), 10U);
    EXPECT_THAT(notes(ran->record),
                Contains("client 'a' 5 of 5: the time is over after 0 of 1 datagram: it goes on"));
}

TEST(Datagrams, AnEmptyOneIsOneToo) {
    const auto ran = run_client("connect, send: \"\", send: x, recv: 9 bytes, close");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(datagrams(ran->record), ElementsAre("0", "1", "1"));
}

TEST(Datagrams, ConnectionsAndDatagramsLiveOnOneHostAndPort) {
    const auto ran = run_yaml(R"(version: 1
hosts: [client, server]
servers:
  - {host: server, port: 7, service: upper, engine: epoll-et}
  - {host: server, port: 7, service: udp-upper, engine: udp}
clients:
  - {name: stream, steps: [connect, send: x, recv: 1 byte, close]}
  - {name: parcels, transport: udp, steps: [connect, send: x, recv: 1 byte, close]}
)");
    EXPECT_EQ(ran->error(), "no error");
    EXPECT_THAT(ran->record.calls("stream"), Contains("recv(1) = 1"));
    EXPECT_THAT(ran->record.calls("parcels"), Contains("recvfrom(1) = 1"));
}

TEST(Datagrams, TheirSendIsWhatCausesThePacket) {
    const auto ran = run_client("connect, send: hello, close");
    for (const Event& event : ran->record.all<PacketSent>()) {
        const auto& bytes = ran->record.packets[std::get<PacketSent>(event.body).packet.value].bytes;
        if (!wire::find_udp(wire::LinkType::Ethernet, bytes, static_cast<std::uint32_t>(bytes.size())))
            continue;
        if (ran->record.name_of(event.actor) != "client") continue;
        ASSERT_TRUE(event.cause);
    }
}

TEST(Datagrams, SilencePartsAPeerFromTheServerAndTheRunEnds) {
    const auto ran = run_yaml(R"(version: 1
server: {engine: udp, service: udp-chat}
clients:
  - {name: a, transport: udp, steps: [connect, send: hi, wait: 50s, send: here, wait: 20s, recv: {messages: 4, timeout: 1s}, close]}
  - {name: b, transport: udp, steps: [wait: 1s, connect, send: bye, close]}
)");
    EXPECT_EQ(ran->error(), "no error");
    const auto bytes_of = [&](std::size_t i) {
        std::string text;
        for (const std::byte b : ran->record.packets[i].bytes)
            text.push_back(static_cast<char>(b));
        return text;
    };
    std::size_t fell_silent = 0;
    for (std::size_t i = 0; i < ran->record.packets.size(); ++i)
        fell_silent += bytes_of(i).find("fell silent") != std::string::npos ? 1U : 0U;
    EXPECT_EQ(fell_silent, 1U);
}

TEST(Datagrams, WhatDoesNotFitTogetherIsRefused) {
    const auto refused = [](std::string_view rest) {
        const auto scenario = scenario::load_text(concat("version: 1\n", rest), "t.yaml", {});
        if (!scenario) return scenario::error_line(scenario.error());
        SimulationOptions options;
        options.scenario = *scenario;
        MemoryRecording record;
        const auto made = Simulation::make(std::move(options), record);
        return made ? "no error" : scenario::error_line(made.error());
    };
    EXPECT_THAT(refused("clients: [{name: a, transport: udp, steps: [connect]}]\n"),
                HasSubstr("scenario line 2, column 45: client 'a' talks UDP, and no server takes datagrams"));
    EXPECT_THAT(
        refused("server: {engine: udp, service: udp-upper}\nclients: [{name: a, steps: [connect]}]\n"),
        HasSubstr("scenario line 3, column 29: client 'a' talks TCP, and no server takes connections"));
    EXPECT_THAT(refused("server: {service: udp-upper}\nclients: [{name: a, steps: [connect]}]\n"),
                HasSubstr("engine 'blocking' serves connections, service 'udp-upper' answers datagrams"));
    EXPECT_THAT(refused("server: {engine: udp}\nclients: [{name: a, transport: udp, steps: [connect]}]\n"),
                HasSubstr("engine 'udp' serves datagrams, service 'upper' answers streams"));
    EXPECT_THAT(refused("clients: [{name: a, transport: udp, steps: [connect, shutdown: write]}]\n"),
                HasSubstr("UDP has no shutdown"));
    EXPECT_EQ(refused("clients: [{name: a, transport: udp, steps: [connect: {host: server, port: 9}]}]\n"),
              "no error");
}

}  // namespace
}  // namespace synscope::sim
